#include <criterion/criterion.h>

#include "signal/siglog.h"

/* Hours and minutes in ms, for readable tables. */
#define H(n) (INT64_C(3600000) * (n))
#define M(n) (INT64_C(60000) * (n))

static struct siglog log_of(const struct siglog_entry *e, size_t n) {
    struct siglog l;

    siglog_init(&l);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(siglog_add(&l, &e[i]), ERR_OK);
    return l;
}

static void expect(struct siglog *l, const struct siglog_entry *want, size_t n) {
    siglog_canonical(l);
    cr_assert_eq(l->n, n, "%zu entries", l->n);
    for (size_t i = 0; i < n; i++)
        cr_expect_eq(siglog_order(&l->at[i], &want[i]), 0, "entry %zu", i);
    siglog_fini(l);
}

#define EXPECT_CANONICAL(in, want)                                                                 \
    do {                                                                                           \
        struct siglog l = log_of(in, sizeof(in) / sizeof(in)[0]);                                  \
        expect(&l, want, sizeof(want) / sizeof(want)[0]);                                          \
    } while (0)

Test(siglog, states_that_touch_or_overlap_merge_when_equal) {
    const struct siglog_entry in[] = {
        {1, SIGLOG_STATE, 0, 300, 400, 7, 0}, {1, SIGLOG_STATE, 0, 100, 200, 7, 0},
        {1, SIGLOG_STATE, 0, 400, 500, 8, 0}, {1, SIGLOG_STATE, 0, 150, 300, 7, 0},
        {1, SIGLOG_STATE, 0, 600, 700, 8, 0},
    };
    const struct siglog_entry want[] = {
        {1, SIGLOG_STATE, 0, 100, 400, 7, 0},
        {1, SIGLOG_STATE, 0, 400, 500, 8, 0},
        {1, SIGLOG_STATE, 0, 600, 700, 8, 0},
    };
    EXPECT_CANONICAL(in, want);
}

Test(siglog, states_merge_below_an_overlapping_other_value) {
    /* 7 holds 0..10 and 5..15, 8 holds 2..3 between them in order of start. */
    const struct siglog_entry in[] = {
        {1, SIGLOG_STATE, 0, 0, 10, 7, 0},
        {1, SIGLOG_STATE, 0, 2, 3, 8, 0},
        {1, SIGLOG_STATE, 0, 5, 15, 7, 0},
    };
    const struct siglog_entry want[] = {
        {1, SIGLOG_STATE, 0, 0, 15, 7, 0},
        {1, SIGLOG_STATE, 0, 2, 3, 8, 0},
    };
    EXPECT_CANONICAL(in, want);
}

Test(siglog, states_never_merge_over_an_hour_or_over_flags) {
    const struct siglog_entry in[] = {
        {1, SIGLOG_STATE, 0, M(50), H(1), 7, 0},
        {1, SIGLOG_STATE, 0, H(1), M(70), 7, 0},
        {1, SIGLOG_STATE, SIGLOG_UNCERTAIN, M(70), M(80), 7, 0},
    };
    EXPECT_CANONICAL(in, in);
}

Test(siglog, spans_inside_a_minute_add_and_its_end_belongs_to_it) {
    /* (0, 10 s] + (10 s, 60 s] + an instant at 60 s: all minute 0. (60 s, 61 s]: minute 1.
     * (50 s, 70 s] crosses and stays. */
    const struct siglog_entry in[] = {
        {1, SIGLOG_SPAN, 0, 60000, 61000, 5, 0}, {1, SIGLOG_SPAN, 0, 10000, 60000, 2, 0},
        {1, SIGLOG_SPAN, 0, 0, 10000, 1, 0},     {1, SIGLOG_SPAN, 0, 60000, 60000, 3, 0},
        {1, SIGLOG_SPAN, 0, 50000, 70000, 9, 0},
    };
    const struct siglog_entry want[] = {
        {1, SIGLOG_SPAN, 0, 0, 60000, 6, 0},
        {1, SIGLOG_SPAN, 0, 50000, 70000, 9, 0},
        {1, SIGLOG_SPAN, 0, 60000, 61000, 5, 0},
    };
    EXPECT_CANONICAL(in, want);
}

