/* When an entry is made changes nothing. The gateway of a press tells of two and a half hours;
 * people enter what is made by whom, amounts, readings of meters and causes of stops, some of it
 * ahead of the aggregator's clock, and void some again. Once they do so while it happens, with that
 * clock set and the process killed now and then; once all of it is entered in the same order when
 * it is over. In the end every window is the same, bit for bit (laws L3, L4).
 *
 * usage: acts_property [seeds [first seed]] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "simkit/script.h"
#include "simworld/audit.h"
#include "simworld/rng.h"

enum { STEPS = 300, STEP_MS = 30000, ENTRIES_MAX = 24, AHEAD_MS = 5 * 60000, PIECE = 1000000 };

#define MIN UTC_MINUTE_MS
#define SHIFT_ENDS (SIM_DAY0 + 14 * UTC_HOUR_MS)

struct entry {
    struct act act;
    char key[16];
};

struct tale { /* what people entered and the aggregator took, in this order */
    struct entry entry[ENTRIES_MAX];
    size_t n, ahead, voids;
};

struct world {
    bool live, wide;
    struct plant *plant;
    struct station station;
    struct script press;
    uint16_t state, total, energy, order;
    int64_t begin_ms, off_ms; /* off: our clock's error */
    int64_t pieces, meter;
    bool silent;
    struct rng machine, people; /* the former is the same in both worlds */
    struct audit_windows windows;
};

static void must(enum err err) {
    if (err != ERR_OK) {
        printf("FAIL error=%s\n", err_name(err));
        exit(1);
    }
}

/* --- a press ------------------------------------------------------------------------------------
 */

static void let_enter(struct plant *plant, bool from_counts) {
    struct plant_unit *press = (struct plant_unit *)(uintptr_t)plant->unit;
    press->entered = ROLE_BIT(ROLE_SCRAP) | ROLE_BIT(ROLE_MATERIAL) | ROLE_BIT(ROLE_REWORK) |
                     ROLE_BIT(ROLE_ENERGY) | ROLE_BIT(ROLE_TEAM) | ROLE_BIT(ROLE_HEADCOUNT) |
                     ROLE_BIT(ROLE_PRODUCT);
    if (from_counts)
        press->state_source = STATE_COUNTS;
}

/* At a quiet time of the early shift, over either end of the late one, in a night, over a day's. */
static int64_t draw_begin(struct rng *rng) {
    static const int64_t begin[] = {700, 780, 1220, 200, 1380};
    return SIM_DAY0 + begin[rng_below(rng, 5)] * MIN;
}

static void begin(struct world *w, uint64_t seed, bool live) {
    *w = (struct world){.live = live, .wide = seed % 3 == 0, .pieces = 100, .meter = 5000};
    w->machine.state = seed * 17 + 1;
    w->people.state = seed * 13 + 5;
    w->begin_ms = draw_begin(&w->machine);
    must(w->wide ? line_plant_open_wide(&w->plant) : line_plant_open(&w->plant));
    let_enter(w->plant, rng_ppm(&w->machine, 300000));
    must(station_init(&w->station, w->plant));
    must(station_start(&w->station, (struct core_now){w->begin_ms, 1000}, 5));
    script_init(&w->press, &w->station, "gw1", 101);
    w->state = script_point(&w->press, "state", POINT_STATE, 1);
    w->total = script_point(&w->press, "total", POINT_COUNTER, PIECE);
    w->energy = script_point(&w->press, "energy", POINT_REGISTER, PIECE);
    w->order = script_point(&w->press, "order", POINT_STATE, 1);
    w->press.point[w->order].sticky = true;
    must(station_tick_whole(&w->station, w->station.now));
    must(script_hello(&w->press));
    must(script_key(&w->press, w->begin_ms));
    must(station_settle(&w->station));
}

static void end(struct world *w) {
    audit_windows_fini(&w->windows);
    script_fini(&w->press);
    station_fini(&w->station);
    plant_close(w->plant);
}

