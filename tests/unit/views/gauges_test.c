/* Gauges as JSON and CSV: the newest reading of the press of the wide plant, and what one showed.
 */
#include <criterion/criterion.h>

#include "reader.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"
#include "views/history.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define UNIT INT64_C(1000000)

struct rig {
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t extra;
};

static void rig_open(struct rig *r) {
    cr_assert_eq(line_plant_open_wide(&r->plant), ERR_OK);
    cr_assert_eq(station_init(&r->station, r->plant), ERR_OK);
    cr_assert_eq(station_start(&r->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&r->gw1, &r->station, "gw1", 101);
    r->extra = script_point(&r->gw1, "extra", POINT_GAUGE, 1);
    cr_assert_eq(station_tick(&r->station, (struct core_now){T0, 1000}), ERR_OK);
    cr_assert_eq(script_hello(&r->gw1), ERR_OK);
    cr_assert_eq(script_key(&r->gw1, T0), ERR_OK);
}

static void rig_say(struct rig *r, int64_t t_ms, int64_t value) {
    script_asof(&r->gw1, T0, t_ms);
    script_int(&r->gw1, r->extra, t_ms, value);
    cr_assert_eq(script_send(&r->gw1), ERR_OK);
}

static void rig_close(struct rig *r) {
    script_fini(&r->gw1);
    station_fini(&r->station);
    plant_close(r->plant);
}

static void show(struct shown *v, const struct rig *r, int64_t wall_ms) {
    const struct view_in in = {.core = r->station.core, .now = {wall_ms, 1000}};
    struct json_writer w = shown_begin(v);
    view_node(&w, &in, SIM_FIRST_UNIT, VIEW_ALL_WINDOWS);
    shown_end(v, &w);
}

Test(gauges, a_unit_shows_the_newest_reading_with_its_age) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    rig_say(&r, T0 + MIN, -12);
    show(&v, &r, T0 + MIN + 3000);
    cr_expect_eq(json_count(shown_at(&v, "tiles.0.gauges")), 1u);
    cr_expect_str_eq(shown_text(&v, "tiles.0.gauges.0.id"), "temperature");
    cr_expect_str_eq(shown_text(&v, "tiles.0.gauges.0.unit_text"), "degC");
    cr_expect_eq(shown_real(&v, "tiles.0.gauges.0.value"), -12.0);
    cr_expect_eq(shown_int(&v, "tiles.0.gauges.0.age_ms"), 3000);
    cr_expect_eq(shown_real(&v, "tiles.0.gauges.0.low"), -40.0);
    cr_expect_not(shown_bool(&v, "tiles.0.gauges.0.stale"));
    shown_fini(&v);
    rig_close(&r);
}

Test(gauges, what_is_not_known_is_null) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    show(&v, &r, T0);
    cr_expect_eq(json_kind(shown_at(&v, "tiles.0.gauges.0.value")), JSON_KIND_NULL);
    cr_expect_eq(json_kind(shown_at(&v, "tiles.0.gauges.0.age_ms")), JSON_KIND_NULL);
    cr_expect(shown_bool(&v, "tiles.0.gauges.0.stale"), "never heard");
    shown_fini(&v);
    rig_say(&r, T0 + MIN, 850); /* not plausible */
    show(&v, &r, T0 + MIN);
    cr_expect_eq(json_kind(shown_at(&v, "tiles.0.gauges.0.value")), JSON_KIND_NULL);
    cr_expect_eq(shown_int(&v, "tiles.0.gauges.0.age_ms"), 0);
    shown_fini(&v);
    rig_close(&r);
}

/* --- the past -----------------------------------------------------------------------------------
 */

/* 06:59: 1 for a minute; 07:00: nothing; 07:01: 4 for half of one, with a slot at 3. */
static const struct gauge_span minute[] = {
    {.twice = 2 * UNIT * 60000, .known_ms = 60000, .least = UNIT, .greatest = UNIT},
    {0},
    {.twice = 8 * UNIT * 30000, .known_ms = 30000, .least = 3 * UNIT, .greatest = 5 * UNIT}};

static char *told(enum view_format format, bool by_hour, struct buf *out) {
    struct plant *p = NULL;
    cr_assert_eq(line_plant_open_wide(&p), ERR_OK);
    const struct view_history ask = {
        .what = VIEW_PAST_GAUGE,
        .query = {.plant = p, .node = SIM_FIRST_UNIT, .from_ms = T0, .to_ms = T0 + UTC_HOUR_MS},
        .format = format,
        .gauge_unit = "degC",
        .by_hour = by_hour};
    buf_init(out);
    cr_assert_eq(view_gauge(&ask, minute, (T0 + 59 * MIN) / MIN, 3, out), ERR_OK);
    cr_assert_eq(buf_add_byte(out, 0), ERR_OK);
    plant_close(p);
    return (char *)out->p;
}

Test(gauges, minutes_of_which_nothing_is_known_are_left_out) {
    struct buf b;
    cr_expect_str_eq(told(VIEW_CSV, false, &b), "start,mean,least,greatest,known_ms\n"
                                                "2026-06-01T06:59:00.000Z,1,1,1,60000\n"
                                                "2026-06-01T07:01:00.000Z,4,3,5,30000\n");
    buf_fini(&b);
}

Test(gauges, hours_are_made_of_their_minutes) {
    struct buf b;
    cr_expect_str_eq(told(VIEW_CSV, true, &b), "start,mean,least,greatest,known_ms\n"
                                               "2026-06-01T06:00:00.000Z,1,1,1,60000\n"
                                               "2026-06-01T07:00:00.000Z,4,3,5,30000\n");
    buf_fini(&b);
}

Test(gauges, json_names_what_is_shown) {
    struct buf b;
    const char *text = told(VIEW_JSON, false, &b);
    cr_expect(strstr(text, "\"gauge\":\"temperature\""), "%s", text);
    cr_expect(strstr(text, "\"unit_text\":\"degC\""), "%s", text);
    cr_expect(strstr(text, "\"least\":3"), "%s", text);
    buf_fini(&b);
}
