/* Position: "1 <instance> <next> <skip> <until>": the agent's instance (of 64 bits, written as a
 * signed number), the sequence that was not told whole, how many of its readings were, and up to
 * where the source has vouched. */
#include "mtconnect/flow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utc.h"
#include "sources/position.h"

enum {
    PAUSE_LEAST_MS = 500,
    PAUSE_MOST_MS = 30000,
    LOOK_BACK_MS = 5 * 60000,
    AHEAD_MS = 10000, /* an observation may be stamped so much later than its document */
    MARGIN = 16,      /* of the buffer: so much of it may be given up while it is asked for */
    TURNS_MAX = 12,   /* questions without getting on */
    STRANGERS_MAX = 1000
};

/* --- asking -------------------------------------------------------------------------------------
 */

/* What a path may hold of a device's name. */
static void add_device(char *path, size_t room, const char *device) {
    size_t n = strlen(path);

    for (path[n++] = '/'; *device != '\0' && n + 4 < room; device++) {
        const unsigned char c = (unsigned char)*device;
        if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
            strchr("-._~", c) != NULL)
            path[n++] = (char)c;
        else
            n += (size_t)snprintf(path + n, room - n, "%%%02X", c);
    }
    path[n] = '\0';
}

static void wait_and_begin(struct flow *f, const char *why, int64_t now_ms) {
    snprintf(f->detail, sizeof f->detail, "%s", why);
    f->errors++;
    f->turns = 0;
    f->phase = FLOW_WAITING;
    f->ask.serial++;
    f->ask.path[0] = '\0';
    f->due_ms = now_ms + f->pause_ms;
    f->pause_ms = f->pause_ms * 2 < PAUSE_MOST_MS ? f->pause_ms * 2 : PAUSE_MOST_MS;
}

static void ask(struct flow *f, enum flow_phase phase, int64_t now_ms, const char *what) {
    if (++f->turns > TURNS_MAX) {
        wait_and_begin(f, "the agent's answers do not fit together", now_ms);
        return;
    }
    f->phase = phase;
    f->ask.serial++;
    f->ask.stream = phase == FLOW_SAMPLE;
    f->ask.path[0] = '\0';
    if (f->conf->device[0] != '\0')
        add_device(f->ask.path, sizeof f->ask.path - 120, f->conf->device);
    const size_t n = strlen(f->ask.path);
    snprintf(f->ask.path + n, sizeof f->ask.path - n, "/%s", what);
    f->heard_ms = now_ms;
    f->requests++;
}

static void ask_current(struct flow *f, enum flow_phase phase, int64_t at, int64_t now_ms) {
    char what[64];

    snprintf(what, sizeof what, "current?at=%" PRId64, at);
    ask(f, phase, now_ms, what);
}

/* An agent refuses to give more at once than it keeps. */
static void ask_sample(struct flow *f, int64_t now_ms) {
    const int64_t kept = f->doc.header.buffer, count = f->conf->count;
    char what[120];

    snprintf(what, sizeof what,
             "sample?from=%" PRId64 "&interval=%" PRId64 "&heartbeat=%" PRId64 "&count=%" PRId64,
             f->from, f->conf->interval_ms, f->conf->heartbeat_ms,
             kept > 0 && kept < count ? kept : count);
    ask(f, FLOW_SAMPLE, now_ms, what);
}

static int64_t patience(const struct flow *f) {
    return f->phase == FLOW_SAMPLE ? 2 * f->conf->heartbeat_ms + f->conf->interval_ms
                                   : f->conf->timeout_ms;
}

int64_t flow_due(const struct flow *f) {
    return f->phase == FLOW_WAITING || f->ask.path[0] == '\0' ? f->due_ms
                                                              : f->heard_ms + patience(f);
}

