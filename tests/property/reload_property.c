/* A reload changes only what it names: the same readings, some of them late, go to three
 * aggregators. One keeps the plant file it began with. One has the file's last edition from its
 * first day. One has the file edited and reloaded at random moments, mostly with units in another
 * order and a unit more or less, so that every index moves, and is killed now and then. In the end
 * the units that no edition touches are the same in all three, bit for bit and as often restated;
 * the one whose ideal cycle, planned stops and commissioning were edited, and its line, are as if
 * the last edition had always been there.
 *
 * usage: reload_property [seeds [first seed]] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "plantfile/plantfile.h"
#include "simkit/script.h"
#include "simworld/audit.h"
#include "simworld/rng.h"

enum { STEPS = 90, PLANTS_MAX = 64, FLUSH_TURNS = 1000, TEXT_MAX = 4096, AGAIN_MS = 2000 };

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS)

enum story { STILL, LAST, RELOADED };

struct edition {                        /* of the plant file */
    bool more;                          /* a unit that stands before all others */
    bool turned;                        /* units and lines the other way round */
    int cycle_s;                        /* of the edited unit from eight o'clock on */
    bool stop;                          /* its calendar has a planned stop from nine to ten */
    int since_min, unit_min, point_min; /* behind T0: its commissioning begins; it is accepted, and
                                         * so is its counter; 0: it is not in commissioning */
};

struct world {
    enum story story;
    struct station station;
    struct plant *plant[PLANTS_MAX]; /* all that it was given */
    size_t plant_n;
    struct script press, pack;
    uint16_t of_press[4], of_pack[4];
    int64_t count[4], packed_ms;
    struct rng rng, reloads;
    bool kills, waits; /* waits: a tick is done in slices, or computing waits for loads */
    struct audit_windows windows;
};

static void must(enum err err) {
    if (err != ERR_OK) {
        printf("FAIL error=%s\n", err_name(err));
        exit(1);
    }
}

/* --- plants -------------------------------------------------------------------------------------
 */

static const char head[] =
    "site: {id: works, time_zone: UTC, calendar: common, settle: 1 min, settle_late: 15 min, "
    "keep_logs: 3650 d, keep_cells: 3652 d}\n"
    "products: {bolt: {}}\n"
    "calendars:\n"
    "  common: {shifts: {early: {start: \"06:00\", end: \"14:00\"}}}\n"
    "  own:\n"
    "    shifts: {early: {start: \"06:00\", end: \"14:00\"}}\n";

/* Written so that its units stand in the order of the text. */
static void write_unit(struct buf *b, const char *unit) {
    (void)buf_addf(
        b,
        "          %s: {state: {from: map, map: packml}, product: bolt, signals: {state: "
        "{point: %s/state}, good: {point: %s/good}}}\n",
        unit, unit, unit);
}

/* An odd begin stands for none. */
static const char *term(char text[120], int since_min, int accepted_min) {
    char since[UTC_TEXT], accepted[UTC_TEXT];
    utc_format(T0 + since_min * UTC_MINUTE_MS, since);
    utc_format(T0 + accepted_min * UTC_MINUTE_MS, accepted);
    if (accepted_min <= since_min)
        return "false";
    if (since_min % 2)
        (void)snprintf(text, 120, "{accepted: \"%s\"}", accepted);
    else
        (void)snprintf(text, 120, "{since: \"%s\", accepted: \"%s\"}", since, accepted);
    return text;
}

static void write_edited(struct buf *b, const struct edition *e) {
    char of_unit[120], of_point[120];
    (void)buf_addf(b,
                   "          edited: {state: {from: map, map: packml}, product: bolt, calendar: "
                   "own, ideal: [{product: bolt, cycle: 10 s}, {product: bolt, cycle: %d s, from: "
                   "\"2026-06-01T08:00:00Z\"}], commissioning: %s, signals: {state: {point: "
                   "edited/state}, good: {point: edited/good, commissioning: %s}}}\n",
                   e->cycle_s, term(of_unit, e->since_min, e->unit_min),
                   term(of_point, e->since_min, e->point_min));
}

