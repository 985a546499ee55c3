/* Allocations on the paths of a reading, counted by an allocator of this program's own: from the
 * bytes of a batch into the core, and from a source over the batcher into the journal. Buffers grow
 * by doubling until they have their size, so the bound is a number, not a share of the readings. It
 * cannot run under sanitizers, which bring their own allocator. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_app/batcher.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"
#include "support/disk_memory.h"

enum { BATCHES = 200, STAMPS = 100, WARM = 20, MOST = 16 };

/* --- the allocator ------------------------------------------------------------------------------
 */

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

static volatile bool counting; /* volatile: compilers know what malloc does, but not this */
static volatile unsigned long counted;

void *malloc(size_t n) {
    counted = counted + counting;
    return __libc_malloc(n);
}

void *calloc(size_t n, size_t size) {
    counted = counted + counting;
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n) {
    counted = counted + counting;
    return __libc_realloc(p, n);
}

static void need(bool ok, const char *what) {
    if (ok)
        return;
    fprintf(stderr, "FAILED: %s\n", what);
    exit(1);
}

static bool judge(const char *path, unsigned long readings) {
    bool ok = counted <= MOST;
    printf("%s %s: %lu allocations for %lu readings, at most %d\n", ok ? "ok" : "FAILED", path,
           counted, readings, MOST);
    return ok;
}

/* --- the core -----------------------------------------------------------------------------------
 */

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS)

struct press {
    struct script script;
    uint16_t state, total, energy, order, extra;
};

/* A second of the press: everything a hundred times, pieces and energy grow, the state changes. */
static void second(struct press *p, int64_t no, struct buf *out) {
    struct script *s = &p->script;
    struct batch_head head = {
        .kind = BATCH_DATA, .epoch = s->epoch, .seq = s->next++, .t_ms = T0 + no * 1000};
    batch_writer_reset(&s->writer, head.t_ms);
    script_asof(s, T0, head.t_ms + 1000);
    for (int64_t i = 0; i < STAMPS; i++) {
        int64_t t = head.t_ms + i * 10, n = no * STAMPS + i;
        script_int(s, p->state, t, n % 50 < 40 ? MACHINE_RUN : MACHINE_HELD);
        script_int(s, p->total, t, n / 100);
        script_int(s, p->energy, t, n);
        script_int(s, p->extra, t, n % 7);
    }
    buf_reset(out);
    need(!batch_writer_encode(&s->writer, &head, NULL, NULL, NULL, out), "encode");
}

static bool core_path(void) {
    struct plant *plant = NULL;
    struct station st;
    struct press p;
    struct buf bytes;
    char topic[TOPIC_MAX];
    need(!line_plant_open(&plant) && !station_init(&st, plant), "station");
    struct core_now now = {T0, 1000};
    need(!station_start(&st, now, 5) && !station_tick(&st, now), "start");
    script_init(&p.script, &st, "gw1", 101);
    p.state = script_point(&p.script, "state", POINT_STATE, 1);
    p.total = script_point(&p.script, "total", POINT_COUNTER, 1000000);
    p.energy = script_point(&p.script, "energy", POINT_REGISTER, 1000000);
    p.extra = script_point(&p.script, "extra", POINT_GAUGE, 1);
    need(!script_hello(&p.script) && !script_key(&p.script, T0), "key frame");
    topic_format(TOPIC_DATA, &p.script.agent, topic);
    buf_init(&bytes);
    counted = 0;
    uint64_t before = core_stats(st.core)->readings;
    for (int64_t i = 0; i < WARM + BATCHES; i++) {
        second(&p, i, &bytes);
        counting = i >= WARM;
        enum err err = core_on_message(st.core, span_str(topic), buf_span(&bytes), now);
        counting = false;
        need(!err, "batch");
        now = (struct core_now){T0 + i * 1000, 1000 + i * 1000};
        need(!station_tick(&st, now), "tick"); /* computes and commits, as each second does */
    }
    uint64_t readings = core_stats(st.core)->readings - before;
    need(readings == (uint64_t)(WARM + BATCHES) * STAMPS * 4, "all readings are applied");
    bool ok = judge("core_on_message", (unsigned long)readings * BATCHES / (WARM + BATCHES));
    buf_fini(&bytes);
    script_fini(&p.script);
    station_fini(&st);
    plant_close(plant);
    return ok;
}

