/* Two epochs of one agent of which one is given up, or is gone, or never was whole: what the other
 * one told, or kept for it, counts once all the same. */
#include "lanes_rig.h"

static const struct sums *hour(struct lanes_bench *b, int h, struct window *w) {
    const struct window_key key = {
        .node = 2, .kind = WINDOW_HOUR, .start_ms = SIM_DAY0 + h * UTC_HOUR_MS};

    *w = (struct window){0};
    cr_assert(station_window(&b->station, &key, w));
    return &w->sums;
}

/* What becomes of the older epoch, and when, as the younger processes go on. */
enum moment { FIRST, BEFORE_THE_KEY, BEHIND_THE_KEY, LAST };

struct end_of_older {
    void (*how)(struct lanes_bench *b); /* NULL: the next hello does not list it */
    enum moment when;
    bool begun; /* its key frame is there from the first */
};

static void comes_to(struct lanes_bench *b, const struct end_of_older *end, enum moment now) {
    if (end->how && end->when == now)
        end->how(b);
}

static void all_is_dropped(struct lanes_bench *b) {
    lanes_drop_all(b, OLDER, 3);
}

static void ends_without_a_total(struct lanes_bench *b) {
    script_int(&b->older, b->extra, T0, 16);
    cr_assert_eq(script_send(&b->older), ERR_OK);
    script_int(&b->older, b->extra, T0 + MIN, 17);
    cr_assert_eq(script_send(&b->older), ERR_OK);
}

/* A process that begins beside an older epoch reads 1,034 at 06:10 and a single 0 at 06:59:30; the
 * one after it tells that 0 in its key frame and reads 51 at 07:01. Of the older epoch no value
 * ever comes. The counter began again in these 51 minutes: 50 pieces lie before 07:00. */
static void expect_reset_over_an_hour(struct end_of_older end) {
    const struct hello_epoch row[] = {{OLDER, 0, 0, 1, 4, false},
                                      {YOUNGER, OLDER, 3, 1, 3, false},
                                      {FORK, YOUNGER, 2, 1, 3, true}};
    struct lanes_bench b;
    struct window w;
    lanes_open(&b);
    lanes_hello(&b, 3);
    if (end.begun)
        cr_assert_eq(script_key(&b.older, T0), ERR_OK);
    comes_to(&b, &end, FIRST);
    const struct reading first = {
        .point = b.total, .t_ms = T0 + 10 * MIN, .v = {.kind = VALUE_INT, .as.i = 1034}};
    const struct reading zero = {
        .point = b.total, .t_ms = T0 + 60 * MIN - 30000, .v = {.kind = VALUE_INT, .as.i = 0}};
    cr_assert_eq(script_key_value(&b.younger, T0 + 10 * MIN, &first), ERR_OK);
    script_asof(&b.younger, T0 + 10 * MIN, T0 + 60 * MIN);
    script_int(&b.younger, b.total, zero.t_ms, 0);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    comes_to(&b, &end, BEFORE_THE_KEY);
    lanes_tell(&b, end.how ? 3 : 2, end.how ? row : row + 1);
    b.younger.epoch = FORK;
    b.younger.prev_epoch = YOUNGER;
    b.younger.prev_last = 2;
    b.younger.next = 1;
    cr_assert_eq(script_key_value(&b.younger, T0 + 60 * MIN, &zero), ERR_OK);
    comes_to(&b, &end, BEHIND_THE_KEY);
    script_asof(&b.younger, T0 + 10 * MIN, T0 + 62 * MIN);
    script_int(&b.younger, b.total, T0 + 61 * MIN, 51);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    comes_to(&b, &end, LAST);
    lanes_at(&b, T0 + 62 * MIN);
    cr_expect_eq(hour(&b, 6, &w)->q[QTY_PQ_UNKNOWN], 50 * PIECE);
    cr_expect_eq(hour(&b, 7, &w)->q[QTY_PQ_UNKNOWN], PIECE);
    lanes_close(&b);
}

Test(lanes_gone, a_counter_of_one_lane_goes_on_from_what_its_epoch_began_with) {
    expect_reset_over_an_hour((struct end_of_older){all_is_dropped, FIRST, false});
}

Test(lanes_gone, a_counter_does_not_wait_for_an_epoch_that_was_dropped_whole) {
    expect_reset_over_an_hour((struct end_of_older){all_is_dropped, BEFORE_THE_KEY, false});
}

