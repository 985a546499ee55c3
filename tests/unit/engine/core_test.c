/* The core with its store, driven by a stream written by hand: what one agent says becomes windows,
 * over restarts, late data, duplicates and bytes that are none. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "core_rig.h"
#include "wire/seal.h"

Test(core, readings_become_windows) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
    expect_first_half_hour(&hour.sums);
    cr_expect_eq(hour.life, WINDOW_PROVISIONAL);
    cr_expect_eq(sums_time(&hour.sums), 30 * MIN, "%lld", (long long)sums_time(&hour.sums));
    cr_expect_eq(hour.sums.q[QTY_TIME + CAT_UNKNOWN], 0);
    /* Two persons for half an hour. */
    cr_expect_eq(hour.sums.q[QTY_LABOUR], 60 * MIN);
    struct window shift = bench_window(&b, 2, WINDOW_SHIFT, T0);
    expect_first_half_hour(&shift.sums);
    struct window day = bench_window(&b, 2, WINDOW_DAY, SIM_DAY0);
    expect_first_half_hour(&day.sums);
    cr_expect_eq(sums_time(&day.sums), 6 * 60 * MIN + 30 * MIN, "filled from midnight on");
    cr_expect_eq(day.sums.q[QTY_TIME + CAT_NOT_SCHEDULED] + day.sums.q[QTY_TIME + CAT_UNKNOWN],
                 6 * 60 * MIN);
    /* The press is not the line's output: its time counts there, its pieces do not. */
    struct window line = bench_window(&b, 1, WINDOW_HOUR, T0);
    cr_expect_eq(line.sums.q[QTY_TIME + CAT_PRODUCTION], 20 * MIN);
    cr_expect_eq(line.sums.q[QTY_PQ], 0);
    bench_close(&b);
}

Test(core, the_first_quarter_holds_its_part) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    struct window q1 = bench_window(&b, 2, WINDOW_QUARTER, T0);
    struct window q2 = bench_window(&b, 2, WINDOW_QUARTER, T0 + 15 * MIN);
    cr_expect_eq(q1.sums.q[QTY_TIME + CAT_PRODUCTION], 10 * MIN);
    cr_expect_eq(q1.sums.q[QTY_TIME + CAT_DELAY], 5 * MIN);
    cr_expect_eq(q2.sums.q[QTY_TIME + CAT_DELAY], 5 * MIN);
    /* The second 30 pieces fall into the production time of their span: 06:20 to 06:30. */
    cr_expect_eq(q1.sums.q[QTY_PQ], 30 * PIECE);
    cr_expect_eq(q2.sums.q[QTY_PQ], 30 * PIECE);
    /* 1 kWh, then 5 of 20 min of 2 kWh. */
    cr_expect_eq(sums_energy(&q1.sums), 1500 * WH);
    cr_expect_eq(sums_energy(&q2.sums), 1500 * WH);
    bench_close(&b);
}

Test(core, a_restart_goes_on_where_it_was) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    bench_restart(&b, T0 + 31 * MIN);
    struct window shift = bench_window(&b, 2, WINDOW_SHIFT, T0);
    expect_first_half_hour(&shift.sums);
    bench_at(&b, T0 + 31 * MIN);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    script_asof(&b.gw1, T0, T0 + 40 * MIN);
    script_int(&b.gw1, b.total, T0 + 40 * MIN, 175);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    bench_at(&b, T0 + 40 * MIN);
    shift = bench_window(&b, 2, WINDOW_SHIFT, T0);
    cr_expect_eq(shift.sums.q[QTY_PQ], 75 * PIECE);
    cr_expect_eq(shift.sums.q[QTY_TIME + CAT_PRODUCTION], 30 * MIN, "%lld",
                 (long long)shift.sums.q[QTY_TIME + CAT_PRODUCTION]);
    bench_close(&b);
}

