/* What a timeline says of conditions: of the packer of the wide plant, which is judged by the
 * temperature of the press ("cool", beyond 80 for 90 s) and by its own level ("full"). */
#include <criterion/criterion.h>

#include "reader.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"
#include "views/history.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS

enum { PACK = 3 };

static struct plant *plant;
static struct station station;
static struct script gw1, gw2;
static struct shown shown;

static void tick(int64_t wall_ms) {
    cr_assert_eq(station_tick(&station, (struct core_now){wall_ms, 1000 + wall_ms - T0}), ERR_OK);
    cr_assert_eq(station_settle(&station), ERR_OK);
}

static void hear(struct script *g) {
    cr_assert_eq(script_hello(g), ERR_OK);
    cr_assert_eq(script_key(g, T0), ERR_OK);
    script_asof(g, T0, T0 + 30 * MIN);
}

/* It runs for half an hour, its level is 0 but 9.5 from 6:20 to 6:22; the press is at 20 degrees,
 * at 90 and 95 from 6:05 to 6:10, and tells nothing from 6:25 on. */
static void half_hour(void) {
    script_init(&gw1, &station, "gw1", 101);
    script_init(&gw2, &station, "gw2", 202);
    const uint16_t heat = script_point(&gw1, "extra", POINT_GAUGE, 1);
    const uint16_t state = script_point(&gw2, "state", POINT_STATE, 1);
    const uint16_t level = script_point(&gw2, "level", POINT_GAUGE, 500000);
    gw2.point[level].den = 1000000;
    hear(&gw1);
    script_int(&gw1, heat, T0, 20);
    script_int(&gw1, heat, T0 + 5 * MIN, 90);
    script_int(&gw1, heat, T0 + 8 * MIN, 95);
    script_int(&gw1, heat, T0 + 10 * MIN, 20);
    script_int(&gw1, heat, T0 + 25 * MIN, 999);
    cr_assert_eq(script_send(&gw1), ERR_OK);
    hear(&gw2);
    script_int(&gw2, state, T0, MACHINE_RUN);
    script_int(&gw2, level, T0, 0);
    script_int(&gw2, level, T0 + 20 * MIN, 19);
    script_int(&gw2, level, T0 + 22 * MIN, 0);
    cr_assert_eq(script_send(&gw2), ERR_OK);
    tick(T0 + 30 * MIN);
}

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

static void start(void) {
    cr_assert_eq(line_plant_open_wide(&plant), ERR_OK);
    cr_assert_eq(station_init(&station, plant), ERR_OK);
    cr_assert_eq(station_start(&station, (struct core_now){T0, 1000}, 5), ERR_OK);
    tick(T0);
    half_hour();
    struct view_history ask = {
        .what = VIEW_PAST_TIMELINE,
        .format = VIEW_JSON,
        .query = {.plant = plant, .node = PACK, .from_ms = T0, .to_ms = T0 + 30 * MIN}};
    const struct history_reader reader = {.load = load, .user = station.store};
    int64_t next_ms = 0;
    core_agents_of(station.core, PACK, false, ask.agents);
    buf_init(&shown.text);
    cr_assert_eq(view_past(&ask, &reader, &shown.text, &next_ms), ERR_OK);
    cr_assert_eq(json_parse(buf_span(&shown.text), NULL, &shown.root, NULL), ERR_OK);
}

static void stop(void) {
    shown_fini(&shown);
    script_fini(&gw1);
    script_fini(&gw2);
    station_fini(&station);
    plant_close(plant);
}

TestSuite(timeline, .init = start, .fini = stop);

Test(timeline, a_breach_is_told_with_the_signal_that_proves_it) {
    cr_assert_eq(json_count(shown_at(&shown, "breaches")), 2u);
    cr_expect_str_eq(shown_text(&shown, "breaches.0.condition"), "cool");
    cr_expect_str_eq(shown_text(&shown, "breaches.0.by"), "gauge");
    cr_expect_str_eq(shown_text(&shown, "breaches.0.gauge"), "temperature");
    cr_expect_str_eq(shown_text(&shown, "breaches.0.at"), "press");
    cr_expect_eq(shown_int(&shown, "breaches.0.from_ms"), T0 + 5 * MIN);
    cr_expect_eq(shown_int(&shown, "breaches.0.to_ms"), T0 + 10 * MIN);
    cr_expect_eq(shown_real(&shown, "breaches.0.value"), 95.0);
    cr_expect_eq(shown_real(&shown, "breaches.0.limit"), 80.0);
    cr_expect_str_eq(shown_text(&shown, "breaches.0.passes"), "high");
    cr_expect_str_eq(shown_text(&shown, "breaches.0.shown_in"), "degC");
    cr_expect_str_eq(shown_text(&shown, "breaches.1.condition"), "full");
    cr_expect_eq(shown_real(&shown, "breaches.1.value"), 9.5);
    cr_expect_eq(shown_real(&shown, "breaches.1.limit"), 5.0);
}

Test(timeline, what_nobody_knows_is_no_breach) {
    cr_assert_eq(json_count(shown_at(&shown, "unproven")), 1u);
    cr_expect_str_eq(shown_text(&shown, "unproven.0.condition"), "cool");
    cr_expect_str_eq(shown_text(&shown, "unproven.0.gauge"), "temperature");
    cr_expect_eq(shown_int(&shown, "unproven.0.from_ms"), T0 + 25 * MIN);
    cr_expect_eq(shown_int(&shown, "unproven.0.to_ms"), T0 + 30 * MIN);
    cr_expect_null(shown_at(&shown, "unproven.0.value"));
}

/* The quarter from 6:15 on of a machine whose press got hot before, and fell silent within. */
Test(timeline, an_explanation_tells_what_of_its_window_was_out_of_conditions) {
    struct view_history ask = {.what = VIEW_PAST_EXPLAIN,
                               .format = VIEW_JSON,
                               .logs_from_ms = INT64_MIN,
                               .indicator = IND_TIME_UTILIZATION,
                               .query = {.plant = plant,
                                         .node = PACK,
                                         .node_no = core_node_number(station.core, PACK),
                                         .kind = WINDOW_QUARTER,
                                         .from_ms = T0 + 15 * MIN,
                                         .to_ms = T0 + 30 * MIN,
                                         .limit = 10}};
    const struct history_reader reader = {.load = load, .user = station.store};
    struct shown told;
    int64_t next_ms = 0;
    core_agents_of(station.core, PACK, true, ask.agents);
    buf_init(&told.text);
    cr_assert_eq(view_past(&ask, &reader, &told.text, &next_ms), ERR_OK);
    cr_assert_eq(json_parse(buf_span(&told.text), NULL, &told.root, NULL), ERR_OK);
    cr_assert_eq(json_count(shown_at(&told, "breaches")), 1u, "what ended before is not of it");
    cr_expect_str_eq(shown_text(&told, "breaches.0.condition"), "full");
    cr_expect_str_eq(shown_text(&told, "breaches.0.by"), "gauge");
    cr_expect_eq(shown_real(&told, "breaches.0.value"), 9.5);
    cr_assert_eq(json_count(shown_at(&told, "unproven")), 1u);
    cr_expect_eq(shown_int(&told, "unproven.0.from_ms"), T0 + 25 * MIN);
    shown_fini(&told);
}