void flow_on_tick(struct flow *f, int64_t now_ms) {
    char why[FLOW_DETAIL], since[UTC_TEXT];

    if (f->holding || now_ms < flow_due(f))
        return;
    if (f->phase == FLOW_SAMPLE && f->ask.path[0] == '\0') {
        ask_sample(f, now_ms);
        return;
    }
    if (f->phase == FLOW_WAITING) {
        f->reconnects += f->requests > 0;
        ask(f, FLOW_PROBE, now_ms, "probe");
        return;
    }
    utc_format(f->heard_ms, since);
    snprintf(why, sizeof why, "nothing was heard since %s", since);
    wait_and_begin(f, why, now_ms);
}

void flow_on_bytes(struct flow *f, int64_t now_ms) {
    f->heard_ms = now_ms;
}

void flow_on_end(struct flow *f, bool polled, const char *why, int64_t now_ms) {
    if (f->phase == FLOW_WAITING)
        return;
    if (!polled || f->phase != FLOW_SAMPLE) {
        wait_and_begin(f, why, now_ms);
        return;
    }
    f->ask.serial++; /* an agent without streams is asked again and again */
    f->ask.path[0] = '\0';
    f->due_ms = now_ms + f->conf->interval_ms;
}

/* --- what documents mean ------------------------------------------------------------------------
 */

static void pass_note(void *user, const char *reason, const char *place) {
    const struct source_out *out = user;

    out->refused(out->user, reason, place);
}

static struct picks_note notes_to(const struct source_out *out) {
    return (struct picks_note){.note = pass_note, .user = (void *)(uintptr_t)out};
}

/* The newest observation; one that is ahead of its document by more than a little does not count.
 */