static void tell(struct world *w, int64_t now_ms) {
    static const int64_t state[] = {MACHINE_RUN, MACHINE_HELD, MACHINE_FAILED, MACHINE_SETUP,
                                    MACHINE_IDLE};
    static const char *const order[] = {"o-1", "o-2", ""};
    struct rng *rng = &w->machine;
    const int64_t at_ms = now_ms - STEP_MS + rng_between(rng, 0, STEP_MS - 1);
    w->pieces += rng_between(rng, 0, 3);
    w->meter += rng_between(rng, 0, 20);
    if (rng_ppm(rng, 40000))
        w->silent = !w->silent;
    if (w->silent)
        return;
    script_asof(&w->press, w->begin_ms, now_ms);
    if (rng_ppm(rng, 125000))
        script_int(&w->press, w->state, at_ms, state[rng_below(rng, 5)]);
    if (rng_ppm(rng, 500000))
        script_int(&w->press, w->total, at_ms, w->pieces);
    if (rng_ppm(rng, 300000))
        script_int(&w->press, w->energy, at_ms, w->meter);
    if (rng_ppm(rng, 30000))
        script_text(&w->press, w->order, at_ms, order[rng_below(rng, 3)]);
    must(script_send(&w->press));
}

/* --- people -------------------------------------------------------------------------------------
 */

static int64_t to_grid(struct rng *rng, int64_t t_ms) {
    static const int64_t grid[] = {MIN, 10000, 1};
    return t_ms - t_ms % grid[rng_below(rng, 3)];
}

/* Of the last hour, around the present, at the end of a shift: never more ahead than is taken. */
static void draw_time(struct rng *rng, int64_t now_ms, struct act *a) {
    static const int64_t near_end[] = {-1000, 0, 1000};
    int64_t from_ms = rng_ppm(rng, 500000) ? rng_between(rng, now_ms - 60 * MIN, now_ms + AHEAD_MS)
                                           : rng_between(rng, now_ms - MIN, now_ms + AHEAD_MS);
    if (rng_ppm(rng, 250000))
        from_ms = SHIFT_ENDS + near_end[rng_below(rng, 3)];
    from_ms = to_grid(rng, from_ms);
    from_ms = from_ms < now_ms + AHEAD_MS ? from_ms : now_ms + AHEAD_MS - 1000;
    a->t0_ms = a->t1_ms = from_ms;
    if (rng_ppm(rng, 700000))
        a->t1_ms = from_ms + to_grid(rng, rng_between(rng, 0, 30 * MIN));
}

static void draw_context(struct rng *rng, struct act *a) {
    static const char *const order[] = {"o-1", "o-2", ""}, *const product[] = {"bolt", "nut"},
                             *const team[] = {"red", "blue", "gold"};
    if (a->kind == ACT_ORDER)
        a->text = span_str(order[rng_below(rng, 3)]);
    else if (a->kind == ACT_PRODUCT)
        a->text = span_str(product[rng_below(rng, 2)]);
    else if (a->kind == ACT_TEAM)
        a->text = span_str(team[rng_below(rng, 3)]);
    else
        a->value = rng_between(rng, 0, 4);
    if (a->kind != ACT_ORDER && rng_ppm(rng, 500000))
        a->t1_ms = ACT_FOR_GOOD;
}

static void draw_amount(struct world *w, struct act *a, int64_t now_ms) {
    static const char *const product[] = {"bolt", "nut"};
    if (a->t1_ms > now_ms + AHEAD_MS)
        a->t1_ms = now_ms + AHEAD_MS;
    a->value = rng_between(&w->people, 0, 7) * PIECE;
    if (rng_ppm(&w->people, 250000))
        a->product = span_str(product[rng_below(&w->people, 2)]);
}

/* A register mostly goes up from one entry to the next. */
static void draw_register(struct world *w, struct act *a, size_t n) {
    a->t1_ms = a->t0_ms;
    a->value = ((int64_t)n * 3000 + rng_between(&w->people, -3500, 3500) + 5000) * PIECE;
}

static void draw_entry(struct world *w, const struct tale *t, struct entry *e, unsigned step) {
    static const enum act_kind kind[] = {ACT_ORDER,    ACT_PRODUCT, ACT_TEAM,   ACT_HEADCOUNT,
                                         ACT_CAUSE,    ACT_SCRAP,   ACT_SCRAP,  ACT_REWORK,
                                         ACT_MATERIAL, ACT_ENERGY,  ACT_ENERGY, ACT_VOID};
    static const char *const cause[] = {"material", "operator", "failure"};
    struct act *a = &e->act;
    const int64_t now_ms = w->station.now.wall_ms;
    (void)snprintf(e->key, sizeof e->key, "k%u", step);
    *a = (struct act){.kind = (uint8_t)kind[rng_below(&w->people, sizeof kind / sizeof *kind)],
                      .key = span_str(e->key),
                      .unit = span_str("press"),
                      .who = span_str("red")};
    draw_time(&w->people, now_ms, a);
    if (act_is_context((enum act_kind)a->kind))
        draw_context(&w->people, a);
    else if (act_is_amount((enum act_kind)a->kind))
        draw_amount(w, a, now_ms);
    else if (a->kind == ACT_ENERGY)
        draw_register(w, a, t->n);
    else if (a->kind == ACT_CAUSE)
        a->text = span_str(cause[rng_below(&w->people, 3)]);
    if (a->kind != ACT_VOID)
        return;
    a->unit = span_str("");
    a->t0_ms = a->t1_ms = now_ms;
    a->value = rng_between(&w->people, 1, (int64_t)t->n + 1);
}