Test(core, a_restart_without_commit_takes_the_record_again) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    script_asof(&b.gw1, T0, T0 + 40 * MIN);
    script_int(&b.gw1, b.total, T0 + 40 * MIN, 175);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    bench_restart(&b, T0 + 41 * MIN); /* nothing was committed after the record */
    bench_at(&b, T0 + 41 * MIN);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    cr_assert_eq(script_send_again(&b.gw1), ERR_OK);
    bench_at(&b, T0 + 41 * MIN);
    struct window shift = bench_window(&b, 2, WINDOW_SHIFT, T0);
    cr_expect_eq(shift.sums.q[QTY_PQ], 75 * PIECE);
    bench_close(&b);
}

Test(core, a_sealed_record_counts_and_a_damaged_one_does_not) {
    struct bench b;
    struct buf frame;
    char topic[TOPIC_MAX];
    bench_open(&b);
    bench_half_hour(&b);
    uint64_t taken = core_stats(b.station.core)->readings;
    script_int(&b.gw1, b.total, T0 + 40 * MIN, 175);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    cr_assert_eq(core_stats(b.station.core)->readings, taken + 1);
    topic_format(TOPIC_DATA, &b.gw1.agent, topic);
    buf_init(&frame);
    cr_assert_eq(seal_format(span_str(topic), buf_span(&b.gw1.bytes), &frame), ERR_OK);
    frame.p[frame.n - 1] ^= 1; /* the last byte of its value */
    cr_assert_eq(station_message(&b.station, topic, buf_span(&frame)), ERR_OK);
    cr_expect_eq(core_stats(b.station.core)->damaged, 1);
    frame.p[frame.n - 1] ^= 1;
    cr_assert_eq(station_message(&b.station, topic, buf_span(&frame)), ERR_OK);
    struct core_agent_view a;
    core_agent_view(b.station.core, 0, &a);
    cr_expect_eq(a.duplicates, 1, "whole again, it is the record that was applied already");
    topic[strlen(topic) - 3] ^= 1; /* gw0 */
    cr_assert_eq(station_message(&b.station, topic, buf_span(&frame)), ERR_OK);
    cr_expect_eq(core_agents(b.station.core), 1);
    buf_fini(&frame);
    bench_close(&b);
}

Test(core, a_store_opens_although_an_agent_only_said_that_it_is_online) {
    struct bench b;
    cr_assert_eq(line_plant_open(&b.plant), ERR_OK);
    cr_assert_eq(station_init(&b.station, b.plant), ERR_OK);
    cr_assert_eq(station_start(&b.station, (struct core_now){T0, 1000}, 5), ERR_OK);
    struct ident first;
    char topic[TOPIC_MAX];
    cr_assert(ident_set(&first, span_str("gw0")));
    topic_format(TOPIC_STATUS, &first, topic);
    cr_assert_eq(station_message(&b.station, topic, span_str("online")), ERR_OK);
    /* It is killed before its first hello; the second agent comes and is committed. */
    struct script second;
    script_init(&second, &b.station, "gw1", 101);
    script_point(&second, "state", POINT_STATE, 1);
    cr_assert_eq(station_tick(&b.station, (struct core_now){T0, 1000}), ERR_OK);
    cr_assert_eq(script_hello(&second), ERR_OK);
    cr_assert_eq(script_key(&second, T0), ERR_OK);
    bench_at(&b, T0 + MIN);
    station_kill(&b.station, 0);
    cr_expect_eq(station_start(&b.station, (struct core_now){T0 + 2 * MIN, 1000}, 9), ERR_OK);
    cr_expect_eq(core_agents(b.station.core), 2);
    script_fini(&second);
    station_fini(&b.station);
    plant_close(b.plant);
}

/* 777 is in no map: counted when it comes and when it comes again, told once; 6:01 to 6:03 is the
 * same value and counts no more. */
