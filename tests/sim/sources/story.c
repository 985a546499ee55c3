#include "simsources/story.h"

#include <stdio.h>

#define BEGIN_MS INT64_C(1795413600000) /* 2026-11-23T06:00:00Z */

enum {
    TURNS_LEAST = 150,
    TURNS_MORE = 250,
    TURNS_AFTER = 100,
    TURNS_STILL = 40,
    TURNS_MOST = 3000,
    KINDS = 6
};

/* How often what goes wrong in a run, in a million turns; a run has about half of them. */
enum fault { KILL, POWER, DOOM, REFUSE_WRITE, REFUSE_SYNC, REFUSE_READ, FULL, RELOAD, FAULTS };
static const uint32_t often[FAULTS] = {15000, 15000, 30000, 15000, 15000, 10000, 10000, 10000};

struct story {
    struct rng rng;
    struct box box;
    uint32_t often[FAULTS];
    int64_t now_ms, start_ms; /* start_ms: when a dead process is started again */
    int64_t heal_ms;          /* when the disk is well again */
    bool slow_sync, away;     /* away: the aggregator is */
    struct device *device[BOX_SOURCES];
    size_t n;
};

static const device_make kinds[KINDS] = {file_make_csv, file_make_lines, program_make,
                                         lathe_make,    broker_make,     node_make};

/* Two of a kind at least, so that one may be given the other's place. */
static enum err draw_devices(struct story *s, const struct story_conf *conf) {
    const size_t n = (size_t)rng_between(&s->rng, 2, BOX_SOURCES);
    const size_t pair = rng_below(&s->rng, KINDS);
    for (; s->n < n; s->n++) {
        const size_t kind = s->n < 2 ? pair : rng_below(&s->rng, KINDS);
        const struct device_ask ask = {.no = (unsigned)s->n,
                                       .rng = &s->rng,
                                       .folder = conf->folder,
                                       .variant = conf->variant,
                                       .now_ms = s->now_ms};
        const enum err e = kinds[kind](&ask, &s->device[s->n]);
        if (e)
            return e;
    }
    for (size_t i = 0; i < s->n; i++)
        box_add(&s->box, s->device[i]);
    return ERR_OK;
}

static struct box_conf draw_box(struct story *s, enum variant variant) {
    struct rng *r = &s->rng;
    struct box_conf c = {.batch_ms = rng_between(r, 50, 3000),
                         .batch_readings = (uint32_t)rng_between(r, 3, 60),
                         .segment_bytes = (uint64_t)rng_between(r, 1, 12) * 1024,
                         .retain_ms = rng_between(r, 1000, 60000),
                         .commit_ms = (uint32_t)rng_between(r, 20, 2000),
                         .unsynced_max = (uint32_t)rng_between(r, 8, 64) * 1024,
                         .variant = variant};
    if (rng_ppm(r, 300000)) { /* then what is not delivered may be given up */
        c.quota_bytes = c.segment_bytes * (uint64_t)rng_between(r, 4, 8);
        s->often[REFUSE_READ] = 0;
    }
    for (size_t i = 0; i < FAULTS; i++)
        if (!(i == REFUSE_READ && c.quota_bytes))
            s->often[i] = rng_ppm(r, 500000) ? often[i] : 0;
    s->slow_sync = rng_ppm(r, 300000);
    return c;
}

/* --- what goes wrong ----------------------------------------------------------------------------
 */

static bool happens(struct story *s, enum fault f) {
    return rng_ppm(&s->rng, s->often[f]);
}

static void spoil_disk(struct story *s) {
    struct disk_memory *d = &s->box.disk;
    const bool write = happens(s, REFUSE_WRITE), sync = happens(s, REFUSE_SYNC);
    const bool read = happens(s, REFUSE_READ), full = happens(s, FULL);
    if (s->now_ms >= s->heal_ms) {
        d->fail_write = d->fail_sync = d->fail_read = d->fail_remove = ERR_OK;
        d->space = 0;
    }
    if (!write && !sync && !read && !full)
        return;
    d->fail_write = write ? ERR_IO : d->fail_write;
    d->fail_sync = sync ? ERR_IO : d->fail_sync;
    d->fail_read = read ? ERR_IO : d->fail_read;
    d->fail_remove = write ? ERR_IO : d->fail_remove;
    if (full)
        d->space = disk_memory_bytes(d) + 1 + rng_below(&s->rng, 2000);
    s->heal_ms = s->now_ms + rng_between(&s->rng, 500, 8000);
}

static void die(struct story *s, bool power) {
    box_kill(&s->box, power);
    s->start_ms = s->now_ms + rng_between(&s->rng, 0, 10000);
}

