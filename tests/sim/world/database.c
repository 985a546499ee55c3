#include "simworld/database.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "engine/plans.h"
#include "memory/store_memory.h"

static struct span word_of(void *user, uint32_t word) {
    return core_word(((struct database *)user)->station->core, word);
}

static bool plan_of(void *user, const struct window_key *k, struct outbox_plan *out) {
    const struct station *s = ((struct database *)user)->station;
    struct plan_item found;
    if (!plans_of_order(s->core, s->plant->node[k->node].unit, k->order, k->product, &found))
        return false;
    *out = (struct outbox_plan){found.product, found.quantity, found.from_ms};
    return true;
}

static uint32_t node_of(void *user, uint32_t number) {
    return core_node_of(((struct database *)user)->station->core, number);
}

/* By measurement, tags and stamp, so that the verdict on a point never changes. */
static bool is_poison(const struct database *d, const struct line_read *p) {
    uint64_t h = fnv1a64(span_str(p->measurement)) ^ (uint64_t)p->t;
    for (size_t i = 0; i < p->tag_n; i++)
        h = h * 31 + fnv1a64(span_str(p->tag[i].value));
    return d->poison && h % d->poison == 0;
}

static bool has_poison(const struct database *d, struct span text) {
    struct line_read *p = d->poison ? malloc(sizeof *p) : NULL;
    bool found = false;
    while (p && !found && line_read_point(&text, p) == ERR_OK)
        found = is_poison(d, p);
    free(p);
    return found;
}

static void judge(void *user, enum sink_request what, struct span text, struct sink_answer *a) {
    static const int busy[] = {429, 500, 503, 0};
    struct database *d = user;
    if (d->now_ms < d->down_until_ms) {
        a->status = 0;
    } else if (what == SINK_CREATE) {
        d->missing = false;
    } else if (d->missing) {
        a->status = 404;
    } else if (rng_ppm(d->rng, d->busy)) {
        a->status = busy[rng_below(d->rng, sizeof busy / sizeof *busy)];
        a->retry_after_ms = a->status == 429 ? rng_between(d->rng, 0, 3000) : -1;
    } else if (what == SINK_WRITE && text.n > 60000) {
        a->status = 413;
    } else if (what == SINK_WRITE && has_poison(d, text)) {
        a->status = 400;
        a->body = span_str("poison");
    }
}

enum err database_init(struct database *d, struct station *s, struct rng *rng) {
    *d = (struct database){.station = s, .rng = rng};
    d->busy = (uint32_t)rng_below(rng, 300000);
    d->lost = (uint32_t)rng_below(rng, 200000);
    d->poison = rng_ppm(rng, 400000) ? 23 : 0;
    d->missing = rng_ppm(rng, 300000);
    return sink_memory_open(
        &(struct sink_memory_conf){.deletes = true, .creates = true, .judge = judge, .user = d},
        &d->sink);
}

void database_fini(struct database *d) {
    if (d->outbox)
        database_kill(d, rng_ppm(d->rng, 500000));
    sink_memory_close(d->sink);
    if (d->restored)
        d->restored->ops->close(d->restored);
}

enum err database_restored(struct database *d) {
    struct store_image *image = NULL;
    enum err err = ERR_OK;
    if (!d->restored)
        err = store_memory_open(&(struct store_memory_conf){0}, &d->restored);
    if (!err)
        err = store_memory_save(d->station->store, &image);
    if (!err)
        err = store_memory_restore(d->restored, image);
    if (image)
        store_image_free(image);
    return err;
}

enum err database_start(struct database *d) {
    const struct outbox_conf c = {.retry_min_ms = 1000,
                                  .retry_max_ms = 30000,
                                  .rows_max = 200,
                                  .node = node_of,
                                  .word = word_of,
                                  .plan = plan_of,
                                  .word_user = d};
    return outbox_open(&c, d->station->plant, d->station->store, d->sink, &d->outbox);
}

bool database_asked(const struct database *d) {
    return d->outbox != NULL;
}

void database_kill(struct database *d, bool asked) {
    if (!d->outbox)
        return;
    sink_memory_forget(d->sink, asked);
    outbox_close(d->outbox);
    d->outbox = NULL;
}

void database_step(struct database *d, int64_t mono_ms) {
    d->now_ms = mono_ms;
    if (!d->outbox)
        return;
    if (rng_ppm(d->rng, 2000) && d->busy)
        d->down_until_ms = mono_ms + rng_between(d->rng, 1000, 600000);
    outbox_wake(d->outbox); /* as after each commit */
    outbox_on_tick(d->outbox, mono_ms, d->station->now.wall_ms, (uint32_t)rng_next(d->rng));
    for (unsigned i = 0; i < 4 && rng_ppm(d->rng, 800000); i++) {
        if (sink_memory_busy(d->sink) &&
            trip_at(d->trip, TRIP_STATION, TRIP_REQUEST) != TRIP_GOES_ON)
            return;
        if (rng_ppm(d->rng, d->lost))
            sink_memory_lose(d->sink);
        else
            sink_memory_step(d->sink);
    }
}