Test(core, a_state_that_no_map_names_is_counted_and_named) {
    struct bench b;
    struct core_unmapped u;
    bench_open(&b);
    cr_assert_eq(script_key(&b.gw1, T0), ERR_OK);
    for (int i = 0; i < 6; i++) {
        script_asof(&b.gw1, T0 + i * MIN, T0 + (i + 1) * MIN);
        script_int(&b.gw1, b.state, T0 + i * MIN, i == 0 || i == 4 ? MACHINE_RUN : 777);
        cr_assert_eq(script_send(&b.gw1), ERR_OK);
    }
    bench_at(&b, T0 + 6 * MIN);
    cr_expect_eq(core_stats(b.station.core)->unmapped, 2);
    cr_assert(core_unmapped_at(b.station.core, 0, &u));
    cr_expect_eq(u.times, 2);
    cr_expect_eq(u.raw, 777);
    cr_expect_not(u.is_text);
    cr_expect_str_eq(u.point, "state");
    cr_expect_str_eq(u.agent->s, "gw1");
    cr_expect_not(core_unmapped_at(b.station.core, 1, &u));
    cr_expect_eq(b.station.warnings, 1);
    cr_expect_str_eq(b.station.last_event, "state_not_mapped");
    bench_close(&b);
}

Test(core, silence_becomes_unknown_and_late_data_restate) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    /* Nothing more is heard; the hour is settled fifteen minutes after its end. */
    for (int64_t t = T0 + 31 * MIN; t <= T0 + 77 * MIN; t += MIN)
        bench_at(&b, t);
    struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
    cr_expect_eq(hour.life, WINDOW_SETTLED);
    cr_expect_eq(hour.revision, 0);
    cr_expect_eq(hour.sums.q[QTY_TIME + CAT_UNKNOWN], 30 * MIN);
    cr_expect_eq(sums_time(&hour.sums), 60 * MIN);
    /* A day later the gateway comes back and vouches for that hour. */
    int64_t next_day = T0 + UTC_DAY_MS;
    bench_at(&b, next_day);
    script_asof(&b.gw1, T0, T0 + 60 * MIN);
    script_int(&b.gw1, b.total, T0 + 60 * MIN, 170);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    for (int64_t t = next_day; t <= next_day + 3 * MIN; t += MIN)
        bench_at(&b, t);
    hour = bench_window(&b, 2, WINDOW_HOUR, T0);
    cr_expect_eq(hour.life, WINDOW_RESTATED);
    cr_expect_eq(hour.revision, 1);
    cr_expect_eq(hour.cause, RESTATE_LATE_DATA);
    cr_expect_eq(hour.sums.q[QTY_TIME + CAT_UNKNOWN], 0);
    cr_expect_eq(hour.sums.q[QTY_TIME + CAT_PRODUCTION], 50 * MIN);
    cr_expect_eq(hour.sums.q[QTY_PQ], 70 * PIECE);
    struct window day = bench_window(&b, 2, WINDOW_DAY, SIM_DAY0);
    cr_expect_eq(sums_time(&day.sums), UTC_DAY_MS);
    cr_expect_eq(day.sums.q[QTY_TIME + CAT_PRODUCTION], 50 * MIN);
    cr_expect_eq(day.sums.q[QTY_TIME + CAT_NOT_SCHEDULED] + day.sums.q[QTY_UNKNOWN_OFF],
                 8 * 60 * MIN + 15 * MIN, "22 h to 6 h, and the early shift's pause");
    bench_close(&b);
}

