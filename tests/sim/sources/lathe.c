/* An MTConnect agent: a ring of observations with sequence numbers, which are those of an instance.
 * It is started again under another instance and from number one, gives up what is old, ends
 * streams, and answers late. What its reader asks and how answers come is played here; documents
 * are text and are read by the real parser. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "mtconnect/flow.h"
#include "simsources/device.h"

enum { RING_MAX = 96, SERIES = 3, ITEMS = 3, PARTS_A_POLL = 3 };

enum item { PIECES, SERIES_OF_PIECES, LOAD };

struct observation {
    int64_t sequence, t_ms;
    enum item item;
    size_t number;  /* of the first reading; of a load what it says */
    bool available; /* else it says that there is nothing */
};

struct lathe {
    struct device device; /* first */
    struct mtconnect_conf conf;
    struct xml_calls xml;
    struct observation *all; /* of this instance: [sequence - 1] */
    size_t n, cap, ring;
    uint64_t instance;
    uint32_t run;
    uint64_t instances[256]; /* by run */
    int64_t t_ms, loads;
    struct load {
        int64_t t_ms;
        uint32_t run;
    } load[4096]; /* by what it says, from 1 */
    int64_t last_load;
    bool polled; /* it has no streams: each answer is a whole one */
    struct lost {
        uint32_t run;
        int64_t from, to;
    } lost[256]; /* said to be */
    size_t lost_n;
};

struct caller {
    struct source source; /* first */
    struct lathe *lathe;
    struct flow flow;
    uint32_t asked;
    int64_t at; /* of a stream: the sequence that comes next */
};

static struct lathe *self_of(struct device *d) {
    return (struct lathe *)d;
}

/* --- the agent ----------------------------------------------------------------------------------
 */

static int64_t first_of(const struct lathe *l) {
    return l->n > l->ring ? (int64_t)(l->n - l->ring) + 1 : 1;
}

static void observe(struct lathe *l, enum item item, bool available) {
    struct device *d = &l->device;
    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 256;
        l->all = realloc(l->all, l->cap * sizeof *l->all);
        if (!l->all)
            abort(); /* of a few kilobytes */
    }
    struct observation o = {(int64_t)l->n + 1, l->t_ms, item, 0, available};
    const size_t readings = !available || item == LOAD ? 0 : item == PIECES ? 1 : SERIES;
    for (size_t i = 0; i < readings; i++) {
        const struct offer made = {
            .t_ms = l->t_ms - (int64_t)(readings - 1 - i), .run = l->run, .place = o.sequence};
        const size_t number = device_offer(d, &made);
        o.number = i == 0 ? number : o.number;
    }
    if (item == LOAD && available && l->loads + 1 < (int64_t)(sizeof l->load / sizeof *l->load)) {
        o.number = (size_t)++l->loads;
        l->load[l->loads] = (struct load){l->t_ms, l->run};
    }
    l->all[l->n++] = o;
}

static void begin_instance(struct lathe *l) {
    l->instance = l->device.variant == VARIANT_INSTANCE ? 7 : rng_id(l->device.rng);
    l->run++;
    l->instances[l->run] = l->instance;
    l->n = 0;
    for (unsigned i = 0; i < ITEMS; i++)
        observe(l, (enum item)i, false);
}

static void lathe_live(struct device *d, int64_t now_ms) {
    struct lathe *l = self_of(d);
    if (d->calm)
        return;
    if (rng_ppm(d->rng, 15000) && l->run + 1 < 256 && now_ms > l->t_ms) {
        l->t_ms = now_ms;
        begin_instance(l);
    }
    const uint64_t most = rng_ppm(d->rng, 20000) ? l->ring * 2 : 4;
    for (uint64_t n = rng_below(d->rng, most); n > 0; n--) {
        /* A series reaches back, but not behind what was observed before it. */
        l->t_ms = now_ms > l->t_ms + SERIES ? now_ms : l->t_ms + SERIES;
        observe(l, (enum item)rng_below(d->rng, ITEMS), true);
    }
}

/* --- what it answers ----------------------------------------------------------------------------
 */

static void add_stamp(struct buf *out, const char *name, int64_t t_ms) {
    char text[UTC_TEXT];
    utc_format(t_ms, text);
    (void)buf_addf(out, " %s=\"%s\"", name, text);
}