static void write_line(struct buf *b, const char *line, const char *agent) {
    (void)buf_addf(b, "      %s:\n        agent: %s\n        units:\n", line, agent);
}

static void write_presses(struct buf *b, const struct edition *e) {
    write_line(b, "presses", "gw1");
    if (e->turned)
        write_unit(b, "press");
    write_edited(b, e);
    if (!e->turned)
        write_unit(b, "press");
}

static void write_packers(struct buf *b, const struct edition *e) {
    write_line(b, "packers", "gw2");
    write_unit(b, e->turned ? "wrap" : "pack");
    write_unit(b, e->turned ? "pack" : "wrap");
}

static const struct plant *plant_of(struct world *w, const struct edition *e) {
    struct conf_report report;
    struct buf b;
    buf_init(&b);
    conf_report_init(&report);
    (void)buf_add_str(&b, head);
    if (e->stop)
        (void)buf_add_str(&b, "    stops: [{from: \"2026-06-01T09:00:00Z\", to: "
                              "\"2026-06-01T10:00:00Z\", reason: cleaning}]\n");
    (void)buf_add_str(&b, "areas:\n  hall:\n    lines:\n");
    if (e->more) {
        write_line(&b, "a-line", "gw2");
        write_unit(&b, "added");
    }
    if (e->turned)
        write_packers(&b, e);
    write_presses(&b, e);
    if (!e->turned)
        write_packers(&b, e);
    enum err err = plantfile_load(buf_span(&b), "plant.yaml", clock_zone_bytes, &report,
                                  &w->plant[w->plant_n]);
    if (err) {
        buf_reset(&b);
        (void)conf_report_format(&report, &b);
        printf("%.*s", (int)b.n, (const char *)b.p);
    }
    must(err);
    conf_report_fini(&report);
    buf_fini(&b);
    return w->plant[w->plant_n++];
}

static struct edition draw_edition(struct rng *rng) {
    return (struct edition){.more = rng_ppm(rng, 400000),
                            .turned = rng_ppm(rng, 500000),
                            .cycle_s = (int)rng_between(rng, 8, 12),
                            .stop = rng_ppm(rng, 500000),
                            .since_min = (int)rng_between(rng, 0, 120),
                            .unit_min = rng_ppm(rng, 500000) ? (int)rng_between(rng, 0, 240) : 0,
                            .point_min = rng_ppm(rng, 300000) ? (int)rng_between(rng, 0, 240) : 0};
}

/* The last edition has the units of the first one. */
static struct edition last_edition(uint64_t seed) {
    struct rng rng = {.state = seed * 31 + 7};
    struct edition e = draw_edition(&rng);
    e.more = false;
    return e;
}

/* --- readings -----------------------------------------------------------------------------------
 */

static void points(struct script *s, uint16_t at[4], const char *a, const char *b) {
    char name[4][24];
    (void)snprintf(name[0], sizeof name[0], "%s/state", a);
    (void)snprintf(name[1], sizeof name[1], "%s/good", a);
    (void)snprintf(name[2], sizeof name[2], "%s/state", b);
    (void)snprintf(name[3], sizeof name[3], "%s/good", b);
    for (unsigned i = 0; i < 4; i++)
        at[i] = script_point(s, name[i], i % 2 ? POINT_COUNTER : POINT_STATE, i % 2 ? 1000000 : 1);
}

/* What both machines of a gateway did in a stretch of time: states of PackML, pieces. */
static void say(struct world *w, struct script *s, const uint16_t at[4], int64_t *count,
                int64_t from_ms, int64_t to_ms) {
    static const int64_t state[] = {6, 6, 2, 11};
    script_asof(s, from_ms, to_ms);
    for (int64_t t = from_ms; t < to_ms; t += rng_between(&w->rng, 20000, 90000)) {
        script_int(s, at[0], t, state[rng_below(&w->rng, 4)]);
        script_int(s, at[1], t, count[0] += rng_between(&w->rng, 0, 8));
        script_int(s, at[2], t, state[rng_below(&w->rng, 4)]);
        script_int(s, at[3], t, count[1] += rng_between(&w->rng, 0, 8));
    }
    must(script_send(s));
}

