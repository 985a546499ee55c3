#include <criterion/criterion.h>

#include "base/hash.h"
#include "window/window.h"

static struct window_key key_of(uint32_t node, int64_t start_ms) {
    return (struct window_key){.node = node, .kind = WINDOW_HOUR, .start_ms = start_ms};
}

Test(windows, a_thousand_windows_are_found_and_half_of_them_dropped) {
    struct windows *w = NULL;
    struct window *got = NULL;
    cr_assert_eq(windows_open(4, &w), ERR_OK);
    for (uint32_t i = 0; i < 1000; i++) {
        struct window_key k = key_of(i % 7, (int64_t)i * UTC_HOUR_MS);
        cr_assert_eq(windows_get(w, &k, k.start_ms + UTC_HOUR_MS, &got), ERR_OK);
        got->revision = i;
    }
    for (uint32_t i = 0; i < 1000; i += 2) {
        struct window_key k = key_of(i % 7, (int64_t)i * UTC_HOUR_MS);
        windows_drop(w, &k);
    }
    cr_expect_eq(windows_count(w), 500);
    for (uint32_t i = 0; i < 1000; i++) {
        struct window_key k = key_of(i % 7, (int64_t)i * UTC_HOUR_MS);
        const struct window *found = windows_find(w, &k);
        cr_expect_eq(found != NULL, i % 2 == 1);
        cr_expect(!found || found->revision == i);
    }
    windows_close(w);
}

Test(windows, dropping_while_iterating_visits_each_once) {
    struct windows *w = NULL;
    struct window *got = NULL;
    size_t pos = 0, seen = 0;
    cr_assert_eq(windows_open(4, &w), ERR_OK);
    for (uint32_t i = 0; i < 100; i++) {
        struct window_key k = key_of(i, 0);
        cr_assert_eq(windows_get(w, &k, UTC_HOUR_MS, &got), ERR_OK);
    }
    while ((got = windows_next(w, &pos)) != NULL) {
        struct window_key k = got->key;
        seen++;
        if (k.node % 3 == 0) {
            windows_drop(w, &k);
            pos--;
        }
    }
    cr_expect_eq(seen, 100);
    cr_expect_eq(windows_count(w), 66); /* 0, 3 .. 99 are 34 */
    windows_close(w);
}

Test(windows, those_asleep_are_found_but_not_walked) {
    struct windows *w = NULL;
    struct window *got = NULL;
    size_t pos = 0, awake = 0, all = 0;
    cr_assert_eq(windows_open(4, &w), ERR_OK);
    for (uint32_t i = 0; i < 100; i++) {
        struct window_key k = key_of(i, 0);
        cr_assert_eq(windows_get(w, &k, UTC_HOUR_MS, &got), ERR_OK);
        got->revision = i;
    }
    while ((got = windows_next_awake(w, &pos)) != NULL) {
        awake++;
        if (got->key.node % 3 == 0) {
            windows_sleep(w, &got->key);
            pos--;
        }
    }
    cr_expect_eq(awake, 100); /* each once */
    struct window_key third = key_of(3, 0), fourth = key_of(4, 0), nobody = key_of(100, 0);
    windows_sleep(w, &third);  /* asleep already */
    windows_sleep(w, &nobody); /* unknown */
    windows_drop(w, &fourth);
    cr_assert_eq(windows_wake(w, &third)->revision, 3);
    cr_expect_null(windows_wake(w, &nobody));
    bool seen[100] = {false};
    for (pos = 0; (got = windows_next_awake(w, &pos)) != NULL;) {
        cr_expect(!seen[got->key.node] && got->revision == got->key.node);
        seen[got->key.node] = true;
    }
    for (uint32_t i = 0; i < 100; i++)
        cr_expect_eq(seen[i], i == 3 || (i % 3 != 0 && i != 4), "%u", i);
    for (pos = 0; windows_next(w, &pos) != NULL;)
        all++;
    cr_expect_eq(all, 99);
    for (uint32_t i = 0; i < 100; i++) {
        struct window_key k = key_of(i, 0);
        const struct window *found = windows_find(w, &k);
        cr_expect_eq(found != NULL, i != 4);
        cr_expect(!found || found->revision == i);
    }
    windows_close(w);
}

