#include "replay/stream.h"

#include <criterion/criterion.h>

#include "wire/session_msg.h"

/* What was handed over, in order: 'h' hello, 'k' key frame, 'd' data. */
struct sent {
    char kinds[32];
    size_t n;
    uint64_t seq;
    struct buf last;
    struct batch batch;
};

static enum err deliver(void *user, const char *topic, struct span bytes) {
    struct sent *s = user;
    enum batch_fault fault;
    size_t end = strlen(topic);
    cr_assert_lt(s->n, sizeof s->kinds - 1);
    if (topic[end - 1] == 'h') {
        s->kinds[s->n++] = 'h';
        return ERR_OK;
    }
    buf_reset(&s->last);
    cr_assert_not(buf_add(&s->last, bytes.p, bytes.n));
    cr_assert_not(batch_parse(buf_span(&s->last), &s->batch, &fault));
    cr_expect_eq(s->batch.head.seq, ++s->seq);
    s->kinds[s->n++] = s->batch.head.kind == BATCH_KEY ? 'k' : 'd';
    return ERR_OK;
}

static struct stream s;
static struct sent sent;

static void begin(void) {
    struct ident agent;
    cr_assert(ident_set(&agent, span_str("gw")));
    sent = (struct sent){0};
    buf_init(&sent.last);
    stream_init(&s, &agent, 7, deliver, &sent);
}

static void finish(void) {
    stream_fini(&s);
    buf_fini(&sent.last);
}

static uint16_t add(const char *name) {
    struct point p = {.type = POINT_STATE, .sampling = POINT_HELD, .num = 1, .den = 1};
    uint16_t id = 0;
    memcpy(p.name, name, strlen(name) + 1);
    cr_assert_not(stream_add_point(&s, 0, &p, &id));
    return id;
}

static enum err read_at(uint16_t point, int64_t t_ms) {
    const struct reading r = {.point = point, .t_ms = t_ms, .v = {.kind = VALUE_INT, .as.i = 1}};
    return stream_reading(&s, 0, &r);
}

TestSuite(stream, .init = begin, .fini = finish);

Test(stream, begins_with_hello_and_key_frame) {
    uint16_t a = add("a");
    cr_assert_not(read_at(a, 1000));
    cr_assert_not(stream_flush(&s));
    cr_expect_str_eq(sent.kinds, "hkd");
}

Test(stream, a_new_point_brings_a_key_frame_before_its_reading) {
    cr_assert_not(read_at(add("a"), 1000));
    cr_assert_not(stream_flush(&s));
    cr_assert_not(read_at(add("a"), 2000)); /* known: keeps its id */
    cr_assert_not(stream_flush(&s));
    cr_assert_not(read_at(add("b"), 3000));
    cr_assert_not(stream_flush(&s));
    cr_expect_str_eq(sent.kinds, "hkddkd");
}

Test(stream, a_full_record_is_told_and_goes_on_after_a_flush) {
    uint16_t a = add("a");
    for (int i = 0; i < STREAM_BATCH_READINGS; i++)
        cr_assert_not(read_at(a, i));
    cr_expect_eq(read_at(a, 5000), ERR_FULL);
    cr_assert_not(stream_covered(&s, 0, 0, 5000));
    cr_assert_not(stream_flush(&s));
    cr_expect_eq(sent.batch.reading_n, STREAM_BATCH_READINGS);
    cr_expect_eq(sent.batch.asof_n, 1);
    cr_expect_not(read_at(a, 5000));
}

Test(stream, covers_that_join_travel_as_one_and_a_break_ends_the_record) {
    struct asof a;
    cr_assert_not(stream_covered(&s, 0, 0, 1000));
    cr_assert_not(stream_covered(&s, 0, 1000, 2000));
    cr_assert_not(stream_covered(&s, 0, 3000, 4000)); /* unknown from 2000 to 3000 */
    cr_assert(batch_next_asof(&sent.batch, &a));
    cr_expect_eq(a.since_ms, 0);
    cr_expect_eq(a.until_ms, 2000);
    cr_assert_not(stream_flush(&s));
    cr_assert(batch_next_asof(&sent.batch, &a));
    cr_expect_eq(a.since_ms, 3000);
    cr_expect_eq(a.until_ms, 4000);
}

Test(stream, nothing_to_say_sends_nothing) {
    cr_assert_not(stream_flush(&s));
    cr_expect_eq(sent.n, 0);
}