Test(siglog, spans_of_two_minutes_before_1970_stay_apart) {
    const struct siglog_entry in[] = {
        {1, SIGLOG_SPAN, 0, -60001, -60000, 1, 0},
        {1, SIGLOG_SPAN, 0, -60000, -59999, 2, 0},
    };
    EXPECT_CANONICAL(in, in);
}

Test(siglog, parts_of_a_slot_add_value_and_covered_time) {
    const struct siglog_entry in[] = {
        {1, SIGLOG_SLOT, 0, 10000, 13000, 300, 0},
        {1, SIGLOG_SLOT, 0, 20000, 30000, 1, 0},
        {1, SIGLOG_SLOT, 0, 10000, 17000, 700, 0},
    };
    const struct siglog_entry want[] = {
        {1, SIGLOG_SLOT, 0, 10000, 20000, 1000, 0},
        {1, SIGLOG_SLOT, 0, 20000, 30000, 1, 0},
    };
    EXPECT_CANONICAL(in, want);
}

Test(siglog, equal_events_and_rows_are_all_kept) {
    const struct siglog_entry in[] = {
        {1, SIGLOG_EVENT, 0, 5, 5, 1, 2},
        {1, SIGLOG_EVENT, 0, 5, 5, 1, 2},
        {1, SIGLOG_ROW, 0, 5, 9, 1, 2},
        {1, SIGLOG_ROW, 0, 5, 9, 1, 2},
    };
    EXPECT_CANONICAL(in, in);
}

Test(siglog, an_entry_is_stored_under_the_hour_it_belongs_to) {
    const struct siglog_entry state = {1, SIGLOG_STATE, 0, H(3), H(3) + 5, 0, 0};
    const struct siglog_entry span = {1, SIGLOG_SPAN, 0, H(1), H(3), 1, 0};
    const struct siglog_entry slot = {1, SIGLOG_SLOT, 0, H(3) - 10000, H(3), 1, 0};
    const struct siglog_entry early = {1, SIGLOG_STATE, 0, -1, 0, 1, 0};

    cr_expect_eq(siglog_hour(&state), 3);
    cr_expect_eq(siglog_hour(&span), 2);
    cr_expect_eq(siglog_hour(&slot), 2);
    cr_expect_eq(siglog_hour(&early), -1);
}

Test(siglog, an_entry_is_checked) {
    struct siglog_entry e = {1, SIGLOG_SPAN, SIGLOG_RESET, 5, 6, 1, 0};

    cr_expect(siglog_entry_check(&e));
    e.t1_ms = 4;
    cr_expect_not(siglog_entry_check(&e));
    e.t1_ms = SIGLOG_TIME_LIMIT_MS + 1;
    cr_expect_not(siglog_entry_check(&e));
    e = (struct siglog_entry){1, SIGLOG_KIND_COUNT, 0, 5, 6, 1, 0};
    cr_expect_not(siglog_entry_check(&e));
    e = (struct siglog_entry){1, SIGLOG_SPAN, 16, 5, 6, 1, 0};
    cr_expect_not(siglog_entry_check(&e));
}

/* Runs short and long are sorted in different ways. */
Test(siglog, any_number_of_entries_is_put_in_order) {
    static const size_t many[] = {2, 12, 13, 25, 255, 256, 257, 1000};
    for (size_t k = 0; k < sizeof many / sizeof *many; k++) {
        struct siglog l;
        siglog_init(&l);
        /* 7 and 1,009 have no common factor: every moment below 1,009 comes once, out of order. */
        for (size_t i = 0; i < many[k]; i++) {
            int64_t t_ms = (int64_t)((i + 1) * 7 % 1009);
            const struct siglog_entry e = {1, SIGLOG_EVENT, 0, t_ms, t_ms, 1, (int64_t)i};
            cr_assert_eq(siglog_add(&l, &e), ERR_OK);
        }
        siglog_canonical(&l);
        cr_assert_eq(l.n, many[k]);
        for (size_t i = 1; i < l.n; i++)
            cr_assert_lt(l.at[i - 1].t0_ms, l.at[i].t0_ms, "%zu of %zu", i, l.n);
        for (size_t i = 0; i < l.n; i++)
            cr_assert_eq((l.at[i].tag + 1) * 7 % 1009, l.at[i].t0_ms, "%zu of %zu", i, l.n);
        siglog_fini(&l);
    }
}