static void add_devices(const struct lathe *l, int64_t now_ms, struct buf *out) {
    (void)buf_add_str(out, "<MTConnectDevices><Header");
    add_stamp(out, "creationTime", now_ms);
    (void)buf_addf(out,
                   " instanceId=\"%" PRIu64 "\" bufferSize=\"%zu\"/><Devices><Device id=\"d\" "
                   "name=\"L\" uuid=\"u\"><DataItems>"
                   "<DataItem category=\"EVENT\" id=\"pieces\" type=\"PART_COUNT\"/>"
                   "<DataItem category=\"SAMPLE\" id=\"series\" type=\"LENGTH\" "
                   "representation=\"TIME_SERIES\"/>"
                   "<DataItem category=\"SAMPLE\" id=\"load\" type=\"LOAD\"/>"
                   "</DataItems></Device></Devices></MTConnectDevices>",
                   l->instance, l->ring);
}

static void add_observation(const struct observation *o, struct buf *out) {
    static const char *const elements[] = {"PartCount", "LengthTimeSeries", "Load"};
    static const char *const ids[] = {"pieces", "series", "load"};
    const char *group = o->item == PIECES ? "Events" : "Samples";
    (void)buf_addf(out, "<%s><%s dataItemId=\"%s\" sequence=\"%" PRId64 "\"", group,
                   elements[o->item], ids[o->item], o->sequence);
    add_stamp(out, "timestamp", o->t_ms);
    if (o->item == SERIES_OF_PIECES && o->available)
        (void)buf_addf(out, " sampleCount=\"%d\" sampleRate=\"1000\">%zu %zu %zu", SERIES,
                       o->number, o->number + 1, o->number + 2);
    else if (o->available)
        (void)buf_addf(out, ">%zu", o->number);
    else
        (void)buf_add_str(out, ">UNAVAILABLE");
    (void)buf_addf(out, "</%s></%s>", elements[o->item], group);
}

static void begin_streams(const struct lathe *l, int64_t now_ms, int64_t next, struct buf *out) {
    (void)buf_add_str(out, "<MTConnectStreams><Header");
    add_stamp(out, "creationTime", now_ms);
    (void)buf_addf(out,
                   " instanceId=\"%" PRIu64 "\" firstSequence=\"%" PRId64 "\" lastSequence=\"%zu\" "
                   "nextSequence=\"%" PRId64 "\"/><Streams><DeviceStream name=\"L\" uuid=\"u\">"
                   "<ComponentStream component=\"Device\" name=\"L\" componentId=\"d\">",
                   l->instance, first_of(l), l->n, next);
}

static void end_streams(struct buf *out) {
    (void)buf_add_str(out, "</ComponentStream></DeviceStream></Streams></MTConnectStreams>");
}

static void add_error(const struct lathe *l, struct buf *out) {
    (void)buf_addf(out,
                   "<MTConnectError><Header instanceId=\"%" PRIu64 "\"/><Errors><Error "
                   "errorCode=\"OUT_OF_RANGE\">no</Error></Errors></MTConnectError>",
                   l->instance);
}

/* What held when `at` was the newest one. */
static void add_current(const struct lathe *l, int64_t now_ms, int64_t at, struct buf *out) {
    begin_streams(l, now_ms, (int64_t)l->n + 1, out);
    for (unsigned item = 0; item < ITEMS; item++)
        for (int64_t s = at; s > 0; s--)
            if (l->all[s - 1].item == item) {
                add_observation(&l->all[s - 1], out);
                break;
            }
    end_streams(out);
}

static int64_t add_sample(const struct lathe *l, int64_t now_ms, int64_t from, struct buf *out) {
    const int64_t end = (int64_t)l->n + 1, most = from + l->conf.count;
    const int64_t next = most < end ? most : end;
    begin_streams(l, now_ms, next, out);
    for (int64_t s = from; s < next; s++)
        add_observation(&l->all[s - 1], out);
    end_streams(out);
    return next;
}

/* --- who asks it --------------------------------------------------------------------------------
 */

static int64_t number_behind(const char *path, const char *key) {
    const char *at = strstr(path, key);
    return at ? strtoll(at + strlen(key), NULL, 10) : 0;
}

/* From where on the ring is read by whoever finds it moved on: without its begin, which may be gone
 * before it is asked for. */
static int64_t begin_of(const struct lathe *l) {
    const int64_t first = first_of(l), part = ((int64_t)l->n + 1 - first) / 16;
    return first > 1 ? first + (part > 1 ? part : 1) : 1;
}

/* Whoever has no place yet begins there; what was before is none of his. */
static void begin_with_ring(struct lathe *l) {
    const int64_t begin = begin_of(l);
    for (size_t i = 0; i < l->device.n; i++)
        if (l->device.at[i].run < l->run || l->device.at[i].place < begin)
            l->device.at[i].gone = true;
}

