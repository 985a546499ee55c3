#include "wire/session_msg.h"

#include <criterion/criterion.h>
#include <msgpack/pack.h>
#include <msgpack/sbuffer.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/batch.h"

static struct hello sample_hello(uint32_t epochs) {
    struct hello h = {
        .nonce = UINT64_MAX,
        .generation = 3,
        .store = UINT64_C(0x8000000000000001),
        .n = 4000000000u,
        .readings_total = 70000,
        .backlog_bytes = 1,
        .input_refused = 300,
        .input_ahead = 2,
        .epoch_n = epochs,
    };
    cr_assert(ident_set(&h.agent, span_str("press-hall")));
    for (uint32_t i = 0; i < epochs; i++) {
        h.epoch[i] = (struct hello_epoch){
            .epoch = 1000 + i,
            .prev_epoch = i ? 999 + i : 0,
            .prev_last = i ? 10 * i : 0,
            .base = 1 + i,
            .next = 1 + 10 * i + (i ? 0 : 4),
            .open = i + 1 == epochs,
        };
    }
    return h;
}

static struct ack sample_ack(uint32_t epochs) {
    struct ack a = {9, 8, 7, 6, 1 << 20, epochs, {{0}}};
    for (uint32_t i = 0; i < epochs; i++) {
        a.epoch[i] = (struct ack_epoch){i + 1, 100 * i, 100 * i + 1 + i};
    }
    return a;
}

static bool hello_equal(const struct hello *a, const struct hello *b) {
    bool same = ident_equal(&a->agent, &b->agent) && a->nonce == b->nonce &&
                a->generation == b->generation && a->store == b->store && a->n == b->n &&
                a->readings_total == b->readings_total && a->backlog_bytes == b->backlog_bytes &&
                a->input_refused == b->input_refused && a->input_ahead == b->input_ahead &&
                a->epoch_n == b->epoch_n;
    for (uint32_t i = 0; same && i < a->epoch_n; i++) {
        const struct hello_epoch *x = &a->epoch[i], *y = &b->epoch[i];
        same = x->epoch == y->epoch && x->prev_epoch == y->prev_epoch &&
               x->prev_last == y->prev_last && x->base == y->base && x->next == y->next &&
               x->open == y->open;
    }
    return same;
}

Test(session_msg, hello_comes_back_with_no_and_with_64_epochs) {
    for (uint32_t n = 0; n <= SESSION_EPOCHS_MAX; n += 16) {
        struct hello h = sample_hello(n), back;
        struct buf b;
        buf_init(&b);
        cr_assert_eq(hello_format(&h, &b), ERR_OK);
        cr_assert_eq(hello_parse(buf_span(&b), &back), ERR_OK);
        cr_assert(hello_equal(&h, &back));
        buf_fini(&b);
    }
}

/* Cuts a key and its one-byte value out of a map, and out of its count: 0x80 | 10. */
static void cut(struct buf *b, const char *key, size_t n) {
    uint8_t *at = memmem(b->p, b->n, key, n);
    cr_assert_not_null(at);
    b->n -= n + 1;
    memmove(at, at + n + 1, b->n - (size_t)(at - b->p));
    b->p[0]--;
}

/* An agent of before these counts were told. */
Test(session_msg, a_hello_without_counts_of_its_input_is_read) {
    struct hello h = sample_hello(2), back;
    struct buf b;
    h.input_refused = h.input_ahead = 0;
    buf_init(&b);
    cr_assert_eq(hello_format(&h, &b), ERR_OK);
    cr_assert_eq(b.p[0], 0x8a);
    cut(&b, "\xa7refused", 8);
    cut(&b,
        "\xa5"
        "ahead",
        6);
    cr_assert_eq(hello_parse(buf_span(&b), &back), ERR_OK);
    cr_assert(hello_equal(&h, &back));
    buf_fini(&b);
}

