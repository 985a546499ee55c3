#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/utc.h"
#include "sim_fixture.h"
#include "sourcekit/capture.h"
#include "sources/sim_plant.h"

#define DAY SIM_FIXTURE_DAY_MS
#define HOUR UTC_HOUR_MS

static struct sim_fixture f;
static struct capture all;

static void set_up(void) {
    sim_fixture_init(&f);
    capture_init(&all);
}

static void tear_down(void) {
    capture_fini(&all);
}

TestSuite(sim, .init = set_up, .fini = tear_down);

static struct source *open_at(int64_t now_ms, const char *position) {
    struct source *s = NULL;

    cr_assert_eq(sim_open(&f.conf, now_ms, span_str(position), &s), ERR_OK);
    return s;
}

/* One source, polled at the end only. */
static void run_at_once(struct capture *c, int64_t from_ms, int64_t to_ms) {
    struct source *s = open_at(from_ms, "");
    int64_t next;

    capture_drain(c, s, to_ms, &next);
    s->ops->close(s);
}

Test(sim, readings_do_not_depend_on_how_polls_are_cut) {
    struct capture cut;
    int64_t next, step = 1;
    struct source *s = open_at(DAY + 5 * HOUR, "");

    run_at_once(&all, DAY + 5 * HOUR, DAY + 9 * HOUR);
    capture_init(&cut);
    for (int64_t t = DAY + 5 * HOUR; t < DAY + 9 * HOUR; t += step * 137) {
        capture_drain(&cut, s, t, &next);
        step = step * 7 % 1009;
    }
    capture_drain(&cut, s, DAY + 9 * HOUR, &next);
    cr_assert_gt(all.reading_n, 5000u);
    cr_assert(capture_equal(&all, &cut));
    cr_assert_eq(cut.cover_n, 1u);
    /* Both vouch from the second before the first one told to the end. */
    cr_assert_eq(cut.covers[0].since_ms, DAY + 5 * HOUR - 1000);
    cr_assert_eq(cut.covers[0].until_ms, DAY + 9 * HOUR);
    s->ops->close(s);
    capture_fini(&cut);
}

Test(sim, restart_goes_on_where_the_journal_was_full) {
    struct capture parts;
    struct buf position;
    int64_t next;

    run_at_once(&all, DAY + 6 * HOUR, DAY + 8 * HOUR);
    capture_init(&parts);
    buf_init(&position);
    for (int i = 0; i < 200 && parts.reading_n < all.reading_n; i++) {
        buf_add_byte(&position, 0);
        struct source *s = open_at(DAY + 6 * HOUR, (const char *)position.p);
        parts.point_n = 0; /* a new epoch */
        parts.room = 97;
        do {
            cr_assert_eq(s->ops->poll(s, DAY + 8 * HOUR, &parts.out, &next), ERR_OK);
        } while (next == DAY + 8 * HOUR);
        buf_reset(&position);
        s->ops->position(s, &position);
        cr_assert_leq(position.n, 240u);
        s->ops->close(s);
    }
    cr_assert(capture_equal(&all, &parts), "%zu %zu", all.reading_n, parts.reading_n);
    buf_fini(&position);
    capture_fini(&parts);
}

Test(sim, counters_never_fall_and_pieces_add_up) {
    int64_t last[3] = {-1, -1, -1};
    const char *const names[3] = {"press-1/total", "press-1/good", "press-1/scrap"};

    run_at_once(&all, DAY + 6 * HOUR, DAY + 14 * HOUR);
    for (size_t i = 0; i < all.reading_n; i++)
        for (size_t k = 0; k < 3; k++)
            if (all.readings[i].r.point == capture_point(&all, names[k])) {
                cr_assert_geq(all.readings[i].r.v.as.i, last[k]);
                last[k] = all.readings[i].r.v.as.i;
            }
    cr_assert_eq(last[0], last[1] + last[2]);
    /* Eight hours at 8 s are 3,600 pieces; the plant makes a believable part of them. */
    cr_assert_gt(last[0] - capture_reading(&all, names[0], 0)->r.v.as.i, 1000);
    cr_assert_lt(last[0] - capture_reading(&all, names[0], 0)->r.v.as.i, 3600);
}