void database_heal(struct database *d) {
    d->busy = d->lost = 0;
    d->down_until_ms = 0;
}

bool database_drained(const struct database *d) {
    return store_memory_rows(d->station->store, STORE_OUTBOX) == 0 &&
           store_memory_pending(d->station->store) == 0;
}

/* --- the audit ---------------------------------------------------------------------------------
 */

struct compare {
    struct database *d;
    bool exact, print;
    unsigned bad;
    size_t alive;
    struct line_read *want;
};

static long revision_of(const struct line_read *point) {
    const char *revision = line_read_field(point, "revision");
    return revision ? strtol(revision, NULL, 10) : -1;
}

static bool same_fields(const struct line_read *have, const struct line_read *want, bool exact) {
    if (exact && have->field_n != want->field_n)
        return false;
    for (size_t i = 0; i < want->field_n; i++) {
        const char *v = line_read_field_near(have, want->field[i].key, i);
        if (!v || strcmp(v, want->field[i].value) != 0)
            return false;
    }
    return true;
}

/* The one thing that a database may show beside what is stored (README, Limits): this row stood in
 * the backup that was put back last, and was told by then, so nothing that the store knows tells it
 * again. What the database has of it is from the time that was forgotten: a later revision, or
 * nothing if the aggregator died between taking a point away and writing it anew. A row that was
 * put back with its place in the outbox, or that changed since, must be there as it is. */
static bool forgotten(const struct compare *c, const struct store_item *row,
                      const struct line_read *have) {
    const struct store *restored = c->d->restored;
    struct span value;
    if (!restored || !store_memory_find(restored, STORE_WINDOW, row->key, &value) ||
        !span_equal(value, row->value) ||
        store_memory_find(restored, STORE_OUTBOX, row->key, &value))
        return false;
    return have ? revision_of(have) > revision_of(c->want) : sink_memory_took(c->d->sink, c->want);
}

static const char *judge_row(struct compare *c, const struct store_item *row, struct span line) {
    const struct sink *sink = c->d->sink;
    const struct line_read *have = NULL;
    struct span dead;
    if (!is_poison(c->d, c->want)) {
        c->alive++;
        if (sink_memory_holds(sink, c->want, line))
            return NULL;
        have = sink_memory_find(sink, c->want);
        if ((have && same_fields(have, c->want, c->exact)) || forgotten(c, row, have))
            return NULL;
        return have ? "the database has not the last revision"
                    : "a settled window is not in the database";
    }
    if (sink_memory_find(sink, c->want))
        return "the database holds what it refused";
    if (!store_memory_find(c->d->station->store, STORE_DEAD, row->key, &dead))
        return "a refused window is no dead letter";
    bool last = dead.n > row->value.n &&
                span_equal(row->value, span_of(dead.p + dead.n - row->value.n, row->value.n));
    return last ? NULL : "a dead letter is not the last revision";
}

static void check_row(struct compare *c, const struct store_item *row) {
    struct window w = {0};
    struct buf text;
    buf_init(&text);
    const char *wrong = "a stored window cannot be read";
    if (!window_key_unpack(row->key, &w.key) && !window_unpack(row->value, &w)) {
        w.key.node = node_of(c->d, w.key.node);
        const struct outbox_source from = {c->d->station->plant, word_of, plan_of, c->d};
        if (!outbox_line(&from, &w, true, &text)) {
            struct span line = buf_span(&text);
            if (!line_read(&line, c->want))
                wrong = judge_row(c, row, buf_span(&text));
        }
    }
    buf_fini(&text);
    c->bad += wrong != NULL;
    if (wrong && c->print && c->bad < 6)
        fprintf(stderr, "  database: %s: node %u kind %u start %lld rev %u\n", wrong, w.key.node,
                w.key.kind, (long long)w.key.start_ms, w.revision);
}

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct compare *c = user;
    c->bad += err != ERR_OK;
    for (size_t i = 0; i < rows->n && !err; i++)
        check_row(c, &rows->at[i]);
}

unsigned database_audit(struct database *d, bool exact, bool alone, bool print) {
    const struct store_range all = {.table = STORE_WINDOW};
    struct compare c = {.d = d, .exact = exact, .print = print, .want = malloc(sizeof *c.want)};
    if (!c.want)
        return 1;
    if (d->station->store->ops->load_now(d->station->store, &all, 1, on_rows, &c))
        c.bad++;
    if (alone && c.alive != sink_memory_points(d->sink)) {
        c.bad++;
        if (print)
            fprintf(stderr, "  database: %zu points, %zu windows\n", sink_memory_points(d->sink),
                    c.alive);
    }
    free(c.want);
    return c.bad;
}