/* The plant file calls a gauge the press's meter: it is told and not booked. */
Test(core, a_point_that_cannot_serve_its_role_is_told_and_left_out) {
    struct bench b;
    struct core_agent_view v;
    cr_assert_eq(line_plant_open(&b.plant), ERR_OK);
    cr_assert_eq(station_init(&b.station, b.plant), ERR_OK);
    cr_assert_eq(station_start(&b.station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&b.gw1, &b.station, "gw1", 101);
    b.state = script_point(&b.gw1, "state", POINT_STATE, 1);
    b.energy = script_point(&b.gw1, "energy", POINT_GAUGE, WH);
    b.total = script_point(&b.gw1, "total", POINT_REGISTER, WH);
    snprintf(b.gw1.point[b.total].unit, sizeof b.gw1.point[b.total].unit, "uWh");
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    cr_assert_eq(script_key(&b.gw1, T0), ERR_OK);
    script_asof(&b.gw1, T0, T0 + 30 * MIN);
    script_int(&b.gw1, b.state, T0, MACHINE_RUN);
    script_int(&b.gw1, b.total, T0, 100);
    script_int(&b.gw1, b.total, T0 + 10 * MIN, 110);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    bench_at(&b, T0 + 30 * MIN);
    core_agent_view(b.station.core, 0, &v);
    cr_expect_eq(v.misfits, 2);
    cr_expect_eq(core_stats(b.station.core)->misfits, 2);
    struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
    cr_expect_eq(hour.sums.q[QTY_PQ], 0, "a kilowatt-hour is no piece");
    cr_expect_eq(hour.sums.q[QTY_ENERGY_SEEN], 0);
    cr_expect_eq(hour.sums.q[QTY_TIME + CAT_PRODUCTION], 30 * MIN);
    bench_close(&b);
}

Test(core, duplicates_are_counted_and_change_nothing) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    cr_assert_eq(script_send_again(&b.gw1), ERR_OK);
    bench_at(&b, T0 + 30 * MIN);
    struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
    expect_first_half_hour(&hour.sums);
    struct core_agent_view v;
    core_agent_view(b.station.core, 0, &v);
    cr_expect_eq(v.duplicates, 1);
    cr_expect_eq(v.applied, 4);
    bench_close(&b);
}

Test(core, malformed_bytes_and_topics_are_counted) {
    struct bench b;
    char topic[TOPIC_MAX];
    bench_open(&b);
    bench_half_hour(&b);
    topic_format(TOPIC_DATA, &b.gw1.agent, topic);
    cr_assert_eq(station_message(&b.station, topic, span_str("nonsense")), ERR_OK);
    cr_assert_eq(station_message(&b.station, "pb1/99/../d", span_str("x")), ERR_OK);
    topic_format(TOPIC_HELLO, &b.gw1.agent, topic);
    cr_assert_eq(station_message(&b.station, topic, span_str("\xc0")), ERR_OK);
    const struct core_stats *s = core_stats(b.station.core);
    cr_expect_eq(s->refused, 1);
    cr_expect_eq(s->refused_topics, 1);
    cr_expect_eq(s->hello_refused, 1);
    bench_at(&b, T0 + 30 * MIN);
    struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
    expect_first_half_hour(&hour.sums);
    bench_close(&b);
}

/* Long checkpoints come in parts, an agent each here, and none is forgotten. */
Test(core, agents_beyond_a_commits_bytes_follow_in_the_next) {
    struct bench b;
    struct script gw2;
    bench_open(&b);
    b.station.conf.commit_bytes = 1;
    bench_restart(&b, T0);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    script_init(&gw2, &b.station, "gw2", 202);
    script_point(&gw2, "else", POINT_COUNTER, PIECE);
    cr_assert_eq(script_hello(&gw2), ERR_OK);
    bench_at(&b, T0 + MIN); /* both are in the store */
    cr_assert_eq(script_key(&b.gw1, T0), ERR_OK);
    cr_assert_eq(script_key(&gw2, T0), ERR_OK);
    uint64_t before = core_stats(b.station.core)->commits;
    bench_at(&b, T0 + 2 * MIN);
    cr_expect_geq(core_stats(b.station.core)->commits, before + 2);
    bench_restart(&b, T0 + 3 * MIN);
    cr_expect_eq(core_agents(b.station.core), 2);
    for (size_t i = 0; i < 2; i++) {
        struct core_agent_view v;
        core_agent_view(b.station.core, i, &v);
        cr_expect_eq(v.points, i == 0 ? 5 : 1, "agent %zu has %u", i, v.points);
    }
    script_fini(&gw2);
    bench_close(&b);
}

