#include "wire/session_shape.h"

#include "wire/batch.h"

#define ANY 0, UINT64_MAX, false, NULL
#define MAY 0, UINT64_MAX, true, NULL /* came later: may be missing */
#define WITHIN(min_, max_) min_, max_, false, NULL
#define TEXT(max_) 0, max_, false, NULL
#define WORDS(words_) 0, COUNT(words_), false, words_
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
    {"epoch", FIELD_U64, offsetof(struct hello_epoch, epoch), WITHIN(1, UINT64_MAX)},
    {"prev", FIELD_U64, offsetof(struct hello_epoch, prev_epoch), ANY},
    {"plast", FIELD_U64, offsetof(struct hello_epoch, prev_last), WITHIN(0, BATCH_SEQ_MAX)},
    {"base", FIELD_U64, offsetof(struct hello_epoch, base), WITHIN(1, BATCH_SEQ_MAX)},
    {"next", FIELD_U64, offsetof(struct hello_epoch, next), WITHIN(1, BATCH_SEQ_MAX)},
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
    {"epoch", FIELD_U64, offsetof(struct ack_epoch, epoch), WITHIN(1, UINT64_MAX)},
    {"durable", FIELD_U64, offsetof(struct ack_epoch, durable), WITHIN(0, BATCH_SEQ_MAX)},
    {"want", FIELD_U64, offsetof(struct ack_epoch, want), WITHIN(0, BATCH_SEQ_MAX)},
};

static const char *const command_word[COMMAND_KIND_COUNT] = {
    [COMMAND_PROBE] = "probe",
    [COMMAND_RELOAD] = "reload",
};

static const struct field command_field[] = {
    {"kind", FIELD_WORD, offsetof(struct command, kind), WORDS(command_word)},
    {"id", FIELD_U64, offsetof(struct command, id), ANY},
    {"t", FIELD_TIME, offsetof(struct command, t_ms), ANY},
};

static const struct field report_field[] = {
    {"nonce", FIELD_U64, offsetof(struct report, nonce), ANY},
    {"n", FIELD_U32, offsetof(struct report, n), ANY},
    {"from", FIELD_U32, offsetof(struct report, from), ANY},
    {"total", FIELD_U32, offsetof(struct report, total), ANY},
    {"since", FIELD_TIME, offsetof(struct report, since_ms), ANY},
    {"reloads", FIELD_U64, offsetof(struct report, reloads), ANY},
    {"refused", FIELD_U64, offsetof(struct report, refused), ANY},
    {"wrong", FIELD_TEXT, offsetof(struct report, wrong), TEXT(REPORT_DETAIL_MAX)},
};

static const char *const phase_word[REPORT_PHASE_COUNT] = {
    [REPORT_WAITING] = "waiting",
    [REPORT_OPEN] = "open",
    [REPORT_OVER] = "over",
};

#define REPORTED(member_) offsetof(struct report_source, member_)
static const struct field report_source_field[] = {
    {"id", FIELD_IDENT, REPORTED(id), ANY},
    {"kind", FIELD_TEXT, REPORTED(kind), TEXT(REPORT_WORD_MAX)},
    {"phase", FIELD_WORD, REPORTED(phase), WORDS(phase_word)},
    {"well", FIELD_BOOL, REPORTED(well), ANY},
    {"state", FIELD_TEXT, REPORTED(state), TEXT(REPORT_WORD_MAX)},
    {"detail", FIELD_TEXT, REPORTED(detail), TEXT(REPORT_DETAIL_MAX)},
    {"points", FIELD_U64, REPORTED(points), ANY},
    {"readings", FIELD_U64, REPORTED(readings), ANY},
    {"stamped", FIELD_U64, REPORTED(stamped), ANY},
    {"polls", FIELD_U64, REPORTED(polls), ANY},
    {"fails", FIELD_U64, REPORTED(failures), ANY},
    {"asked", FIELD_U64, REPORTED(requests), ANY},
    {"errors", FIELD_U64, REPORTED(errors), ANY},
    {"again", FIELD_U64, REPORTED(reconnects), ANY},
    {"devs", FIELD_U64, REPORTED(devices), ANY},
    {"silent", FIELD_U64, REPORTED(devices_silent), ANY},
    {"refused", FIELD_U64, REPORTED(refused), ANY},
    {"why", FIELD_REASONS, REPORTED(why), ANY},
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

static bool report_check(const void *message) {
    const struct report *r = message;
    for (uint32_t i = 0; i < r->source_n; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (ident_equal(&r->source[i].id, &r->source[k].id)) {
                return false;
            }
        }
    }
    return r->total <= POINT_SOURCE_MAX && r->from <= r->total && r->source_n <= r->total - r->from;
}

const struct shape session_hello_shape = {
    .field = hello_field,
    .field_n = COUNT(hello_field),
    .item_field = hello_epoch_field,
    .item_field_n = COUNT(hello_epoch_field),
    .item_key = "epochs",
    .item_max = SESSION_EPOCHS_MAX,
    .items_at = offsetof(struct hello, epoch),
    .item_n_at = offsetof(struct hello, epoch_n),
    .item_size = sizeof(struct hello_epoch),
    .check = hello_check,
};

const struct shape session_ack_shape = {
    .field = ack_field,
    .field_n = COUNT(ack_field),
    .item_field = ack_epoch_field,
    .item_field_n = COUNT(ack_epoch_field),
    .item_key = "epochs",
    .item_max = SESSION_EPOCHS_MAX,
    .items_at = offsetof(struct ack, epoch),
    .item_n_at = offsetof(struct ack, epoch_n),
    .item_size = sizeof(struct ack_epoch),
    .check = ack_check,
};

const struct shape session_command_shape = {
    .field = command_field,
    .field_n = COUNT(command_field),
    .check = command_check,
};

const struct shape session_report_shape = {
    .field = report_field,
    .field_n = COUNT(report_field),
    .item_field = report_source_field,
    .item_field_n = COUNT(report_source_field),
    .item_key = "sources",
    .item_max = REPORT_SOURCES_MAX,
    .items_at = offsetof(struct report, source),
    .item_n_at = offsetof(struct report, source_n),
    .item_size = sizeof(struct report_source),
    .check = report_check,
};