Test(session_msg, ack_comes_back) {
    struct ack a = sample_ack(SESSION_EPOCHS_MAX), back;
    struct buf b;
    buf_init(&b);
    cr_assert_eq(ack_format(&a, &b), ERR_OK);
    cr_assert_eq(ack_parse(buf_span(&b), &back), ERR_OK);
    cr_assert(back.nonce == 9 && back.store == 8 && back.generation == 7 && back.n == 6);
    cr_assert(back.credit_bytes == 1 << 20 && back.epoch_n == SESSION_EPOCHS_MAX);
    for (uint32_t i = 0; i < back.epoch_n; i++) {
        cr_assert_eq(back.epoch[i].epoch, a.epoch[i].epoch);
        cr_assert_eq(back.epoch[i].durable, a.epoch[i].durable);
        cr_assert_eq(back.epoch[i].want, a.epoch[i].want);
    }
    buf_fini(&b);
}

/* Map of 3; "kind": "probe", "id": 200, "t": -1: worked by hand from the specification. */
Test(session_msg, command_has_the_bytes_of_its_layout) {
    static const uint8_t expected[] = {0x83, 0xa4, 'k',  'i', 'n', 'd',  0xa5, 'p',  'r', 'o',
                                       'b',  'e',  0xa2, 'i', 'd', 0xcc, 0xc8, 0xa1, 't', 0xff};
    struct command c = {COMMAND_PROBE, 200, -1}, back;
    struct buf b;
    buf_init(&b);
    cr_assert_eq(command_format(&c, &b), ERR_OK);
    cr_assert_eq(b.n, sizeof expected);
    cr_assert_arr_eq(b.p, expected, sizeof expected);
    cr_assert_eq(command_parse(buf_span(&b), &back), ERR_OK);
    cr_assert(back.kind == COMMAND_PROBE && back.id == 200 && back.t_ms == -1);
    buf_fini(&b);
}

Test(session_msg, hellos_that_contradict_themselves_are_refused_both_ways) {
    struct hello bad[8];
    for (int i = 0; i < 8; i++) {
        bad[i] = sample_hello(3);
    }
    bad[0].epoch[2].epoch = bad[0].epoch[0].epoch;
    bad[1].epoch[1].base = bad[1].epoch[1].next + 1;
    bad[2].epoch[0].base = 0;
    bad[3].epoch[0].epoch = 0;
    bad[4].epoch[1].prev_epoch = bad[4].epoch[1].epoch;
    bad[5].epoch[0].prev_last = 1;
    bad[6].epoch[2].next = BATCH_SEQ_MAX + 1;
    bad[7].store = 0;
    for (int i = 0; i < 8; i++) {
        struct buf b;
        buf_init(&b);
        cr_assert_eq(hello_format(&bad[i], &b), ERR_FORMAT, "row %d", i);
        cr_assert_eq(b.n, 0);
        buf_fini(&b);
    }
    struct hello many = sample_hello(SESSION_EPOCHS_MAX);
    many.epoch_n = SESSION_EPOCHS_MAX + 1;
    struct buf b;
    buf_init(&b);
    cr_assert_eq(hello_format(&many, &b), ERR_FORMAT);
    buf_fini(&b);
}

Test(session_msg, ack_may_hold_an_epoch_back_with_want_0) {
    struct ack a = sample_ack(2), back;
    a.epoch[1].want = 0;
    struct buf b;
    buf_init(&b);
    cr_assert_eq(ack_format(&a, &b), ERR_OK);
    cr_assert_eq(ack_parse(buf_span(&b), &back), ERR_OK);
    cr_assert(back.epoch[1].want == 0 && back.epoch[1].durable == 100);
    buf_fini(&b);
}