/* In tenths: between 20 at rest and 60, near which an hour's work brings it. */
Test(sim, a_thermometer_follows_the_work) {
    int64_t most = 0, least = INT64_MAX;

    f.machines[1].hot = 60000000;
    run_at_once(&all, DAY + 6 * HOUR, DAY + 10 * HOUR);
    const int at = capture_point(&all, "weld-1/temperature");
    cr_assert_geq(at, 0);
    cr_expect_eq(all.points[at].type, POINT_GAUGE);
    cr_expect_eq(all.points[at].den, 10);
    for (size_t i = 0; i < all.reading_n; i++) {
        if (all.readings[i].r.point != at)
            continue;
        const int64_t v = all.readings[i].r.v.as.i;
        most = v > most ? v : most;
        least = v < least ? v : least;
    }
    cr_expect(least >= 200 && least < 400, "%lld", (long long)least);
    cr_expect(most > 500 && most <= 600, "%lld", (long long)most);
    cr_expect_lt(capture_point(&all, "press-1/temperature"), 0);
}

Test(sim, held_power_integrates_to_the_register) {
    int64_t joules = 0, at = 0, w = 0;

    run_at_once(&all, DAY + 6 * HOUR, DAY + 10 * HOUR);
    const int power = capture_point(&all, "weld-1/power");
    for (size_t i = 0; i < all.reading_n; i++) {
        const struct reading *r = &all.readings[i].r;
        if (r->point != power)
            continue;
        joules += at > 0 ? w * (r->t_ms - at) / 1000 : 0;
        w = r->v.as.i;
        at = r->t_ms;
    }
    const size_t n = capture_count(&all, "weld-1/energy");
    const int64_t from = capture_reading(&all, "weld-1/energy", 0)->r.v.as.i;
    const int64_t to = capture_reading(&all, "weld-1/energy", n - 1)->r.v.as.i;
    /* The register shows whole Wh, cut off, so both ends may hide almost one. */
    cr_assert_leq(llabs(joules / 3600 - (to - from)), 1);
    cr_assert_gt(to - from, 20000);
}

/* weld-1 takes 36 m3/h: 10 litres in a second in which it runs, 2 in one in which it stands, half a
 * litre out of shifts. */
Test(sim, air_flows_by_what_the_machine_does) {
    struct sim_plant p;
    f.machines[1].air_flow = 36000000;
    cr_assert_eq(sim_plant_init(&p, &f.conf, DAY), ERR_OK);
    for (int i = 0; i < 24 * 3600; i++)
        sim_plant_step(&p);
    const struct sim_machine *m = &p.machines[1];
    int64_t half_litres = 0;
    for (unsigned s = 0; s < SIM_STATE_COUNT; s++) {
        const bool runs = s == SIM_RUN || s == SIM_WARMUP;
        half_litres += m->worked_ms[s] / 1000 * (runs ? 20 : s == SIM_OFF ? 1 : 4);
    }
    cr_expect_eq(m->air, half_litres * 500 * 3600);
    cr_expect_gt(m->worked_ms[SIM_RUN], 0);
    cr_expect_eq(m->gas, 0);
    cr_expect_eq(p.machines[0].air, 0);
    sim_plant_fini(&p);
}

/* 20 kW, half of it as var while a shift is on. */
Test(sim, reactive_energy_flows_while_a_shift_is_on) {
    struct sim_plant p;
    f.machines[0].run_uw = INT64_C(20000000000);
    f.machines[0].reactive_ppm = 500000;
    cr_assert_eq(sim_plant_init(&p, &f.conf, DAY), ERR_OK);
    for (int i = 0; i < 24 * 3600; i++)
        sim_plant_step(&p);
    const struct sim_machine *m = &p.machines[0];
    const int64_t on_s = 24 * 3600 - m->worked_ms[SIM_OFF] / 1000;
    cr_expect_eq(m->reactive_j, on_s * 10000);
    cr_expect_gt(on_s, 0);
    sim_plant_fini(&p);
}