Test(windows, keys_sort_by_time_also_before_1970) {
    uint8_t a[WINDOW_KEY_BYTES], b[WINDOW_KEY_BYTES];
    struct window_key before = key_of(1, -UTC_HOUR_MS), after = key_of(1, UTC_HOUR_MS), back;
    window_key_pack(&before, a);
    window_key_pack(&after, b);
    cr_expect(memcmp(a, b, sizeof a) < 0);
    cr_assert_eq(window_key_unpack(span_of(a, sizeof a), &back), ERR_OK);
    cr_expect_eq(back.start_ms, before.start_ms);
    cr_expect_eq(back.kind, WINDOW_HOUR);
}

/* Of orders there is no end: those of one hour lie together. */
Test(windows, keys_of_orders_sort_by_time_first) {
    uint8_t a[WINDOW_KEY_BYTES], b[WINDOW_KEY_BYTES];
    const struct window_key early = {.node = 1, .kind = WINDOW_ORDER, .product = 9, .order = 70},
                            late = {.node = 1,
                                    .kind = WINDOW_ORDER,
                                    .product = 2,
                                    .order = 3,
                                    .start_ms = UTC_HOUR_MS};
    struct window_key back;
    window_key_pack(&early, a);
    window_key_pack(&late, b);
    cr_expect(memcmp(a, b, sizeof a) < 0);
    cr_assert_eq(window_key_unpack(span_of(a, sizeof a), &back), ERR_OK);
    cr_expect(window_key_equal(&back, &early));
}

Test(windows, stored_bytes_come_back_and_damage_is_seen) {
    struct window w = {.key = key_of(3, 0),
                       .end_ms = UTC_HOUR_MS,
                       .life = WINDOW_RESTATED,
                       .cause = RESTATE_LATE_DATA,
                       .revision = 4,
                       .published_ms = 50,
                       .told = {5, 6, 7},
                       .past = {{60, 20}, {RESTATE_GAP, RESTATE_NONE}, 2}};
    struct window back = {.key = w.key};
    struct buf bytes;
    w.sums.q[QTY_TIME + CAT_PRODUCTION] = 12345;
    w.sums.pri_pq = (i128)1 << 100;
    buf_init(&bytes);
    cr_assert_eq(window_pack(&w, &bytes), ERR_OK);
    cr_assert_eq(window_unpack(buf_span(&bytes), &back), ERR_OK);
    cr_expect(sums_equal(&w.sums, &back.sums));
    cr_expect_eq(back.revision, 4);
    cr_expect_eq(back.life, WINDOW_RESTATED);
    cr_assert_eq(back.past.n, 2);
    cr_expect_eq(back.past.told_ms[0], 60, "the clock went back");
    cr_expect_eq(back.past.told_ms[1], 20);
    cr_expect_eq(back.past.cause[0], RESTATE_GAP);
    cr_expect_eq(back.past.cause[1], RESTATE_NONE);
    for (size_t i = 0; i < bytes.n; i++) {
        bytes.p[i] ^= 0x10;
        cr_expect_neq(window_unpack(buf_span(&bytes), &back), ERR_OK, "byte %zu", i);
        bytes.p[i] ^= 0x10;
    }
    buf_fini(&bytes);
}

/* Format 3 ends behind the sums. */
Test(windows, rows_from_before_past_revisions_were_kept_are_read) {
    struct window w = {.key = key_of(3, 0), .end_ms = UTC_HOUR_MS, .revision = 4};
    struct window back = {.key = w.key};
    struct buf bytes;
    buf_init(&bytes);
    cr_assert_eq(window_pack(&w, &bytes), ERR_OK);
    bytes.p[0] = 3;
    bytes.n -= 5; /* their number, which is 0, and the checksum */
    cr_assert_eq(buf_add_le32(&bytes, crc32c(buf_span(&bytes))), ERR_OK);
    cr_assert_eq(window_unpack(buf_span(&bytes), &back), ERR_OK);
    cr_expect_eq(back.revision, 4);
    cr_expect_eq(back.past.n, 0);
    buf_fini(&bytes);
}