/* The next part of the answer; false: there is none, or not yet. */
static bool answer(struct caller *k, int64_t now_ms, struct buf *out) {
    struct lathe *l = k->lathe;
    const char *path = k->flow.ask.path;
    if (*path == '\0')
        return false;
    if (strcmp(path, "/probe") == 0) {
        add_devices(l, now_ms, out);
    } else if (strncmp(path, "/current", 8) == 0) {
        int64_t at = number_behind(path, "?at=");
        const bool is_here = at == 0 || (at >= first_of(l) && at <= (int64_t)l->n);
        at = at ? at : (int64_t)l->n;
        if (strcmp(path, "/current") == 0 && !k->flow.has_place)
            begin_with_ring(l);
        if (is_here)
            add_current(l, now_ms, at, out);
        else
            add_error(l, out);
    } else if (k->at < first_of(l) || k->at > (int64_t)l->n + 1) {
        add_error(l, out);
    } else {
        k->at = add_sample(l, now_ms, k->at, out);
    }
    return true;
}

static enum err take(struct caller *k, int64_t now_ms, const struct source_out *out, bool *more) {
    struct buf text;
    char why[DOC_WHY];
    enum err e = ERR_OK;
    buf_init(&text);
    *more = answer(k, now_ms, &text);
    if (*more) {
        flow_on_bytes(&k->flow, now_ms);
        e = doc_parse(&k->lathe->xml, buf_span(&text), &k->flow.doc, why);
        if (!e)
            e = flow_on_document(&k->flow, now_ms, out);
        else
            device_complain(&k->lathe->device, "a document of the simulation cannot be read");
    }
    buf_fini(&text);
    return e;
}

/* A question takes the place of the one before. */
static void look_for_question(struct caller *k) {
    if (k->asked == k->flow.ask.serial)
        return;
    k->asked = k->flow.ask.serial;
    k->at = number_behind(k->flow.ask.path, "?from=");
}

static enum err turn(struct caller *k, int64_t now_ms, const struct source_out *out) {
    struct device *d = &k->lathe->device;
    for (int i = 0; i < PARTS_A_POLL; i++) {
        bool more = false;
        enum err e = flow_tell(&k->flow, now_ms, out);
        if (e)
            return e;
        flow_on_tick(&k->flow, now_ms);
        look_for_question(k);
        if (!d->calm && rng_ppm(d->rng, 250000))
            return ERR_OK; /* it lets us wait */
        const uint32_t serial = k->asked;
        e = take(k, now_ms, out, &more);
        if (e)
            return e;
        look_for_question(k);
        const bool same = more && serial == k->asked;
        if (same && k->lathe->polled && !k->flow.holding)
            flow_on_end(&k->flow, true, "", now_ms);
        else if (same && k->flow.ask.stream && !d->calm && rng_ppm(d->rng, 40000))
            flow_on_end(&k->flow, false, "the connection broke", now_ms);
        look_for_question(k);
    }
    return ERR_OK;
}

static enum err caller_poll(struct source *source, int64_t now_ms, const struct source_out *out,
                            int64_t *next_ms) {
    struct caller *k = (struct caller *)source;
    enum err e = turn(k, now_ms, out);
    if (e == ERR_OK || e == ERR_FULL) {
        const enum err vouched = coverage_vouch(&k->flow.coverage, out);
        e = vouched == ERR_OK ? e : vouched;
    }
    *next_ms = now_ms;
    return e == ERR_FULL ? ERR_OK : e;
}

static int caller_fd(const struct source *source) {
    (void)source;
    return -1;
}

static void caller_position(const struct source *source, struct buf *out) {
    flow_position(&((const struct caller *)source)->flow, out);
}

static void caller_close(struct source *source) {
    flow_fini(&((struct caller *)source)->flow);
    free(source);
}

static const struct source_ops caller_ops = {.kind = "mtconnect",
                                             .poll = caller_poll,
                                             .fd = caller_fd,
                                             .position = caller_position,
                                             .close = caller_close};

static enum err lathe_open(struct device *d, int64_t now_ms, struct span position,
                           struct source **out) {
    struct caller *k = calloc(1, sizeof *k);
    (void)now_ms;
    if (!k)
        return ERR_NOMEM;
    k->source.ops = &caller_ops;
    k->lathe = self_of(d);
    const enum err e = flow_init(&k->flow, &k->lathe->conf, position);
    if (e)
        free(k);
    else
        *out = &k->source;
    return e;
}

static void lathe_left(struct device *d) {
    (void)d;
}

/* --- what may be missing ------------------------------------------------------------------------
 */

static uint32_t run_of(const struct lathe *l, uint64_t instance) {
    for (uint32_t i = l->run; i > 0; i--)
        if (l->instances[i] == instance)
            return i;
    return 0;
}