/* --- the agent ----------------------------------------------------------------------------------
 */

struct tap {
    struct source source; /* first */
    uint16_t point[4];
    bool declared;
    int64_t n;
};

static enum err tap_poll(struct source *s, int64_t now_ms, const struct source_out *out,
                         int64_t *next_ms) {
    struct tap *t = (struct tap *)s;
    for (int k = 0; k < 4 && !t->declared; k++) {
        struct point p = {.type = POINT_COUNTER, .num = 1, .den = 1};
        snprintf(p.name, sizeof p.name, "c%d", k);
        need(!out->add_point(out->user, &p, &t->point[k]), "point");
    }
    t->declared = true;
    for (int64_t i = 0; i < STAMPS; i++, t->n++)
        for (int k = 0; k < 4; k++) {
            struct reading r = {.point = t->point[k], .t_ms = now_ms + i * 10};
            r.v.kind = VALUE_INT;
            r.v.as.i = t->n;
            enum err err = out->reading(out->user, &r);
            if (err)
                return err;
        }
    *next_ms = now_ms + 1000;
    return out->covered(out->user, now_ms - 1000, now_ms + 1000);
}

static int tap_fd(const struct source *s) {
    (void)s;
    return -1;
}

static void tap_position(const struct source *s, struct buf *out) {
    buf_addf(out, "%lld", (long long)((const struct tap *)s)->n);
}

static const struct source_ops tap_ops = {
    .kind = "tap", .poll = tap_poll, .fd = tap_fd, .position = tap_position};

static bool agent_path(void) {
    struct disk_memory disk;
    struct journal *j = NULL;
    struct batcher *b = NULL;
    struct journal_conf jc;
    struct tap tap = {.source = {.ops = &tap_ops}};
    const struct batcher_conf bc = {.every_ms = 200, .readings_max = 1000, .bytes_max = 48 << 10};
    const struct batcher_events none = {0};
    struct ident id = {"tap"};
    uint16_t number = 0;
    int64_t mono = 5000, wall = INT64_C(1790000000000);
    disk_memory_init(&disk);
    journal_conf_init(&jc);
    jc.agent = (struct ident){"gw-1"};
    need(!journal_open(&jc, &disk.disk, NULL, 101, mono, wall, &j), "journal");
    need(!batcher_open(&bc, j, &none, &b) && !batcher_add_source(b, &id, &tap.source, &number),
         "batcher");
    counted = 0;
    for (int i = 0; i < WARM + BATCHES; i++, mono += 1000, wall += 1000) {
        int64_t next = 0;
        bool full = false;
        counting = i >= WARM;
        need(!batcher_poll(b, number, wall, mono, &next, &full) && !full, "poll");
        enum err err = batcher_flush(b, true, mono, wall);
        journal_tick(j, mono, wall);
        journal_flush(j);
        counting = false;
        disk_memory_settle(&disk);
        need(!err || i < WARM, "flush"); /* the first one may find the key frame under way */
    }
    bool ok = judge("source to journal", (unsigned long)BATCHES * STAMPS * 4);
    batcher_close(b);
    journal_close(j);
    disk_memory_fini(&disk);
    return ok;
}

int main(void) {
    unsigned long first = counted;
    counting = true;
    void *volatile seen = malloc(1); /* volatile: a compiler may leave out what nobody looks at */
    counting = false;
    free(seen);
    need(counted == first + 1, "an allocation is counted");
    bool core = core_path(), agent = agent_path();
    return core && agent ? 0 : 1;
}