Test(sim, only_machines_with_a_flow_have_its_meter) {
    f.machines[1].air_flow = 36000000;
    run_at_once(&all, DAY + 6 * HOUR, DAY + 7 * HOUR);
    const size_t n = capture_count(&all, "weld-1/air");
    cr_assert_gt(n, 10);
    const int64_t litres = capture_reading(&all, "weld-1/air", n - 1)->r.v.as.i -
                           capture_reading(&all, "weld-1/air", 0)->r.v.as.i;
    cr_expect_gt(litres, 7200);
    cr_expect_leq(litres, 36000);
    cr_expect_eq(capture_count(&all, "press-1/air"), 0);
    cr_expect_eq(capture_count(&all, "weld-1/gas"), 0);
}

Test(sim, a_day_has_all_kinds_of_time_and_they_fill_it) {
    int64_t sum[18] = {0}, at = DAY - 1000, code = -1;

    f.conf.breaks = (struct sim_shift_conf[]){{600, 630}};
    f.conf.break_n = 1;
    f.machines[2].mtbf_ms = 0; /* a breakdown would go on through the break */
    run_at_once(&all, DAY, DAY + 24 * HOUR);
    const int point = capture_point(&all, "pack-1/state");
    for (size_t i = 0; i < all.reading_n; i++) {
        const struct reading *r = &all.readings[i].r;
        if (r->point != point)
            continue;
        if (code >= 0)
            sum[code] += r->t_ms - at;
        code = r->v.as.i;
        at = r->t_ms;
    }
    sum[code] += DAY + 24 * HOUR - at;
    int64_t total = 0;
    for (size_t i = 0; i < 18; i++)
        total += sum[i];
    cr_assert_eq(total, 24 * HOUR);
    cr_assert_geq(sum[2], 30 * UTC_MINUTE_MS); /* the break */
    cr_assert_gt(sum[6], 10 * HOUR);           /* execute */
    cr_assert_gt(sum[15], 0);                  /* resetting: changeover */
    cr_assert_gt(sum[11], 0);                  /* held: micro-stop */
    cr_assert_gt(sum[5], 0);                   /* suspended: starved */
}

Test(sim, history_comes_first_in_bounded_polls) {
    int64_t next;

    f.conf.history_ms = 6 * HOUR;
    struct source *s = open_at(DAY + 30 * HOUR, "");
    const size_t polls = capture_drain(&all, s, DAY + 30 * HOUR, &next);
    cr_assert_eq(all.readings[0].r.t_ms, DAY + 24 * HOUR);
    cr_assert_geq(polls, all.reading_n / 5000);
    cr_assert_eq(next, DAY + 30 * HOUR + 1000);
    s->ops->close(s);
}

Test(sim, two_agents_tell_parts_of_one_plant) {
    struct capture part;
    struct ident press = {"press-1"};

    run_at_once(&all, DAY + 6 * HOUR, DAY + 7 * HOUR);
    f.conf.emit = &press;
    f.conf.emit_n = 1;
    capture_init(&part);
    run_at_once(&part, DAY + 6 * HOUR, DAY + 7 * HOUR);
    cr_assert_eq(part.point_n, 6u);
    cr_assert_eq(capture_count(&part, "press-1/good"), capture_count(&all, "press-1/good"));
    capture_fini(&part);
}

Test(sim, silent_source_vouches_for_nothing) {
    sim_fixture_fault(&f, SIM_FAULT_SILENT, "", DAY + 7 * HOUR, 600000);
    run_at_once(&all, DAY + 6 * HOUR, DAY + 8 * HOUR);
    cr_assert_eq(all.cover_n, 2u);
    cr_assert_eq(all.covers[0].until_ms, DAY + 7 * HOUR - 1000);
    cr_assert_eq(all.covers[1].since_ms, DAY + 7 * HOUR + 600000);
    for (size_t i = 0; i < all.reading_n; i++)
        cr_assert(all.readings[i].r.t_ms < DAY + 7 * HOUR ||
                  all.readings[i].r.t_ms >= DAY + 7 * HOUR + 600000);
}

Test(sim, silent_machine_turns_its_points_bad_and_good_again) {
    sim_fixture_fault(&f, SIM_FAULT_SILENT, "weld-1", DAY + 7 * HOUR, 600000);
    run_at_once(&all, DAY + 6 * HOUR, DAY + 8 * HOUR);
    size_t bad = 0, good = 0;
    for (size_t i = 0; i < all.reading_n; i++) {
        bad += all.readings[i].r.quality == QUALITY_BAD ? 1 : 0;
        good += all.readings[i].r.t_ms == DAY + 7 * HOUR + 600000 &&
                        strncmp(all.points[all.readings[i].r.point].name, "weld-1/", 7) == 0
                    ? 1
                    : 0;
    }
    cr_assert_eq(bad, 6u); /* state, total, good, scrap, power, energy */
    cr_assert_eq(good, 6u);
    cr_assert_eq(all.cover_n, 1u);
}