Test(windows, the_last_revisions_are_kept_newest_first) {
    struct window w = {.published_ms = 100};
    for (uint8_t i = 1; i <= 6; i++) { /* revision i is told at 100 (i + 1) */
        window_push_past(&w);
        w.revision = i;
        w.cause = i % 2 ? RESTATE_LATE_DATA : RESTATE_CORRECTION;
        w.published_ms += 100;
    }
    cr_assert_eq(w.past.n, WINDOW_PAST_MAX);
    for (unsigned i = 0; i < WINDOW_PAST_MAX; i++) {
        cr_expect_eq(w.past.told_ms[i], 600 - 100 * (int64_t)i);
        cr_expect_eq(w.past.cause[i], i % 2 ? RESTATE_CORRECTION : RESTATE_LATE_DATA);
    }
}

/* site - area - line - two units; the line's output is the second unit only. */
struct tree {
    struct plant p;
    struct plant_node node[5];
    struct plant_unit unit[2];
    uint32_t line_out[1], area_out[1], site_out[1];
};

static void tree_make(struct tree *t) {
    *t = (struct tree){.line_out = {4}, .area_out = {2}, .site_out = {1}};
    const uint32_t parent[5] = {UINT32_MAX, 0, 1, 2, 2};
    for (uint32_t i = 0; i < 5; i++)
        t->node[i] = (struct plant_node){.parent = parent[i], .unit = UINT32_MAX};
    t->node[0].output = t->site_out;
    t->node[1].output = t->area_out;
    t->node[2].output = t->line_out;
    t->node[0].output_n = t->node[1].output_n = t->node[2].output_n = 1;
    for (uint32_t u = 0; u < 2; u++) {
        t->unit[u] = (struct plant_unit){.node = 3 + u, .calendar = UINT32_MAX};
        t->node[3 + u].unit = u;
    }
    t->p = (struct plant){.node = t->node, .node_n = 5, .unit = t->unit, .unit_n = 2};
    cr_assert_eq(zone_open_utc(&t->p.zone), ERR_OK);
}

Test(windows, a_line_counts_the_pieces_of_its_output_only) {
    struct tree t;
    struct window_target target[WINDOW_TARGETS_MAX];
    struct context ctx = {.shift = UINT32_MAX};
    struct sums cell = {0};
    tree_make(&t);
    cr_expect(!window_output(&t.p, 0, 0));
    cr_expect(window_output(&t.p, 0, 1));
    cr_expect(window_output(&t.p, 3, 0), "a unit is its own output");
    cell.q[QTY_PQ] = 7;
    cell.q[QTY_SQ] = 2;
    cell.q[QTY_TIME + CAT_PRODUCTION] = 60000;
    unsigned n = window_targets(&t.p, 0, 30, &ctx, target);
    cr_expect_eq(n, 3 * 4); /* quarter, hour, day; unit, line, area, site */
    for (unsigned i = 0; i < n; i++) {
        struct window w = {.key = target[i].key};
        window_apply(&w, &target[i], &cell, 1);
        cr_expect_eq(w.sums.q[QTY_PQ], target[i].key.node == 3 ? 7 : 0);
        cr_expect_eq(w.sums.q[QTY_SQ], 2, "scrap adds everywhere");
        cr_expect_eq(w.sums.q[QTY_TIME + CAT_PRODUCTION], 60000);
        window_apply(&w, &target[i], &cell, -1);
        cr_expect(sums_zero(&w.sums));
    }
    zone_close(t.p.zone);
}

/* Both machines execute an order for a minute: a line's pieces come out of one of them. */
Test(windows, a_line_executes_orders_as_long_as_its_output_does) {
    struct tree t;
    struct sums cell = {0};
    tree_make(&t);
    cell.q[QTY_ORDER_TIME] = cell.q[QTY_QUALITY_DUE] = cell.q[QTY_SCRAP_DUE] = 60000;
    struct window line = {0};
    for (uint32_t u = 0; u < 2; u++) {
        struct window_target target = {.pieces = window_output(&t.p, 2, u)};
        cr_expect(window_apply(&line, &target, &cell, 1));
    }
    cr_expect_eq(line.sums.q[QTY_ORDER_TIME], 60000);
    cr_expect_eq(line.sums.q[QTY_QUALITY_DUE], 60000, "its good ratio is the output's");
    cr_expect_eq(line.sums.q[QTY_SCRAP_DUE], 120000, "its scrap is that of both");
    zone_close(t.p.zone);
}