Test(session_msg, ack_that_wants_what_is_durable_is_refused) {
    struct ack a = sample_ack(2);
    a.epoch[1].want = a.epoch[1].durable;
    struct buf b;
    buf_init(&b);
    cr_assert_eq(ack_format(&a, &b), ERR_FORMAT);
    a = sample_ack(2);
    a.epoch[1].epoch = a.epoch[0].epoch;
    cr_assert_eq(ack_format(&a, &b), ERR_FORMAT);
    cr_assert_eq(b.n, 0);
    buf_fini(&b);
}

static void pack_str(msgpack_packer *k, const char *s) {
    msgpack_pack_str(k, strlen(s));
    msgpack_pack_str_body(k, s, strlen(s));
}

/* An ack as a foreign encoder may write it: other order, other widths, unknown keys; the epochs are
 * given as base values so that a row can break one rule. */
struct foreign {
    uint32_t epochs;
    uint64_t epoch_step; /* 0: all epochs alike */
    uint64_t want;
    bool unknown, twice, text_for_number, no_credit;
};

static void pack_foreign(msgpack_sbuffer *sb, const struct foreign *f) {
    msgpack_packer k;
    msgpack_packer_init(&k, sb, msgpack_sbuffer_write);
    msgpack_pack_map(&k, 5u + !f->no_credit + f->unknown + f->twice);
    pack_str(&k, "epochs");
    msgpack_pack_array(&k, f->epochs);
    for (uint32_t i = 0; i < f->epochs; i++) {
        msgpack_pack_map(&k, 3);
        pack_str(&k, "want");
        msgpack_pack_fix_int64(&k, (int64_t)f->want); /* 0xd3, not the shortest */
        pack_str(&k, "durable");
        msgpack_pack_fix_uint32(&k, 3);
        pack_str(&k, "epoch");
        msgpack_pack_fix_uint64(&k, 1 + f->epoch_step * i);
    }
    if (f->unknown) {
        pack_str(&k, "later");
        msgpack_pack_map(&k, 1);
        msgpack_pack_nil(&k);
        msgpack_pack_array(&k, 1);
        msgpack_pack_double(&k, 1.5);
    }
    for (int i = 0; i < (f->no_credit ? 0 : 1); i++) {
        pack_str(&k, "credit");
        msgpack_pack_fix_uint16(&k, 10);
    }
    for (int i = 0; i < (f->twice ? 2 : 1); i++) {
        pack_str(&k, "n");
        msgpack_pack_fix_uint8(&k, 4);
    }
    pack_str(&k, "gen");
    if (f->text_for_number) {
        pack_str(&k, "3");
    } else {
        msgpack_pack_fix_int8(&k, 3);
    }
    pack_str(&k, "store");
    msgpack_pack_uint8(&k, 2);
    pack_str(&k, "nonce");
    msgpack_pack_uint8(&k, 1);
}

static enum err parse_foreign(const struct foreign *f, struct ack *out) {
    msgpack_sbuffer sb;
    msgpack_sbuffer_init(&sb);
    pack_foreign(&sb, f);
    enum err e = ack_parse(span_of(sb.data, sb.size), out);
    msgpack_sbuffer_destroy(&sb);
    return e;
}

Test(session_msg, foreign_ack_with_other_widths_and_unknown_keys_is_read) {
    struct ack a;
    struct foreign f = {.epochs = SESSION_EPOCHS_MAX, .epoch_step = 1, .want = 4, .unknown = true};
    cr_assert_eq(parse_foreign(&f, &a), ERR_OK);
    cr_assert(a.nonce == 1 && a.store == 2 && a.generation == 3 && a.n == 4);
    cr_assert(a.credit_bytes == 10 && a.epoch_n == SESSION_EPOCHS_MAX);
    cr_assert(a.epoch[SESSION_EPOCHS_MAX - 1].epoch == SESSION_EPOCHS_MAX &&
              a.epoch[SESSION_EPOCHS_MAX - 1].durable == 3 &&
              a.epoch[SESSION_EPOCHS_MAX - 1].want == 4);
}

