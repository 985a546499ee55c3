#include "benchhall/hall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/utc.h"
#include "plantfile/plantfile.h"
#include "sqlite/store_sqlite.h"

enum { MS = 1000000, COMMIT_BYTES = 2 << 20, SETTLE_TICKS = 100000 };

static void need(enum err err, const char *what) {
    if (err) {
        fprintf(stderr, "%s: %s\n", what, err_name(err));
        exit(1);
    }
}

static double cpu_ms(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* --- plant, store, core -------------------------------------------------------------------------
 */

static struct plant *empty_plant(void) {
    struct plant *plant = NULL;
    need(plant_open(&plant), "plant");
    need(zone_open_utc(&plant->zone), "zone");
    plant->power_slot_ms = 10000;
    plant->keep_logs_ms = 35 * UTC_DAY_MS; /* as a plant file that says nothing of it */
    plant->keep_cells_ms = 396 * UTC_DAY_MS;
    plant->keep_windows_ms = 3653 * UTC_DAY_MS;
    need(plant_index(plant), "index");
    return plant;
}

struct plant *hall_plant(const char *path) {
    struct plant *plant = NULL;
    struct conf_report report;
    struct buf text;
    uint8_t part[4096];
    FILE *f = fopen(path, "re");
    need(f ? ERR_OK : ERR_IO, path);
    buf_init(&text);
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        need(buf_add(&text, part, n), path);
    fclose(f);
    conf_report_init(&report);
    need(plantfile_load(buf_span(&text), path, clock_zone_bytes, &report, &plant), path);
    conf_report_fini(&report);
    buf_fini(&text);
    return plant;
}

static void on_start_rows(void *user, enum err err, const struct store_rows *rows) {
    struct hall *h = user;
    char where[96] = "";
    need(err, "load");
    need(core_start(h->core, rows, h->now, where), where);
}

static void on_trouble(void *user, const char *what) {
    (void)user;
    need(ERR_IO, what);
}

static void open_core(struct hall *h) {
    const struct hall_conf *f = &h->conf;
    const struct core_conf conf = {.store_id = 1,
                                   .credit_bytes = 1 << 20,
                                   .checkpoint_ms = f->checkpoint_ms,
                                   .tick_ms = 200,
                                   .hours_max = f->hours_max,
                                   .commit_bytes = COMMIT_BYTES};
    const struct store_range *range = NULL;
    size_t n = core_start_ranges(&range);
    need(core_open(&conf, h->plant, &h->core), "core");
    need(h->store->ops->load_now(h->store, range, n, on_start_rows, h), "start");
}

static void open_store(struct hall *h) {
    char path[4096], why[160];
    snprintf(path, sizeof path, "%s/plantbus.db", h->conf.folder);
    const struct store_sqlite_conf conf = {.path = path,
                                           .queue_bytes_max = 1 << 30,
                                           .load_bytes_max = 1 << 30,
                                           .retry_ms = 1000,
                                           .on_trouble = on_trouble};
    need(store_sqlite_open(&conf, &h->loop, &h->store, why), why);
}

void hall_open(struct hall *h, const struct hall_conf *conf) {
    *h = (struct hall){.conf = *conf, .now = {conf->shape.begun_ms, 1000}};
    uv_loop_init(&h->loop);
    h->plant = conf->plant ? hall_plant(conf->plant) : empty_plant();
    open_store(h);
    open_core(h);
    h->stream = calloc(conf->agents, sizeof *h->stream);
    need(h->stream ? ERR_OK : ERR_NOMEM, "streams");
    for (unsigned i = 0; i < conf->agents; i++)
        need(stream_init(&h->stream[i], i, &conf->shape), "stream");
    h->process_ms = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
}

static void on_stopped(void *user) {
    struct hall *h = user;
    h->waiting = false;
}

void hall_close(struct hall *h) {
    core_begin_stop(h->core, h->now);
    hall_settle(h);
    h->waiting = true;
    h->store->ops->stop(h->store, on_stopped, h);
    while (h->waiting)
        uv_run(&h->loop, UV_RUN_ONCE);
    h->store->ops->close(h->store);
    uv_run(&h->loop, UV_RUN_DEFAULT);
    need(uv_loop_close(&h->loop) == 0 ? ERR_OK : ERR_STATE, "loop");
    core_close(h->core);
    plant_close(h->plant);
    for (unsigned i = 0; i < h->conf.agents; i++)
        stream_fini(&h->stream[i]);
    free(h->stream);
}

/* --- effects ------------------------------------------------------------------------------------
 */

static void on_committed(void *user, enum err err) {
    struct hall *h = user;
    need(err, "commit");
    core_on_committed(h->core, h->id, err, h->now);
    h->waiting = false;
}

static void on_loaded(void *user, enum err err, const struct store_rows *rows) {
    struct hall *h = user;
    need(core_on_loaded(h->core, h->id, err, rows, h->now), "load");
    h->waiting = false;
}

/* The store answers before the next effect is taken; the daemon builds no commit before, either. */
static void wait_for_store(struct hall *h) {
    while (h->waiting)
        uv_run(&h->loop, UV_RUN_ONCE);
    const struct store_stats *s = &h->store->stats;
    double ms = (double)s->last_commit_us / 1e3;
    if (ms > h->cost.longest_commit_ms)
        h->cost.longest_commit_ms = ms;
}

static bool carry_out(struct hall *h) {
    struct core_effect e;
    bool some = false;
    while (core_next_effect(h->core, &e)) {
        if (e.kind != EFFECT_COMMIT && e.kind != EFFECT_LOAD)
            continue;
        h->id = e.id;
        h->waiting = true;
        if (e.kind == EFFECT_COMMIT)
            need(h->store->ops->commit(h->store, e.tx, on_committed, h), "commit");
        else
            need(h->store->ops->load(h->store, e.range, e.range_n, on_loaded, h), "load");
        some |= e.kind == EFFECT_COMMIT;
        wait_for_store(h);
    }
    while (core_next_published(h->core))
        ;
    return some;
}

/* --- doors --------------------------------------------------------------------------------------
 */

static void tell(struct hall *h, const char *topic, struct span bytes) {
    double begun = cpu_ms(CLOCK_THREAD_CPUTIME_ID);
    need(core_on_message(h->core, span_str(topic), bytes, h->now), topic);
    h->cost.loop_ms += cpu_ms(CLOCK_THREAD_CPUTIME_ID) - begun;
}

void hall_introduce(struct hall *h) {
    struct buf hello;
    buf_init(&hello);
    for (unsigned i = 0; i < h->conf.agents; i++) {
        struct stream *s = &h->stream[i];
        buf_reset(&hello);
        need(stream_hello(s, 77 + i, &hello), "hello");
        tell(h, s->hello, buf_span(&hello));
        for (unsigned part = 0; part < STREAM_KEY_PARTS; part++)
            tell(h, s->data, buf_span(&s->key[part]));
    }
    buf_fini(&hello);
}

void hall_send(struct hall *h, int64_t step_ms) {
    h->now.wall_ms += step_ms;
    h->now.mono_ms += step_ms;
    for (unsigned i = 0; i < h->conf.agents; i++)
        for (unsigned r = 0; r < h->stream[i].record_n; r++)
            tell(h, h->stream[i].data, stream_next(&h->stream[i], h->now.wall_ms, true));
    h->cost.readings += (uint64_t)h->conf.agents * h->conf.shape.points;
}

bool hall_tick(struct hall *h) {
    double begun = cpu_ms(CLOCK_THREAD_CPUTIME_ID);
    need(core_on_tick(h->core, h->now), "tick");
    double ms = cpu_ms(CLOCK_THREAD_CPUTIME_ID) - begun;
    if (ms > h->cost.longest_ms)
        h->cost.longest_ms = ms;
    bool some = carry_out(h);
    h->cost.loop_ms += cpu_ms(CLOCK_THREAD_CPUTIME_ID) - begun;
    return some;
}

void hall_settle(struct hall *h) {
    for (unsigned i = 0; i < SETTLE_TICKS && (hall_tick(h) || !core_idle(h->core)); i++)
        h->now.mono_ms += h->conf.checkpoint_ms;
    need(core_idle(h->core) ? ERR_OK : ERR_STATE, "the core comes to no end");
}

void hall_take_cost(struct hall *h, struct hall_cost *out) {
    double process_ms = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
    *out = h->cost;
    out->store_ms = process_ms - h->process_ms - out->loop_ms;
    out->commits = h->store->stats.commits - h->stats.commits;
    out->bytes = h->store->stats.bytes - h->stats.bytes;
    h->stats = h->store->stats;
    h->process_ms = process_ms;
    h->cost = (struct hall_cost){0};
}