Test(windows, team_and_product_get_windows_of_their_own) {
    struct tree t;
    struct window_target target[WINDOW_TARGETS_MAX];
    struct context ctx = {.shift = UINT32_MAX, .product = 5, .team = 9};
    tree_make(&t);
    unsigned n = window_targets(&t.p, 1, 30, &ctx, target), own = 0, team = 0;
    for (unsigned i = 0; i < n; i++) {
        own += target[i].key.node == 4 && target[i].key.product == 5 && target[i].key.team == 9;
        team += target[i].key.node == 0 && target[i].key.product == 0 && target[i].key.team == 9;
    }
    cr_expect_eq(own, 1, "one day; no shift is running");
    cr_expect_eq(team, 1);
    zone_close(t.p.zone);
}

Test(windows, an_order_has_hours_at_its_unit_alone) {
    struct tree t;
    struct window_target target[WINDOW_TARGETS_MAX];
    struct context ctx = {.shift = UINT32_MAX, .product = 5, .order = 9};
    tree_make(&t);
    unsigned n = window_targets(&t.p, 1, 90, &ctx, target), orders = 0;
    for (unsigned i = 0; i < n; i++) {
        if (target[i].key.kind != WINDOW_ORDER)
            continue;
        orders++;
        cr_expect_eq(target[i].key.node, 4);
        cr_expect_eq(target[i].key.product, 5);
        cr_expect_eq(target[i].key.order, 9);
        cr_expect_eq(target[i].key.start_ms, UTC_HOUR_MS);
        cr_expect_eq(target[i].end_ms, 2 * UTC_HOUR_MS);
    }
    cr_expect_eq(orders, 1);
    ctx.order = 0;
    n = window_targets(&t.p, 1, 90, &ctx, target);
    for (unsigned i = 0; i < n; i++)
        cr_expect_neq(target[i].key.kind, WINDOW_ORDER, "no order, no hours of one");
    zone_close(t.p.zone);
}

/* The line's first unit has a shift from 6 to 14, the other one from 6 to 18: the line's shift is
 * the first one's, and at 15 h both units count in no early shift of it. */
Test(windows, a_node_has_the_shifts_of_its_first_unit) {
    static const struct plant_shift early = {
        .id = {"early"}, .start_min = 6 * 60, .end_min = 14 * 60, .days = 0x7f};
    static const struct plant_shift lng = {
        .id = {"long"}, .start_min = 6 * 60, .end_min = 18 * 60, .days = 0x7f};
    const struct plant_calendar calendar[2] = {
        {.id = {"a"}, .from_ms = INT64_MIN, .shift = &early, .shift_n = 1},
        {.id = {"b"}, .from_ms = INT64_MIN, .shift = &lng, .shift_n = 1}};
    struct window_target target[WINDOW_TARGETS_MAX];
    const struct context ctx = {0}; /* in shift 0 of its own calendar */
    struct tree t;
    tree_make(&t);
    t.p.calendar = calendar;
    t.p.calendar_n = 2;
    t.unit[0].calendar = 0;
    t.unit[1].calendar = 1;
    for (int64_t hour = 7; hour <= 15; hour += 8) {
        unsigned n = window_targets(&t.p, 1, hour * 60, &ctx, target), shifts = 0;
        for (unsigned i = 0; i < n; i++) {
            if (target[i].key.kind != WINDOW_SHIFT)
                continue;
            shifts++;
            int64_t length = target[i].end_ms - target[i].key.start_ms;
            cr_expect_eq(length, (target[i].key.node == 4 ? 12 : 8) * UTC_HOUR_MS);
        }
        cr_expect_eq(shifts, hour == 7 ? 4 : 1, "at %d h", (int)hour);
    }
    cr_expect(!window_one_calendar(&t.p, 1));
    cr_expect(window_one_calendar(&t.p, 0));
    zone_close(t.p.zone);
}