/* A new agent's five signals come one a commit, its slab behind them: whatever of it is in the
 * store, a process can begin with it, and what is not, the agent tells again. */
Test(core, a_new_agent_may_be_stored_in_part_when_the_process_dies) {
    for (unsigned commits = 0; commits <= 8; commits++) {
        struct bench b;
        struct core_agent_view v;
        bench_open(&b);
        b.station.conf.commit_bytes = 1;
        bench_restart(&b, T0);
        cr_assert_eq(script_hello(&b.gw1), ERR_OK);
        cr_assert_eq(script_key(&b.gw1, T0), ERR_OK);
        b.station.by_hand = true;
        for (unsigned i = 0; i < commits; i++) {
            cr_assert_eq(station_tick(&b.station, (struct core_now){T0, 2000 + i * 1000}), ERR_OK);
            station_store_step(&b.station);
        }
        b.station.by_hand = false;
        bench_restart(&b, T0);
        script_restart(&b.gw1, 102);
        cr_assert_eq(script_hello(&b.gw1), ERR_OK);
        bench_half_hour(&b);
        cr_assert_eq(core_agents(b.station.core), 1);
        core_agent_view(b.station.core, 0, &v);
        cr_expect_eq(v.points, 5, "%u after %u commits", v.points, commits);
        cr_expect_eq(v.readings, 11, "%llu", (unsigned long long)v.readings);
        bench_restart(&b, T0 + 31 * MIN);
        core_agent_view(b.station.core, 0, &v);
        cr_expect_eq(v.points, 5);
        bench_close(&b);
    }
}

static bool next_ack(struct core *c) {
    struct core_effect e;
    while (core_next_effect(c, &e))
        if (e.kind == EFFECT_ACK)
            return true;
    return false;
}

Test(core, an_ack_the_bus_had_no_room_for_comes_again) {
    struct bench b;
    struct hello h = {.n = 9, .epoch_n = 1};
    struct buf bytes;
    char topic[TOPIC_MAX];
    bench_open(&b);
    struct core *c = b.station.core;
    h.agent = b.gw1.agent;
    h.nonce = b.gw1.nonce;
    h.epoch[0] = (struct hello_epoch){.epoch = b.gw1.epoch, .base = 1, .next = 1, .open = true};
    buf_init(&bytes);
    cr_assert_eq(hello_format(&h, &bytes), ERR_OK);
    topic_format(TOPIC_HELLO, &h.agent, topic);
    struct core_now now = {T0, 2000};
    cr_assert_eq(core_on_message(c, span_str(topic), buf_span(&bytes), now), ERR_OK);
    cr_assert(next_ack(c), "a hello is answered");
    core_ack_refused(c);
    cr_expect_not(next_ack(c), "none while the bus is full");
    core_acks_resume(c);
    cr_expect(next_ack(c), "the refused one");
    cr_expect_not(next_ack(c), "once");
    buf_fini(&bytes);
    bench_close(&b);
}

Test(core, a_signal_that_no_file_names_is_shown) {
    struct bench b;
    struct core_unassigned u;
    bench_open(&b);
    bench_half_hour(&b);
    cr_assert(core_unassigned_at(b.station.core, 0, &u));
    cr_expect_str_eq(u.name, "extra");
    cr_expect_str_eq(u.agent->s, "gw1");
    cr_expect(u.seen);
    cr_expect_not(core_unassigned_at(b.station.core, 1, &u));
    bench_close(&b);
}