static int64_t newest(const struct doc *d) {
    int64_t t_ms = COVERAGE_NONE;

    for (size_t i = 0; i < d->observation_n; i++) {
        const int64_t t = d->observations[i].t_ms;
        if (t != DOC_NO_TIME && t > t_ms &&
            (d->header.created_ms == DOC_NO_TIME || t <= d->header.created_ms + AHEAD_MS))
            t_ms = t;
    }
    return t_ms;
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* An id that the last probe did not have: the devices have changed, unless it was met before. */
static bool meets_stranger(struct flow *f) {
    for (size_t i = 0; i < f->doc.observation_n; i++) {
        const struct span id = doc_span(&f->doc, f->doc.observations[i].item);
        uint32_t bound;
        if (!picks_find(&f->picks, id, &bound) && names_add(&f->strangers, id, 0) == ERR_OK)
            return true;
    }
    return false;
}

static enum err take_all(struct flow *f, int64_t from, const struct source_out *out) {
    const struct picks_note note = notes_to(out);

    f->pending.n = f->told = 0;
    for (size_t i = 0; i < f->doc.observation_n; i++) {
        if (f->doc.observations[i].sequence < from)
            continue;
        const enum err e =
            picks_take(&f->picks, &f->doc, &f->doc.observations[i], &note, &f->pending);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

/* Which quantity a pending reading has. */
static const struct quantity *quantity_of(const struct flow *f, const struct picks_reading *r) {
    return &f->picks.quantities[f->picks.bound[r->r.point].rule];
}

/* What happened is told once: not by snapshots, and by another instance only if it is newer. */
static void drop_events(struct flow *f) {
    size_t kept = 0;

    for (size_t i = 0; i < f->pending.n; i++) {
        const struct picks_reading *r = &f->pending.at[i];
        const bool is_event = quantity_of(f, r)->type == POINT_EVENT;
        if (!is_event || (!f->snapshot && r->r.t_ms > coverage_known(&f->coverage)))
            f->pending.at[kept++] = *r;
    }
    f->pending.n = kept;
}

static void hold(struct flow *f, uint64_t instance, int64_t next) {
    f->holding = true;
    f->begun = false;
    f->then_instance = instance;
    f->then_next = next;
    if (f->fresh)
        drop_events(f);
}

/* The document says what holds at start_ms. */
static enum err take_snapshot(struct flow *f, int64_t start_ms, int64_t end_ms, int64_t next,
                              const struct source_out *out) {
    picks_forget(&f->picks);
    const enum err e = take_all(f, INT64_MIN, out);
    if (e != ERR_OK)
        return e;
    const int64_t known = coverage_known(&f->coverage);
    f->snapshot = f->fresh = true;
    f->start_ms = known != COVERAGE_NONE ? later(start_ms, known) : start_ms;
    f->end_ms = end_ms != COVERAGE_NONE ? later(end_ms, f->start_ms) : f->start_ms;
    for (size_t i = 0; i < f->pending.n; i++)
        f->pending.at[i].r.t_ms = f->start_ms;
    hold(f, f->doc.header.instance, next);
    return ERR_OK;
}

static void note_gap(const struct flow *f, const struct doc_header *h, int64_t from,
                     const struct source_out *out) {
    char place[PICKS_WHY], too[80] = "";

    if (from > 1)
        snprintf(too, sizeof too, ", and so are sequences 1 to %" PRId64 " of this one", from - 1);
    if (h->instance != f->instance || h->next < f->next)
        snprintf(place, sizeof place,
                 "the agent began anew: instance %" PRIu64 ", was %" PRIu64
                 "; what that had from sequence %" PRId64 " on is lost%s",
                 h->instance, f->instance, f->next, too);
    else
        snprintf(place, sizeof place,
                 "sequences %" PRId64 " to %" PRId64 " (%" PRId64
                 ") are lost: the agent's buffer begins at %" PRId64,
                 f->next, from - 1, from - f->next, h->first);
    out->refused(out->user, "gap", place);
}

static enum err on_look(struct flow *f, int64_t now_ms, const struct source_out *out) {
    const struct doc_header *h = &f->doc.header;

    if (h->next < 1 || h->first < 1) {
        wait_and_begin(f, "current has no sequence numbers in its header", now_ms);
        return ERR_OK;
    }
    if (!f->has_place && !f->conf->history) {
        const int64_t created =
            h->created_ms != DOC_NO_TIME ? h->created_ms : later(newest(&f->doc), 0);
        return take_snapshot(f, later(newest(&f->doc), created - LOOK_BACK_MS), created, h->next,
                             out);
    }
    if (f->has_place && h->instance == f->instance && h->first <= f->next && f->next <= h->next) {
        ask_sample(f, now_ms); /* it is in the buffer after all */
        return ERR_OK;
    }
    /* The snapshot is of the sequence before, and tells no event of it. */
    const int64_t from = h->first > 1 ? h->first + later((h->next - h->first) / MARGIN, 1) : 1;
    if (f->has_place)
        note_gap(f, h, from, out);
    f->look_instance = h->instance;
    f->look_at = from - 1;
    f->fresh = true;
    if (from > 1) {
        ask_current(f, FLOW_SNAPSHOT, f->look_at, now_ms);
        return ERR_OK;
    }
    f->from_instance = h->instance;
    f->from = 1;
    picks_forget(&f->picks);
    ask_sample(f, now_ms);
    return ERR_OK;
}

static enum err on_sample(struct flow *f, const struct source_out *out) {
    const struct doc_header *h = &f->doc.header;
    const enum err e = take_all(f, f->from, out);

    if (e != ERR_OK)
        return e;
    const int64_t newest_ms = newest(&f->doc);
    const bool whole = h->next > h->last && h->created_ms != DOC_NO_TIME;
    f->snapshot = false;
    f->end_ms = whole ? later(h->created_ms, newest_ms) : newest_ms;
    f->start_ms = f->end_ms;
    if (f->fresh) {
        for (size_t i = f->doc.observation_n; i-- > 0;)
            if (f->doc.observations[i].t_ms != DOC_NO_TIME &&
                f->doc.observations[i].t_ms < f->start_ms)
                f->start_ms = f->doc.observations[i].t_ms;
        const int64_t known = coverage_known(&f->coverage);
        f->start_ms = f->end_ms != COVERAGE_NONE ? later(f->start_ms, known) : COVERAGE_NONE;
    }
    hold(f, h->instance, later(h->next, f->from));
    const size_t skip = f->has_place && f->from_instance == f->instance ? f->skip : 0;
    if (skip > 0 && skip <= f->pending.n && f->pending.at[skip - 1].sequence == f->next)
        f->told = skip;
    f->turns = 0;
    f->pause_ms = PAUSE_LEAST_MS;
    f->detail[0] = '\0';
    return ERR_OK;
}

static enum err on_probe(struct flow *f, int64_t now_ms, const struct source_out *out) {
    const struct picks_note note = notes_to(out);
    enum err e = picks_bind(&f->picks, &f->doc, &note);

    if (e == ERR_OK)
        e = picks_declare(&f->picks, out);
    if (e != ERR_OK)
        return e;
    f->from_instance = f->instance;
    f->from = f->next;
    if (!f->has_place || f->doc.header.instance != f->instance)
        ask(f, FLOW_LOOK, now_ms, "current");
    else if (f->picks.has_conditions && f->next > 1)
        ask_current(f, FLOW_RECALL, f->next - 1, now_ms);
    else
        ask_sample(f, now_ms);
    return ERR_OK;
}

static void on_error(struct flow *f, int64_t now_ms) {
    char why[FLOW_DETAIL];

    if (strcmp(f->doc.error, "OUT_OF_RANGE") == 0 && f->phase >= FLOW_SNAPSHOT) {
        ask(f, FLOW_LOOK, now_ms, "current");
        return;
    }
    snprintf(why, sizeof why, "the agent says %s: %.120s", f->doc.error, f->doc.error_text);
    wait_and_begin(f, why, now_ms);
}

static enum err on_streams(struct flow *f, int64_t now_ms, const struct source_out *out) {
    const bool place_gone = (f->phase == FLOW_SAMPLE || f->phase == FLOW_RECALL) &&
                            f->doc.header.instance != f->from_instance;
    const bool look_gone = f->phase == FLOW_SNAPSHOT && f->doc.header.instance != f->look_instance;

    if (place_gone || look_gone || meets_stranger(f)) {
        ask(f, FLOW_PROBE, now_ms, "probe");
        return ERR_OK;
    }
    switch (f->phase) {
    case FLOW_LOOK:
        return on_look(f, now_ms, out);
    case FLOW_SNAPSHOT:
        return take_snapshot(f, newest(&f->doc), COVERAGE_NONE, f->look_at + 1, out);
    case FLOW_RECALL: {
        const enum err e = picks_recall(&f->picks, &f->doc);
        if (e == ERR_OK)
            ask_sample(f, now_ms);
        return e;
    }
    case FLOW_SAMPLE:
        return on_sample(f, out);
    case FLOW_WAITING:
    case FLOW_PROBE:
        break;
    }
    wait_and_begin(f, "streams came where devices were asked for", now_ms);
    return ERR_OK;
}

enum err flow_on_document(struct flow *f, int64_t now_ms, const struct source_out *out) {
    if (f->phase == FLOW_WAITING || f->ask.path[0] == '\0')
        return ERR_OK; /* of a question that was given up */
    f->heard_ms = now_ms;
    if (f->doc.kind == DOC_ERROR) {
        on_error(f, now_ms);
        return ERR_OK;
    }
    if (f->doc.kind == DOC_DEVICES && f->phase == FLOW_PROBE)
        return on_probe(f, now_ms, out);
    if (f->doc.kind == DOC_STREAMS)
        return on_streams(f, now_ms, out);
    wait_and_begin(f, "devices came where streams were asked for", now_ms);
    return ERR_OK;
}

/* --- telling ------------------------------------------------------------------------------------
 */

static enum err begin(struct flow *f, const struct source_out *out) {
    if (f->begun || !f->fresh || f->start_ms == COVERAGE_NONE)
        return ERR_OK;
    const enum err e = coverage_begin(&f->coverage, f->start_ms, out);
    f->begun = e == ERR_OK;
    return e;
}

/* The place behind the readings that were told. */
static void note_place(struct flow *f, size_t told) {
    const int64_t sequence = f->pending.at[told].sequence;

    if (f->snapshot)
        return;
    f->skip = f->instance == f->then_instance && sequence == f->next ? f->skip + 1 : 1;
    f->has_place = true;
    f->instance = f->then_instance;
    f->next = sequence;
}

static enum err tell_readings(struct flow *f, const struct source_out *out) {
    for (; f->told < f->pending.n; f->told++) {
        const struct picks_reading *p = &f->pending.at[f->told];
        struct reading r = p->r;
        r.point = f->picks.bound[r.point].point;
        if (out->raw != NULL)
            out->raw(out->user, r.point, p->raw);
        const enum err e = out->reading(out->user, &r);
        if (e == ERR_RANGE) {
            out->refused(out->user, "illegal", "expected texts of at most 256 bytes of UTF-8");
        } else if (e != ERR_OK) {
            /* What was told stands in the batch that ends here, so it is vouched for there. */
            if (f->told > 0)
                coverage_extend(&f->coverage, f->start_ms, f->pending.at[f->told - 1].r.t_ms,
                                false);
            return e;
        }
        note_place(f, f->told);
    }
    return ERR_OK;
}

enum err flow_tell(struct flow *f, int64_t now_ms, const struct source_out *out) {
    if (!f->holding)
        return ERR_OK;
    enum err e = picks_declare(&f->picks, out);
    if (e == ERR_OK)
        e = begin(f, out);
    if (e == ERR_OK)
        e = tell_readings(f, out);
    if (e != ERR_OK)
        return e;
    if (f->end_ms != COVERAGE_NONE) {
        coverage_extend(&f->coverage, f->start_ms, f->end_ms, false);
        f->fresh = false;
    }
    f->holding = false;
    f->from_instance = f->then_instance;
    f->from = f->then_next;
    if (!f->fresh) { /* what is still to begin begins again after a restart */
        f->has_place = true;
        f->instance = f->then_instance;
        f->next = f->then_next;
        f->skip = 0;
    }
    if (f->snapshot)
        ask_sample(f, now_ms);
    f->snapshot = false;
    return ERR_OK;
}

/* --- the whole ----------------------------------------------------------------------------------
 */

enum err flow_init(struct flow *f, const struct mtconnect_conf *c, struct span position) {
    int64_t v[5];

    *f = (struct flow){.conf = c, .pause_ms = PAUSE_LEAST_MS, .due_ms = INT64_MIN, .fresh = true};
    coverage_init(&f->coverage, COVERAGE_NONE);
    if (position.n > 0) {
        if (position_parse(position, v, 5) != ERR_OK || v[0] != 1 || v[2] < 1 || v[3] < 0)
            return ERR_FORMAT;
        f->has_place = true;
        f->fresh = false;
        f->instance = (uint64_t)v[1];
        f->next = v[2];
        f->skip = (size_t)v[3];
        coverage_init(&f->coverage, v[4]);
        f->fresh = v[4] == POSITION_NONE;
    }
    const enum err e = picks_init(&f->picks, c);
    if (e != ERR_OK)
        return e;
    names_init(&f->strangers, STRANGERS_MAX);
    doc_init(&f->doc);
    return ERR_OK;
}

void flow_fini(struct flow *f) {
    picks_fini(&f->picks);
    names_fini(&f->strangers);
    doc_fini(&f->doc);
    free(f->pending.at);
    *f = (struct flow){0};
}

void flow_position(const struct flow *f, struct buf *out) {
    if (!f->has_place)
        return;
    position_add(out, 1);
    position_add(out, (int64_t)f->instance);
    position_add(out, f->next);
    position_add(out, (int64_t)f->skip);
    position_add(out, f->coverage.until_ms);
}

const char *flow_state(const struct flow *f) {
    if (f->phase == FLOW_WAITING)
        return f->requests > 0 ? "waiting" : "starting";
    return f->phase == FLOW_SAMPLE ? "connected" : "asking";
}