Test(session_msg, foreign_ack_that_breaks_a_rule_is_refused_and_out_untouched) {
    static const struct foreign bad[] = {
        {.epochs = SESSION_EPOCHS_MAX + 1, .epoch_step = 1, .want = 4},
        {.epochs = 2, .epoch_step = 0, .want = 4}, /* an epoch twice */
        {.epochs = 1, .want = 3},                  /* want <= durable */
        {.epochs = 1, .want = UINT64_MAX},         /* packed as int64: -1 */
        {.epochs = 1, .want = 4, .twice = true},
        {.epochs = 1, .want = 4, .text_for_number = true},
        {.epochs = 1, .want = 4, .no_credit = true},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ack a = {.n = 77};
        cr_assert_eq(parse_foreign(&bad[i], &a), ERR_FORMAT, "row %zu", i);
        cr_assert_eq(a.n, 77);
    }
}

/* Bytes in memory of exactly their size; counts what the three parsers accept. */
static unsigned accepted(const uint8_t *p, size_t n) {
    uint8_t *copy = malloc(n ? n : 1);
    cr_assert_not_null(copy);
    memcpy(copy, p, n);
    struct hello h;
    struct ack a;
    struct command c;
    unsigned yes = hello_parse(span_of(copy, n), &h) == ERR_OK;
    yes += ack_parse(span_of(copy, n), &a) == ERR_OK;
    yes += command_parse(span_of(copy, n), &c) == ERR_OK;
    free(copy);
    return yes;
}

static void every_message(struct buf b[3]) {
    struct hello h = sample_hello(2);
    struct ack a = sample_ack(2);
    struct command c = {COMMAND_RELOAD, 5, 1795476000000};
    for (int i = 0; i < 3; i++) {
        buf_init(&b[i]);
    }
    cr_assert_eq(hello_format(&h, &b[0]), ERR_OK);
    cr_assert_eq(ack_format(&a, &b[1]), ERR_OK);
    cr_assert_eq(command_format(&c, &b[2]), ERR_OK);
}

Test(session_msg, every_truncation_and_a_trailing_byte_are_refused) {
    struct buf b[3];
    every_message(b);
    for (int m = 0; m < 3; m++) {
        for (size_t n = 0; n < b[m].n; n++) {
            cr_assert_eq(accepted(b[m].p, n), 0, "message %d cut at %zu", m, n);
        }
        cr_assert_eq(accepted(b[m].p, b[m].n), 1);
        cr_assert_eq(buf_add_byte(&b[m], 0), ERR_OK);
        cr_assert_eq(accepted(b[m].p, b[m].n), 0);
        buf_fini(&b[m]);
    }
}

Test(session_msg, every_flipped_byte_is_legal_or_refused) {
    struct buf b[3];
    unsigned refused = 0;
    every_message(b);
    for (int m = 0; m < 3; m++) {
        for (size_t i = 0; i < b[m].n; i++) {
            uint8_t kept = b[m].p[i];
            for (unsigned v = 0; v < 256; v++) {
                b[m].p[i] = (uint8_t)v;
                refused += accepted(b[m].p, b[m].n) == 0;
            }
            b[m].p[i] = kept;
        }
        buf_fini(&b[m]);
    }
    cr_assert_gt(refused, 1000);
}

static struct report sample_report(uint32_t sources) {
    struct report r = {.nonce = 9,
                       .n = 3,
                       .from = 32,
                       .total = 32 + sources,
                       .since_ms = 1790000000000,
                       .reloads = 2,
                       .refused = 1,
                       .wrong = "agent.yaml:3:5: expected a number",
                       .source_n = sources};
    for (uint32_t i = 0; i < sources; i++) {
        struct report_source *s = &r.source[i];
        *s = (struct report_source){.kind = "modbus",
                                    .phase = REPORT_OPEN,
                                    .well = true,
                                    .state = "connected",
                                    .points = 40,
                                    .readings = UINT64_MAX,
                                    .stamped = 5,
                                    .devices = 3,
                                    .devices_silent = 1,
                                    .refused = 12,
                                    .why = {2, {{"silent", 7}, {"exception", 4}}}};
        (void)snprintf(s->id.s, sizeof s->id.s, "bus-%u", i);
        (void)snprintf(s->detail, sizeof s->detail, "%0*u", REPORT_DETAIL_MAX, i);
    }
    return r;
}