Test(lanes_gone, a_counter_does_not_wait_for_an_epoch_that_is_gone) {
    expect_reset_over_an_hour((struct end_of_older){NULL, BEFORE_THE_KEY, false});
}

Test(lanes_gone, so_it_does_when_the_older_epoch_is_dropped_behind_a_second_key_frame) {
    expect_reset_over_an_hour((struct end_of_older){all_is_dropped, BEHIND_THE_KEY, false});
}

Test(lanes_gone, so_it_does_when_the_older_epoch_is_dropped_behind_its_next_reading) {
    expect_reset_over_an_hour((struct end_of_older){all_is_dropped, LAST, false});
}

Test(lanes_gone, a_counter_of_one_lane_goes_on_from_it_behind_an_epoch_that_read_nothing_of_it) {
    expect_reset_over_an_hour((struct end_of_older){ends_without_a_total, FIRST, true});
}

Test(lanes_gone, so_it_does_when_that_epoch_ends_behind_its_next_reading) {
    expect_reset_over_an_hour((struct end_of_older){ends_without_a_total, LAST, true});
}

/* One of two parts of a key frame: some points of the table, and a value. */
static void part(struct script *g, int64_t t_ms, uint32_t no, size_t from, size_t to,
                 const struct reading *r) {
    const struct batch_key key = {.prev_epoch = g->prev_epoch,
                                  .prev_last = g->prev_last,
                                  .part = no,
                                  .parts = 2,
                                  .points_total = (uint32_t)g->point_n};
    const struct batch_head head = {
        .kind = BATCH_KEY, .epoch = g->epoch, .seq = g->next, .t_ms = t_ms};
    batch_writer_reset(&g->writer, t_ms);
    for (size_t i = from; i < to; i++)
        cr_assert_eq(batch_writer_add_point(&g->writer, &g->point[i]), ERR_OK);
    if (r)
        cr_assert_eq(batch_writer_add(&g->writer, r), ERR_OK);
    buf_reset(&g->bytes);
    cr_assert_eq(batch_writer_encode(&g->writer, &head, &key, NULL, NULL, &g->bytes), ERR_OK);
    g->next++;
    batch_writer_reset(&g->writer, t_ms);
    cr_assert_eq(script_send_again(g), ERR_OK);
}

static int64_t pieces(struct lanes_bench *b) {
    struct window w;
    const struct sums *s = lanes_day(b, NULL, &w);
    return (s->q[QTY_PQ_UNKNOWN] + s->q[QTY_PQ]) / PIECE;
}

/* Three pieces whose minute is open go on in the next epoch; we are killed between the parts of its
 * first key frame. */
Test(lanes_gone, what_a_part_of_a_key_frame_took_is_taken_once_over_a_restart) {
    for (int killed = 0; killed < 2; killed++) {
        struct lanes_bench b;
        lanes_open(&b);
        lanes_hello(&b, 3);
        cr_assert_eq(script_key(&b.older, T0), ERR_OK);
        script_asof(&b.older, T0, T0 + 10 * MIN);
        script_int(&b.older, b.total, T0, 100);
        cr_assert_eq(script_send(&b.older), ERR_OK);
        script_int(&b.older, b.total, T0 + 5 * MIN, 103);
        cr_assert_eq(script_send(&b.older), ERR_OK);
        const struct reading last = {
            .point = b.total, .t_ms = T0 + 5 * MIN, .v = {.kind = VALUE_INT, .as.i = 103}};
        part(&b.younger, T0 + 12 * MIN, 0, 0, 3, &last);
        lanes_at(&b, T0 + 20 * MIN);
        if (killed) {
            station_kill(&b.station, 0);
            cr_assert_eq(station_start(&b.station, (struct core_now){T0 + 21 * MIN, 1000}, 9),
                         ERR_OK);
            lanes_hello(&b, 3);
        }
        part(&b.younger, T0 + 12 * MIN, 1, 3, b.younger.point_n, NULL);
        script_int(&b.younger, b.total, T0 + 30 * MIN, 104);
        cr_assert_eq(script_send(&b.younger), ERR_OK);
        lanes_at(&b, T0 + 121 * MIN);
        cr_expect_eq(pieces(&b), 4, "killed %d: %lld", killed, (long long)pieces(&b));
        lanes_close(&b);
    }
}

/* Beside an older epoch that ends at 149 the first part of a key frame tells 149; the other part is
 * dropped, and the next key frame tells 156. */