static void go_wrong(struct story *s) {
    const bool kill = happens(s, KILL), power = happens(s, POWER), doom = happens(s, DOOM);
    const bool torn = rng_ppm(&s->rng, 500000);
    const unsigned effects = 1 + (unsigned)rng_below(&s->rng, 12);
    spoil_disk(s);
    if (happens(s, RELOAD))
        box_reload(&s->box);
    if (rng_ppm(&s->rng, 20000))
        s->away = !s->away;
    if (!s->box.journal)
        return;
    if (kill || power)
        die(s, power);
    else if (doom)
        box_doom(&s->box, effects, torn);
}

/* --- turns --------------------------------------------------------------------------------------
 */

static void turn(struct story *s, int64_t dt_ms, bool sync) {
    s->now_ms += dt_ms;
    for (size_t i = 0; i < s->n; i++)
        s->device[i]->ops->live(s->device[i], s->now_ms);
    if (!s->box.journal && s->now_ms >= s->start_ms)
        box_start(&s->box, s->now_ms);
    box_turn(&s->box, s->now_ms, sync);
    if (s->box.disk.dead)
        die(s, rng_ppm(&s->rng, 500000));
    else if (!s->away)
        box_deliver(&s->box);
}

static void heal(struct story *s) {
    struct disk_memory *d = &s->box.disk;
    d->fail_write = d->fail_sync = d->fail_read = d->fail_remove = ERR_OK;
    d->space = 0;
    d->die_at = 0;
    s->away = false;
    s->start_ms = s->now_ms;
    for (size_t i = 0; i < s->n; i++)
        s->device[i]->calm = true;
}

static void play(struct story *s) {
    const uint64_t turns = TURNS_LEAST + rng_below(&s->rng, TURNS_MORE);
    for (uint64_t i = 0; i < turns; i++) {
        const int64_t dt_ms = rng_between(&s->rng, 20, rng_ppm(&s->rng, 50000) ? 20000 : 1500);
        const bool sync = rng_ppm(&s->rng, s->slow_sync ? 200000 : 800000);
        go_wrong(s);
        turn(s, dt_ms, sync);
    }
    heal(s);
    uint64_t readings = 0;
    for (unsigned i = 0, still = 0; i < TURNS_MOST && (i < TURNS_AFTER || still < TURNS_STILL);
         i++) {
        turn(s, 1000, true);
        still = s->box.tape.readings == readings ? still + 1 : 0;
        readings = s->box.tape.readings;
    }
}

static void tell(const struct story *s, const struct story_conf *conf,
                 const struct story_result *r) {
    printf("seed=%llu batch_ms=%lld batch_readings=%u segment=%llu quota=%llu turns_end=%lld\n",
           (unsigned long long)conf->seed, (long long)s->box.conf.batch_ms,
           s->box.conf.batch_readings, (unsigned long long)s->box.conf.segment_bytes,
           (unsigned long long)s->box.conf.quota_bytes, (long long)(s->now_ms - BEGIN_MS));
    for (size_t i = 0; i < s->n; i++)
        printf("  %s offered=%zu lives=%u position=\"%s\"\n", s->device[i]->id.s, s->device[i]->n,
               s->device[i]->lives,
               s->box.journal ? journal_position(s->box.journal, &s->device[i]->id) : "");
    printf("  kills=%llu reloads=%llu readings=%llu not_there=%llu %s%s%s\n",
           (unsigned long long)r->kills, (unsigned long long)r->reloads,
           (unsigned long long)r->ledger.readings, (unsigned long long)r->ledger.excused,
           r->ledger.why ? r->ledger.why : "all is there", r->ledger.why ? ": " : "",
           r->ledger.what);
}

enum err story_run(const struct story_conf *conf, struct story_result *out) {
    struct story s = {.rng = {conf->seed}, .now_ms = BEGIN_MS};
    *out = (struct story_result){0};
    const struct box_conf box = draw_box(&s, conf->variant);
    enum err e = box_init(&s.box, &box, &s.rng);
    if (!e)
        e = draw_devices(&s, conf);
    if (!e) {
        play(&s);
        e = ledger_audit(&s.box, &out->ledger);
    }
    out->kills = s.box.kills;
    out->reloads = s.box.reloads;
    out->refused = s.box.refused;
    out->sources = s.n;
    if (!out->ledger.why && (s.box.wrong || !s.box.journal))
        out->ledger.why = s.box.wrong ? s.box.wrong : "no process starts";
    for (size_t i = 0; i < s.n; i++)
        out->offered += s.device[i]->n;
    if (conf->print)
        tell(&s, conf, out);
    box_fini(&s.box);
    for (size_t i = 0; i < s.n; i++)
        s.device[i]->ops->close(s.device[i]);
    return e;
}
