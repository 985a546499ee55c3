#include "wire/session_shape.h"

#include "wire/batch.h"

#define ANY 0, UINT64_MAX, false
#define MAY 0, UINT64_MAX, true /* came later: may be missing */
#define COUNT(array_) (sizeof(array_) / sizeof(array_)[0])

static const struct field hello_field[] = {
    {"agent", FIELD_IDENT, offsetof(struct hello, agent), ANY},
    {"nonce", FIELD_U64, offsetof(struct hello, nonce), ANY},
    {"gen", FIELD_U64, offsetof(struct hello, generation), ANY},
    {"store", FIELD_U64, offsetof(struct hello, store), ANY},
    {"n", FIELD_U32, offsetof(struct hello, n), ANY},
    {"readings", FIELD_U64, offsetof(struct hello, readings_total), ANY},
    {"backlog", FIELD_U64, offsetof(struct hello, backlog_bytes), ANY},
    {"refused", FIELD_U64, offsetof(struct hello, input_refused), MAY},
    {"ahead", FIELD_U64, offsetof(struct hello, input_ahead), MAY},
};

static const struct field hello_epoch_field[] = {
    {"epoch", FIELD_U64, offsetof(struct hello_epoch, epoch), 1, UINT64_MAX, false},
    {"prev", FIELD_U64, offsetof(struct hello_epoch, prev_epoch), ANY},
    {"plast", FIELD_U64, offsetof(struct hello_epoch, prev_last), 0, BATCH_SEQ_MAX, false},
    {"base", FIELD_U64, offsetof(struct hello_epoch, base), 1, BATCH_SEQ_MAX, false},
    {"next", FIELD_U64, offsetof(struct hello_epoch, next), 1, BATCH_SEQ_MAX, false},
    {"open", FIELD_BOOL, offsetof(struct hello_epoch, open), ANY},
};

static const struct field ack_field[] = {
    {"nonce", FIELD_U64, offsetof(struct ack, nonce), ANY},
    {"store", FIELD_U64, offsetof(struct ack, store), ANY},
    {"gen", FIELD_U64, offsetof(struct ack, generation), ANY},
    {"n", FIELD_U64, offsetof(struct ack, n), ANY},
    {"credit", FIELD_U64, offsetof(struct ack, credit_bytes), ANY},
};

static const struct field ack_epoch_field[] = {
    {"epoch", FIELD_U64, offsetof(struct ack_epoch, epoch), 1, UINT64_MAX, false},
    {"durable", FIELD_U64, offsetof(struct ack_epoch, durable), 0, BATCH_SEQ_MAX, false},
    {"want", FIELD_U64, offsetof(struct ack_epoch, want), 0, BATCH_SEQ_MAX, false},
};

static const struct field command_field[] = {
    {"kind", FIELD_COMMAND, offsetof(struct command, kind), ANY},
    {"id", FIELD_U64, offsetof(struct command, id), ANY},
    {"t", FIELD_TIME, offsetof(struct command, t_ms), ANY},
};

const char *const session_command_word[COMMAND_KIND_COUNT] = {
    [COMMAND_PROBE] = "probe",
    [COMMAND_RELOAD] = "reload",
};

/* --- what must hold between fields; single limits stand in the tables --- */

static bool hello_check(const void *message) {
    const struct hello *h = message;
    for (uint32_t i = 0; i < h->epoch_n; i++) {
        const struct hello_epoch *e = &h->epoch[i];
        bool prev = e->prev_epoch != 0 ? e->prev_epoch != e->epoch : e->prev_last == 0;
        if (!prev || e->base > e->next) {
            return false;
        }
        for (uint32_t k = 0; k < i; k++) {
            if (h->epoch[k].epoch == e->epoch) {
                return false;
            }
        }
    }
    return h->store != 0 || h->generation == 0;
}

static bool ack_check(const void *message) {
    const struct ack *a = message;
    for (uint32_t i = 0; i < a->epoch_n; i++) {
        if (a->epoch[i].want != 0 && a->epoch[i].want <= a->epoch[i].durable) {
            return false;
        }
        for (uint32_t k = 0; k < i; k++) {
            if (a->epoch[k].epoch == a->epoch[i].epoch) {
                return false;
            }
        }
    }
    return true;
}

static bool command_check(const void *message) {
    (void)message;
    return true;
}

const struct shape session_hello_shape = {
    .field = hello_field,
    .field_n = COUNT(hello_field),
    .epoch_field = hello_epoch_field,
    .epoch_field_n = COUNT(hello_epoch_field),
    .epochs_at = offsetof(struct hello, epoch),
    .epoch_n_at = offsetof(struct hello, epoch_n),
    .epoch_size = sizeof(struct hello_epoch),
    .check = hello_check,
};

const struct shape session_ack_shape = {
    .field = ack_field,
    .field_n = COUNT(ack_field),
    .epoch_field = ack_epoch_field,
    .epoch_field_n = COUNT(ack_epoch_field),
    .epochs_at = offsetof(struct ack, epoch),
    .epoch_n_at = offsetof(struct ack, epoch_n),
    .epoch_size = sizeof(struct ack_epoch),
    .check = ack_check,
};

const struct shape session_command_shape = {
    .field = command_field,
    .field_n = COUNT(command_field),
    .check = command_check,
};