/* What is refused leaves nothing. */
static void enter(struct world *w, struct tale *t, unsigned step) {
    struct entry *e = &t->entry[t->n];
    struct core_act_answer answer;
    draw_entry(w, t, e, step);
    const enum err err = core_on_act(w->station.core, &e->act, w->station.now, &answer);
    if (err == ERR_NOMEM || err == ERR_STATE)
        must(err);
    must(station_settle(&w->station));
    if (err != ERR_OK)
        return;
    t->ahead += e->act.kind != ACT_VOID && e->act.t0_ms > w->station.now.wall_ms;
    t->voids += e->act.kind == ACT_VOID;
    t->n++;
}

static void enter_all(struct world *w, const struct tale *t) {
    for (size_t i = 0; i < t->n; i++) {
        struct core_act_answer answer;
        must(core_on_act(w->station.core, &t->entry[i].act, w->station.now, &answer));
        must(station_settle(&w->station));
    }
}

/* --- both worlds --------------------------------------------------------------------------------
 */

static void perhaps_disturb(struct world *w, uint64_t seed) {
    if (seed % 2 && rng_ppm(&w->people, 50000))
        w->off_ms = rng_ppm(&w->people, 500000) ? 0 : rng_between(&w->people, -1800, 1800) * 1000;
    if (seed % 4 < 2 || !rng_ppm(&w->people, 60000))
        return;
    station_kill(&w->station, 0);
    must(station_start(&w->station, w->station.now, rng_next(&w->people)));
    must(station_tick_whole(&w->station, w->station.now));
    must(script_hello(&w->press));
}

/* Behind all that our clock showed, wrong as it was. */
static void pass_time(struct world *w, int64_t since_over_ms) {
    struct core_now now = w->station.now;
    now.wall_ms = w->begin_ms + (int64_t)STEPS * STEP_MS + since_over_ms;
    for (unsigned i = 0; i < 3; i++) {
        now.wall_ms += 20 * MIN;
        now.mono_ms += 20 * MIN;
        must(station_tick_whole(&w->station, now));
        must(station_settle(&w->station));
    }
}

static void play(struct world *w, struct tale *t, uint64_t seed, bool live) {
    begin(w, seed, live);
    for (unsigned i = 1; i <= STEPS; i++) {
        const int64_t now_ms = w->begin_ms + (int64_t)i * STEP_MS;
        if (live)
            perhaps_disturb(w, seed);
        tell(w, now_ms);
        const struct core_now now = {now_ms + w->off_ms, w->station.now.mono_ms + STEP_MS};
        must(station_tick_whole(&w->station, now));
        must(station_settle(&w->station));
        if (live && t->n < ENTRIES_MAX && rng_ppm(&w->people, 80000))
            enter(w, t, i);
    }
    pass_time(w, UTC_HOUR_MS);
    if (!live)
        enter_all(w, t);
    pass_time(w, 2 * UTC_HOUR_MS);
    must(audit_collect(&w->station, &w->windows));
}

int main(int argc, char **argv) {
    const uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 30;
    const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    size_t entries = 0, ahead = 0, voids = 0, windows = 0;
    static struct world w[2];
    static struct tale tale, *const t = &tale;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        *t = (struct tale){0};
        play(&w[0], t, seed, true);
        play(&w[1], t, seed, false);
        if (audit_equal(&w[0].windows, &w[1].windows, true)) {
            printf("FAIL seed=%" PRIu64 "\n", seed);
            return 1;
        }
        entries += t->n;
        ahead += t->ahead;
        voids += t->voids;
        windows += w[0].windows.n;
        end(&w[0]);
        end(&w[1]);
    }
    printf("ok seeds=%" PRIu64 " entries=%zu ahead=%zu voids=%zu windows=%zu\n", seeds, entries,
           ahead, voids, windows);
    return 0;
}
