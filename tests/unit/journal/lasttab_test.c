#include "journal/lasttab.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* The clock steps back by 4 s. What is integrated or counted keeps its distance from the present,
 * as in a lane: a sample of 3 s ago is one of 3 s ago still. A state is not from the future. */
Test(lasttab, what_is_integrated_moves_with_the_clock) {
    static const struct {
        uint8_t type;
        int64_t then;
    } row[] = {{POINT_COUNTER, 3000},
               {POINT_REGISTER, 3000},
               {POINT_POWER, 3000},
               {POINT_GAUGE, 3000},
               {POINT_STATE, 6000}};
    enum { N = sizeof row / sizeof *row };
    const struct batch_clock back = {.from_ms = 10000, .to_ms = 6000};
    struct lasttab t;
    lasttab_init(&t);
    for (unsigned i = 0; i < N; i++) {
        struct point p = {.type = row[i].type, .num = 1, .den = 1};
        uint16_t id = 0;
        snprintf(p.name, sizeof p.name, "p%u", i);
        cr_assert_eq(lasttab_add(&t, &p, &id), ERR_OK);
        const struct reading r = {.point = id, .t_ms = 7000, .v = {.kind = VALUE_INT, .as.i = 5}};
        cr_assert_eq(lasttab_put(&t, &r, r.t_ms), ERR_OK);
    }
    lasttab_clock(&t, &back);
    for (uint16_t i = 0; i < N; i++) {
        struct reading r;
        cr_assert(lasttab_get(&t, i, &r));
        cr_expect_eq(r.t_ms, row[i].then, "%s: %lld", point_type_name((enum point_type)row[i].type),
                     (long long)r.t_ms);
    }
    lasttab_fini(&t);
}

/* A step that was told before it is told again by a process that starts: what was read before it
 * lies not ahead of the clock, whichever type it is of that holds or is sampled. */
Test(lasttab, a_step_told_twice_moves_nothing_ahead_of_the_clock) {
    const struct batch_clock once = {.from_ms = 10000, .to_ms = 210000},
                             again = {.from_ms = 12000, .to_ms = 212000};
    const uint8_t type[] = {POINT_POWER, POINT_GAUGE, POINT_STATE};
    struct lasttab t;
    lasttab_init(&t);
    for (uint16_t i = 0; i < 3; i++) {
        struct point p = {.type = type[i], .num = 1, .den = 1};
        struct reading r = {.t_ms = 9000, .v = {.kind = VALUE_INT, .as.i = 5}};
        snprintf(p.name, sizeof p.name, "p%u", i);
        cr_assert_eq(lasttab_add(&t, &p, &r.point), ERR_OK);
        cr_assert_eq(lasttab_put(&t, &r, r.t_ms), ERR_OK);
    }
    lasttab_clock(&t, &once);
    lasttab_clock(&t, &again);
    for (uint16_t i = 0; i < 3; i++) {
        struct reading r;
        cr_assert(lasttab_get(&t, i, &r));
        cr_expect_leq(r.t_ms, 212000, "%s: %lld", point_type_name((enum point_type)type[i]),
                      (long long)r.t_ms);
    }
    lasttab_fini(&t);
}

/* A device tells its states out of order. A lane takes the later one of the stream as of the one
 * before it, and so must the key frame; a stamp from the future moves nothing. */
Test(lasttab, a_state_counts_from_the_one_before_it_on) {
    static const struct {
        uint8_t type;
        int64_t before, t, now, until, then;
    } row[] = {
        {POINT_STATE, 5000, 7000, 8000, 0, 7000},    {POINT_STATE, 5000, 3000, 8000, 0, 5000},
        {POINT_STATE, 9000, 7000, 8000, 0, 8000},    {POINT_STATE, 9000, 8500, 8000, 0, 8500},
        {POINT_STATE, 9000, 7000, 8000, 9500, 9000}, {POINT_GAUGE, 5000, 3000, 8000, 0, 3000}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct point p = {.type = row[i].type, .num = 1, .den = 1, .name = "p"};
        struct reading r = {.t_ms = row[i].before, .v = {.kind = VALUE_INT, .as.i = 5}};
        const struct asof covers = {0, 0, row[i].until};
        struct lasttab t;
        lasttab_init(&t);
        cr_assert_eq(lasttab_add(&t, &p, &r.point), ERR_OK);
        if (row[i].until)
            lasttab_cover(&t, &covers);
        cr_assert_eq(lasttab_put(&t, &r, r.t_ms), ERR_OK);
        r.t_ms = row[i].t;
        cr_assert_eq(lasttab_put(&t, &r, row[i].now), ERR_OK);
        cr_assert(lasttab_get(&t, r.point, &r));
        cr_expect_eq(r.t_ms, row[i].then, "row %zu: %lld", i, (long long)r.t_ms);
        lasttab_fini(&t);
    }
}