static void add_lost(struct lathe *l, uint32_t run, int64_t from, int64_t to) {
    if (l->lost_n < sizeof l->lost / sizeof *l->lost)
        l->lost[l->lost_n++] = (struct lost){run, from, to};
}

/* What is said to be lost must be: of an instance that is over, or before begin_of(). */
static void lathe_refused(struct device *d, const char *reason, const char *place) {
    struct lathe *l = self_of(d);
    uint64_t now = 0, was = 0;
    int64_t from = 1, to = 0;
    const char *too = strstr(place, "so are sequences 1 to ");
    if (strcmp(reason, "gap") != 0)
        return;
    if (sscanf(place,
               "the agent began anew: instance %" SCNu64 ", was %" SCNu64
               "; what that had from sequence %" SCNd64,
               &now, &was, &from) == 3) {
        const uint32_t run = run_of(l, was);
        if (run == l->run && d->variant == VARIANT_NONE)
            device_complain(d, "an instance that is there is said to be lost");
        add_lost(l, run, from, INT64_MAX);
        for (uint32_t between = run + 1; between < l->run; between++) /* they came and went */
            add_lost(l, between, 1, INT64_MAX);
        from = 1;
        to = too ? number_behind(too, "sequences 1 to ") : 0;
    } else if (sscanf(place, "sequences %" SCNd64 " to %" SCNd64, &from, &to) != 2) {
        return;
    }
    if (to >= begin_of(l))
        device_complain(d, "what is in the ring is said to be lost");
    add_lost(l, l->run, from, to);
}

static bool lathe_excused(const struct device *d, size_t number) {
    const struct lathe *l = (const struct lathe *)d;
    const struct offer *o = &d->at[number - 1];
    for (size_t i = 0; i < l->lost_n; i++)
        if (l->lost[i].run == o->run && o->place >= l->lost[i].from && o->place <= l->lost[i].to)
            return true;
    return o->gone;
}

/* Behind no other one, at its own time or, in a snapshot, at one at which it still held. */
static const char *lathe_held(struct device *d, const struct reading *r) {
    struct lathe *l = self_of(d);
    if (r->quality == QUALITY_BAD)
        return NULL;
    const int64_t says = r->v.kind == VALUE_REAL ? (int64_t)r->v.as.r : 0;
    if (says < 1 || says > l->loads || r->t_ms < l->load[says].t_ms)
        return "a load that was never observed, or not yet";
    if (says < l->last_load)
        return "a load is behind one that came after it";
    l->last_load = says;
    const bool next = says < l->loads && l->load[says + 1].run == l->load[says].run;
    return next && r->t_ms > l->load[says + 1].t_ms ? "a load held no longer" : NULL;
}

static void lathe_close(struct device *d) {
    struct lathe *l = self_of(d);
    conf_free(&mtconnect_schema, &l->conf);
    free(l->all);
    free(d->at);
    free(l);
}

static const struct device_ops lathe_device = {.kind = "mtconnect",
                                               .live = lathe_live,
                                               .open = lathe_open,
                                               .left = lathe_left,
                                               .refused = lathe_refused,
                                               .excused = lathe_excused,
                                               .held = lathe_held,
                                               .close = lathe_close};

enum err lathe_make(const struct device_ask *ask, struct device **out) {
    char text[900], why[LIBRARY_WHY];
    struct lathe *l = calloc(1, sizeof *l);
    if (!l)
        return ERR_NOMEM;
    device_init(&l->device, &lathe_device, "mtconnect", ask->no);
    l->device.rng = ask->rng;
    l->device.variant = ask->variant;
    l->t_ms = ask->now_ms;
    l->ring = (size_t)rng_between(ask->rng, 8, RING_MAX);
    l->polled = rng_ppm(ask->rng, 300000);
    const char *id = l->device.id.s;
    (void)snprintf(text, sizeof text,
                   "url: http://127.0.0.1:5000\ncount: %d\nhistory: true\npoints:\n"
                   "  - {name: %s/pieces, id: pieces, type: event, unit: piece, decimals: 0}\n"
                   "  - {name: %s/series, id: series, type: event, unit: piece, decimals: 0}\n"
                   "  - {name: %s/load, id: load, type: gauge}\n",
                   (int)rng_between(ask->rng, 4, 60), id, id, id);
    enum err e = xml_load(&l->xml, why);
    if (e)
        fprintf(stderr, "%s\n", why);
    else
        e = device_conf(text, &mtconnect_schema, &l->conf);
    if (e) {
        free(l);
        return e;
    }
    begin_instance(l);
    *out = &l->device;
    return ERR_OK;
}