/* Full ones fit into a message. */
Test(session_msg, a_report_comes_back_with_no_and_with_all_its_sources) {
    for (uint32_t n = 0; n <= REPORT_SOURCES_MAX; n += REPORT_SOURCES_MAX) {
        struct report r = sample_report(n), back;
        struct buf b, again;
        buf_init(&b);
        buf_init(&again);
        cr_assert_eq(report_format(&r, &b), ERR_OK);
        cr_assert_eq(report_parse(buf_span(&b), &back), ERR_OK);
        cr_expect_eq(back.total, 32 + n);
        cr_expect_str_eq(back.wrong, r.wrong);
        cr_assert_eq(back.source_n, n);
        for (uint32_t i = 0; i < n; i++) {
            cr_expect_str_eq(back.source[i].id.s, r.source[i].id.s);
            cr_expect_str_eq(back.source[i].detail, r.source[i].detail);
            cr_expect_eq(back.source[i].why.n, 2);
            cr_expect_str_eq(back.source[i].why.at[1].text, "exception");
            cr_expect_eq(back.source[i].why.at[1].n, 4);
            cr_expect_eq(back.source[i].phase, REPORT_OPEN);
        }
        cr_assert_eq(report_format(&back, &again), ERR_OK);
        cr_expect(span_equal(buf_span(&b), buf_span(&again)));
        buf_fini(&b);
        buf_fini(&again);
    }
}

Test(session_msg, a_report_that_cannot_be_is_not_written) {
    struct report r;
    struct buf b;
    buf_init(&b);
    r = sample_report(2);
    r.source[1].id = r.source[0].id;
    cr_expect_eq(report_format(&r, &b), ERR_FORMAT, "one id twice");
    r = sample_report(2);
    r.total = 33;
    cr_expect_eq(report_format(&r, &b), ERR_FORMAT, "more sources than there are");
    r = sample_report(2);
    (void)snprintf(r.source[0].detail, sizeof r.source[0].detail, "a\nb");
    cr_expect_eq(report_format(&r, &b), ERR_FORMAT, "a text that would move the cursor");
    r = sample_report(2);
    r.source[0].why.at[1] = r.source[0].why.at[0];
    cr_expect_eq(report_format(&r, &b), ERR_FORMAT, "one reason twice");
    r = sample_report(2);
    r.source[0].phase = REPORT_PHASE_COUNT;
    cr_expect_eq(report_format(&r, &b), ERR_FORMAT, "a phase that there is not");
    cr_expect_eq(b.n, 0);
    buf_fini(&b);
}

/* Any byte of it changed: read as something legal, or refused; never half. */
Test(session_msg, a_damaged_report_is_read_whole_or_refused) {
    struct report r = sample_report(2), back;
    struct buf b;
    unsigned refused = 0;
    buf_init(&b);
    cr_assert_eq(report_format(&r, &b), ERR_OK);
    for (size_t i = 0; i < b.n; i++) {
        memset(&back, 0xee, sizeof back);
        b.p[i] ^= 0x80;
        if (report_parse(buf_span(&b), &back)) {
            refused++;
            cr_assert_eq(back.nonce, UINT64_C(0xeeeeeeeeeeeeeeee), "byte %zu", i);
        } else {
            cr_assert_leq(back.source_n, REPORT_SOURCES_MAX);
        }
        b.p[i] ^= 0x80;
    }
    cr_expect_gt(refused, b.n / 2);
    cr_expect_eq(report_parse(span_of(b.p, b.n - 1), &back), ERR_FORMAT);
    buf_fini(&b);
}