Test(sim, reset_wrap_and_stuck_show_on_the_counters) {
    f.machines[0].counter_bits = 16;
    f.machines[0].mtbf_ms = f.machines[0].micro_mtbf_ms = 0;
    sim_fixture_fault(&f, SIM_FAULT_COUNTER_RESET, "press-1", DAY + 7 * HOUR, 1000);
    f.fault.amount = 65535;
    run_at_once(&all, DAY + 6 * HOUR, DAY + 8 * HOUR);
    int64_t least = INT64_MAX, most = 0;
    for (size_t i = 0; i < all.reading_n; i++)
        if (all.readings[i].r.point == capture_point(&all, "press-1/total")) {
            least = all.readings[i].r.v.as.i < least ? all.readings[i].r.v.as.i : least;
            most = all.readings[i].r.v.as.i > most ? all.readings[i].r.v.as.i : most;
        }
    /* Set to 65535, the next piece makes it wrap to 0. */
    cr_assert_eq(most, 65535);
    cr_assert_eq(least, 0);
    cr_assert_eq(all.points[capture_point(&all, "press-1/total")].width_bits, 16);
}

/* The first reading shows 65,530; press-1 makes a piece every 8 s, so the sixth one wraps within a
 * minute or a stop later. A source that goes on from its position does not begin anew. */
Test(sim, a_counter_may_start_near_its_end) {
    f.machines[0].counter_bits = 16;
    f.machines[0].counter_start = 65530;
    f.machines[0].mtbf_ms = f.machines[0].micro_mtbf_ms = 0;
    run_at_once(&all, DAY + 7 * HOUR, DAY + 8 * HOUR);
    const struct captured *first = capture_reading(&all, "press-1/total", 0);
    cr_assert_not_null(first);
    cr_expect_eq(first->r.v.as.i, 65530);
    size_t wraps = 0;
    int64_t before = 65530;
    for (size_t i = 1; i < capture_count(&all, "press-1/total"); i++) {
        const int64_t v = capture_reading(&all, "press-1/total", i)->r.v.as.i;
        wraps += v < before;
        cr_expect_eq((v - before) & 0xffff, 1); /* each report one piece, over the wrap too */
        before = v;
    }
    cr_expect_eq(wraps, 1);
}

Test(sim, clock_step_moves_stamps_and_coverage) {
    sim_fixture_fault(&f, SIM_FAULT_CLOCK_STEP, "", DAY + 7 * HOUR, HOUR);
    f.fault.amount = 90000;
    run_at_once(&all, DAY + 6 * HOUR + HOUR / 2, DAY + 7 * HOUR + HOUR / 2);
    cr_assert_eq(all.covers[all.cover_n - 1].until_ms, DAY + 7 * HOUR + HOUR / 2 + 90000);
    cr_assert_eq(all.readings[all.reading_n - 1].r.t_ms, DAY + 7 * HOUR + HOUR / 2 + 90000);
}

Test(sim, foreign_positions_are_refused) {
    const char *const bad[] = {"x", "1 2", "2 0 0 0 0", "1 1000 0 0 0 0", "1 5000 0 1000 0"};
    struct source *s = NULL;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_eq(sim_open(&f.conf, DAY, span_str(bad[i]), &s), ERR_FORMAT, "%s", bad[i]);
}

Test(sim, dialects_name_the_same_states) {
    f.conf.dialect = SIM_MTCONNECT;
    run_at_once(&all, DAY + 6 * HOUR, DAY + 8 * HOUR);
    cr_assert_geq(capture_point(&all, "press-1/mode"), 0);
    cr_assert_eq(capture_reading(&all, "press-1/state", 0)->r.v.kind, VALUE_TEXT);
    size_t active = 0;
    for (size_t i = 0; i < all.reading_n; i++)
        active += strcmp(all.readings[i].text, "ACTIVE") == 0 ? 1 : 0;
    cr_assert_gt(active, 0u);
}