Test(lanes_gone, a_part_of_a_key_frame_that_never_was_whole_begins_nothing) {
    struct lanes_bench b;
    lanes_open(&b);
    lanes_hello(&b, 3);
    cr_assert_eq(script_key(&b.older, T0), ERR_OK);
    script_int(&b.older, b.total, T0, 100);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    struct reading told = {
        .point = b.total, .t_ms = T0 + 5 * MIN, .v = {.kind = VALUE_INT, .as.i = 149}};
    part(&b.younger, T0 + 12 * MIN, 0, 0, 3, &told);
    b.younger.next = 1;
    lanes_drop_all(&b, YOUNGER, 3);
    script_int(&b.older, b.total, T0 + 5 * MIN, 149);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    told.t_ms = T0 + 20 * MIN;
    told.v.as.i = 156;
    b.younger.next = 4;
    cr_assert_eq(script_key_value(&b.younger, T0 + 21 * MIN, &told), ERR_OK);
    lanes_at(&b, T0 + 121 * MIN);
    cr_expect_eq(pieces(&b), 156 - 100, "%lld", (long long)pieces(&b));
    lanes_close(&b);
}

static void begin_epoch(struct lanes_bench *b, uint64_t epoch, uint64_t prev, uint64_t next) {
    b->younger.epoch = epoch;
    b->younger.prev_epoch = prev;
    b->younger.prev_last = prev == YOUNGER ? 2 : 3;
    b->younger.next = next;
}

/* The second process reads 1,034 and a second later 1,134, which is held; the third goes on from
 * there, the fourth runs beside it, up to 1,142. That the oldest is gone is heard before the third
 * one's end, or in the same message: 108 pieces. */
static void expect_what_was_kept(bool late, bool accepts) {
    enum { FOURTH = 104 };
    const struct hello_epoch row[] = {{OLDER, 0, 0, 1, 4, false},
                                      {YOUNGER, OLDER, 3, 1, 3, false},
                                      {FORK, YOUNGER, 2, 1, 4, false},
                                      {FOURTH, FORK, 3, 1, 3, true}};
    struct lanes_bench b;
    lanes_open(&b);
    lanes_hello(&b, 3);
    const struct reading first = {
        .point = b.total, .t_ms = T0 + 10 * MIN, .v = {.kind = VALUE_INT, .as.i = 1034}};
    const struct reading jump = {
        .point = b.total, .t_ms = T0 + 10 * MIN + 1000, .v = {.kind = VALUE_INT, .as.i = 1134}};
    struct reading last = jump;
    if (accepts) {
        last.t_ms = T0 + 61 * MIN;
        last.v.as.i = 1140;
    }
    cr_assert_eq(script_key_value(&b.younger, T0 + 10 * MIN, &first), ERR_OK);
    script_asof(&b.younger, T0 + 10 * MIN, T0 + 11 * MIN);
    script_int(&b.younger, b.total, jump.t_ms, 1134);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    lanes_tell(&b, 4, row);
    begin_epoch(&b, FORK, YOUNGER, 1);
    cr_assert_eq(script_key_value(&b.younger, T0 + 20 * MIN, &jump), ERR_OK);
    script_asof(&b.younger, T0 + 10 * MIN, T0 + 62 * MIN);
    script_int(&b.younger, accepts ? b.total : b.extra, T0 + 61 * MIN, accepts ? 1140 : 1);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    begin_epoch(&b, FOURTH, FORK, 1);
    cr_assert_eq(script_key_value(&b.younger, T0 + 63 * MIN, &last), ERR_OK);
    if (!late)
        lanes_tell(&b, 3, row + 1);
    begin_epoch(&b, FORK, YOUNGER, 3);
    script_int(&b.younger, b.extra, T0 + 62 * MIN, 1);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    if (late)
        lanes_tell(&b, 3, row + 1);
    begin_epoch(&b, FOURTH, FORK, 2);
    script_asof(&b.younger, T0 + 63 * MIN, T0 + 65 * MIN);
    script_int(&b.younger, b.total, T0 + 64 * MIN, 1142);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    lanes_at(&b, T0 + 66 * MIN);
    cr_expect_eq(pieces(&b), 108, "late %d, accepts %d: %lld", late, accepts,
                 (long long)pieces(&b));
    lanes_close(&b);
}

Test(lanes_gone, what_was_kept_for_an_epoch_that_is_gone_is_not_forgotten_at_its_lanes_end) {
    for (int i = 0; i < 4; i++)
        expect_what_was_kept(i & 1, i & 2);
}