static void greet(struct world *w) {
    must(script_hello(&w->press));
    must(script_hello(&w->pack));
}

/* --- reloads ------------------------------------------------------------------------------------
 */

static void reload(struct world *w, const struct edition *e) {
    struct station *s = &w->station;
    core_begin_flush(s->core, s->now);
    for (unsigned i = 0; i < FLUSH_TURNS && !core_flushed(s->core); i++)
        must(station_tick(s, s->now));
    must(station_reload(s, plant_of(w, e), s->now, rng_next(&w->reloads)));
}

static void perhaps_reload(struct world *w) {
    if (w->story != RELOADED || !rng_ppm(&w->reloads, 150000))
        return;
    const struct edition e = draw_edition(&w->reloads);
    reload(w, &e);
}

/* With all that was said committed: what a death does amid commits is the simulator's affair. */
static void perhaps_kill(struct world *w) {
    if (!w->kills || !rng_ppm(&w->reloads, 40000))
        return;
    must(station_settle(&w->station));
    station_kill(&w->station, 0);
    must(station_start(&w->station, w->station.now, rng_next(&w->reloads)));
    greet(w);
}

/* --- a story ------------------------------------------------------------------------------------
 */

static void begin(struct world *w, uint64_t seed, enum story story) {
    static const struct edition first = {.cycle_s = 10};
    struct edition e = story == LAST ? last_edition(seed) : first;
    *w = (struct world){.story = story, .packed_ms = T0};
    w->rng.state = seed * 17 + 1;
    w->reloads.state = seed * 13 + 5;
    w->kills = story == RELOADED && seed % 2;
    must(station_init(&w->station, plant_of(w, &e)));
    w->station.conf.hours_max = seed % 3 ? 4096 : 6;
    w->station.conf.commit_bytes = seed % 5 ? 0 : 1;
    w->waits = seed % 3 == 0 || seed % 4 == 0;
    if (seed % 4 == 0) {
        w->station.conf.slice_bytes = 500;
        w->station.conf.slice_jobs = 2;
    }
    must(station_start(&w->station, (struct core_now){T0, 1000}, 5));
    script_init(&w->press, &w->station, "gw1", 101);
    script_init(&w->pack, &w->station, "gw2", 201);
    points(&w->press, w->of_press, "edited", "press");
    points(&w->pack, w->of_pack, "pack", "wrap");
    must(station_tick_whole(&w->station, w->station.now));
    greet(w);
    must(script_key(&w->press, T0));
    must(script_key(&w->pack, T0));
}

/* Now and then the packers' gateway is away for a while and brings what it has later. */
static void step(struct world *w, int64_t *now_ms, int64_t *back_ms) {
    const int64_t from_ms = *now_ms;
    *now_ms += rng_between(&w->rng, 60000, 240000);
    say(w, &w->press, w->of_press, &w->count[0], from_ms, *now_ms);
    if (*now_ms >= *back_ms && rng_ppm(&w->rng, 80000))
        *back_ms = *now_ms + rng_between(&w->rng, 10, 120) * UTC_MINUTE_MS;
    if (*now_ms >= *back_ms) {
        say(w, &w->pack, w->of_pack, &w->count[2], w->packed_ms, *now_ms);
        w->packed_ms = *now_ms;
    }
    struct core_now now = {*now_ms, 1000 + *now_ms - T0};
    must(station_tick_whole(&w->station, now));
    now.mono_ms += AGAIN_MS; /* with what had to be loaded behind a reload */
    must(station_tick_whole(&w->station, now));
    perhaps_reload(w);
    perhaps_kill(w);
}

static void pass_time(struct world *w) {
    struct core_now now = w->station.now;
    for (unsigned i = 0; i < 96; i++) {
        now.wall_ms += 20 * UTC_MINUTE_MS;
        now.mono_ms += 20 * UTC_MINUTE_MS;
        must(station_tick_whole(&w->station, now));
    }
    must(station_settle(&w->station));
}