/* A hello that lists the epoch before as well: three records, of which the last is missing yet. */
static void hello_beside(struct bench *b, uint64_t older) {
    struct script *g = &b->gw1;
    char topic[TOPIC_MAX];
    struct buf bytes;
    struct hello h = {.agent = g->agent, .nonce = g->nonce, .n = ++g->hello_n, .epoch_n = 2};
    h.epoch[0] = (struct hello_epoch){.epoch = older, .base = 1, .next = 4};
    h.epoch[1] = (struct hello_epoch){.epoch = g->epoch,
                                      .prev_epoch = g->prev_epoch,
                                      .prev_last = g->prev_last,
                                      .base = 1,
                                      .next = g->next > 1 ? g->next : 2,
                                      .open = true};
    buf_init(&bytes);
    topic_format(TOPIC_HELLO, &g->agent, topic);
    cr_assert_eq(hello_format(&h, &bytes), ERR_OK);
    cr_assert_eq(station_message(&b->station, topic, buf_span(&bytes)), ERR_OK);
    buf_fini(&bytes);
}

static void setup_with_order(struct bench *b, int64_t from_ms, int64_t to_ms, const char *order) {
    struct script *g = &b->gw1;
    script_asof(g, from_ms, to_ms);
    script_int(g, b->state, from_ms, MACHINE_SETUP);
    if (order)
        script_text(g, b->order, from_ms, order);
    cr_assert_eq(script_send(g), ERR_OK);
    bench_at(b, to_ms);
}

/* No order from 06:00 in an epoch that never ends, o-1 from 06:10 in the next one; a third epoch
 * takes the second one's lane over at 07:40. The first one's "none" still ends at 06:10. */
Test(core, a_sticky_value_ends_where_the_younger_lane_began_whoever_holds_it_now) {
    struct bench b;
    struct script *g = &b.gw1;
    bench_open(&b);
    cr_assert_eq(script_key(g, T0), ERR_OK);
    setup_with_order(&b, T0, T0 + 10 * MIN, "");
    g->next++;
    script_restart(g, 102);
    hello_beside(&b, 101);
    cr_assert_eq(script_key(g, T0 + 10 * MIN), ERR_OK);
    script_int(g, b.energy, T0 + 10 * MIN, 1000);
    setup_with_order(&b, T0 + 10 * MIN, T0 + 100 * MIN, "o-1");
    script_restart(g, 103);
    hello_beside(&b, 101);
    cr_assert_eq(script_key(g, T0 + 100 * MIN), ERR_OK);
    script_int(g, b.energy, T0 + 120 * MIN, 2000); /* a span from 06:10: all is computed again */
    setup_with_order(&b, T0 + 100 * MIN, T0 + 120 * MIN, NULL);
    struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
    cr_expect_eq(hour.sums.q[QTY_TIME + CAT_DOWN_NO_ORDER], 10 * MIN);
    cr_expect_eq(hour.sums.q[QTY_TIME + CAT_SETUP], 50 * MIN);
    hour = bench_window(&b, 2, WINDOW_HOUR, T0 + UTC_HOUR_MS);
    cr_expect_eq(hour.sums.q[QTY_TIME + CAT_SETUP], 60 * MIN);
    bench_close(&b);
}

/* A state at 00:03 may end a stop that began six minutes before it, but the day before has no data:
 * a window of it would hold six minutes of a day, against law L1. */
Test(core, a_day_without_data_has_no_window) {
    struct bench b;
    bench_open(&b);
    const int64_t begin = SIM_DAY0 + 3 * MIN;
    cr_assert_eq(script_key(&b.gw1, begin), ERR_OK);
    script_asof(&b.gw1, begin, begin + MIN);
    script_int(&b.gw1, b.state, begin, MACHINE_RUN);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    bench_at(&b, T0);
    struct window_key key = {.node = 2, .kind = WINDOW_DAY, .start_ms = SIM_DAY0 - UTC_DAY_MS};
    struct window w = {0};
    cr_expect_not(station_window(&b.station, &key, &w));
    struct window day = bench_window(&b, 2, WINDOW_DAY, SIM_DAY0);
    cr_expect_eq(sums_time(&day.sums), 6 * 60 * MIN);
    cr_expect_eq(day.sums.q[QTY_TIME + CAT_PRODUCTION], MIN);
    bench_close(&b);
}