static void play(struct world *w, uint64_t seed, enum story story) {
    int64_t now_ms = T0, back_ms = 0;
    begin(w, seed, story);
    for (unsigned i = 0; i < STEPS; i++)
        step(w, &now_ms, &back_ms);
    say(w, &w->pack, w->of_pack, &w->count[2], w->packed_ms, now_ms);
    if (story == RELOADED) {
        const struct edition e = last_edition(seed);
        reload(w, &e);
    }
    pass_time(w);
    must(audit_collect(&w->station, &w->windows));
}

static void end(struct world *w) {
    audit_windows_fini(&w->windows);
    script_fini(&w->press);
    script_fini(&w->pack);
    station_fini(&w->station);
    for (size_t i = 0; i < w->plant_n; i++)
        plant_close(w->plant[i]);
}

/* --- the law ------------------------------------------------------------------------------------
 */

/* By its id: numbers in a store depend on which node came first. */
static bool is_of(const struct world *w, const struct audit_window *x, const char *id) {
    const uint32_t node = core_node_of(w->station.core, x->node);
    return node != UINT32_MAX && strcmp(core_plant(w->station.core)->node[node].id.s, id) == 0;
}

static const struct audit_window *next_of(const struct world *w, const char *id, size_t *at) {
    while (*at < w->windows.n && !is_of(w, &w->windows.at[*at], id))
        ++*at;
    return *at < w->windows.n ? &w->windows.at[(*at)++] : NULL;
}

static bool same(const struct audit_window *x, const struct audit_window *y, bool told) {
    return x->kind == y->kind && x->start_ms == y->start_ms && x->end_ms == y->end_ms &&
           strcmp(x->product, y->product) == 0 && strcmp(x->team, y->team) == 0 &&
           memcmp(&x->sums, &y->sums, sizeof x->sums) == 0 &&
           (!told || (x->revision == y->revision && x->life == y->life));
}

static size_t compare(const struct world *a, const struct world *b, const char *id, bool told,
                      uint64_t seed) {
    size_t i = 0, k = 0, n = 0;
    for (;; n++) {
        const struct audit_window *x = next_of(a, id, &i), *y = next_of(b, id, &k);
        if (!x && !y)
            return n;
        if (!x || !y || !same(x, y, told)) {
            const struct audit_window *z = x ? x : y;
            printf("FAIL seed=%" PRIu64 " node=%s kind=%u start=%" PRId64 " revisions %u and %u\n",
                   seed, id, z->kind, z->start_ms, x ? x->revision : 0, y ? y->revision : 0);
            exit(1);
        }
    }
}

/* When a window settles is for the clock to say: a death, or when of a tick something is computed,
 * may move that to the other side of data that come late, which is then a revision. */
static size_t judge(struct world w[3], uint64_t seed) {
    static const char *const untouched[] = {"press", "pack", "wrap", "packers"};
    const bool told = !w[RELOADED].kills && !w[RELOADED].waits;
    size_t n = compare(&w[RELOADED], &w[LAST], "edited", false, seed) +
               compare(&w[RELOADED], &w[LAST], "presses", false, seed);
    for (unsigned i = 0; i < sizeof untouched / sizeof *untouched; i++) {
        n += compare(&w[RELOADED], &w[STILL], untouched[i], told, seed);
        (void)compare(&w[LAST], &w[STILL], untouched[i], told, seed);
    }
    return n;
}

int main(int argc, char **argv) {
    const uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 30;
    const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    size_t windows = 0, reloads = 0;
    struct world *w = calloc(3, sizeof *w);
    if (!w)
        return 1;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        for (unsigned story = STILL; story <= RELOADED; story++)
            play(&w[story], seed, (enum story)story);
        windows += judge(w, seed);
        reloads += w[RELOADED].plant_n - 1;
        for (unsigned story = STILL; story <= RELOADED; story++)
            end(&w[story]);
    }
    printf("ok seeds=%" PRIu64 " reloads=%zu windows=%zu\n", seeds, reloads, windows);
    free(w);
    return 0;
}
