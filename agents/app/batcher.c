#include "agent_app/batcher.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/utf8.h"

struct cover {
    bool set;
    int64_t since_ms, until_ms;
};

#define BATCH_NEVER INT64_MIN

struct fed {
    struct ident id;
    struct source *source; /* NULL: closed */
    struct cover now;      /* goes with the open batch */
    struct cover next;     /* came after a break: goes with the batch after it */
    bool ahead;            /* its newest reading was stamped ahead */
    bool touched;          /* has given something since the newest batch */
    struct batcher_source_stats stats;
    struct buf position; /* as journalled last */
    struct buf fresh;    /* as of the sealed batch */
    bool moved;          /* fresh is with the sealed batch */
};

struct batcher {
    struct batcher_conf conf;
    struct journal *journal;
    struct batcher_events events;
    struct batcher_stats stats;
    struct fed *fed;
    size_t fed_n, fed_cap;
    struct fed *polled;
    uint16_t *point; /* by the id that a source has: the journal's, or JOURNAL_NO_POINT: free */
    size_t point_n, point_cap;
    uint16_t *known; /* by the journal's id: the source's */
    size_t known_n, known_cap;
    size_t free_id; /* no id below it is free */
    struct batch_writer w;
    int64_t wall_ms, mono_ms;
    int64_t begun_ms; /* monotonic; when the open batch got its first content */
    int64_t last_ms;  /* monotonic; when the newest batch was handed over, BATCH_NEVER: none */
    bool begun;       /* it has content */
    bool sealed;      /* offered to the journal: nothing may be added */
    bool full;        /* something was turned away in this poll */
    bool step;        /* a clock record is due behind the open batch */
    struct batch_clock clock;
    struct journal_position *positions;
    size_t position_cap, position_n;
};

enum err batcher_open(const struct batcher_conf *conf, struct journal *journal,
                      const struct batcher_events *events, struct batcher **out) {
    struct batcher *b = calloc(1, sizeof *b);
    if (!b)
        return ERR_NOMEM;
    b->conf = *conf;
    b->journal = journal;
    b->events = *events;
    b->last_ms = BATCH_NEVER;
    batch_writer_init(&b->w);
    *out = b;
    return ERR_OK;
}

void batcher_close(struct batcher *b) {
    if (!b)
        return;
    for (size_t i = 0; i < b->fed_n; i++) {
        buf_fini(&b->fed[i].position);
        buf_fini(&b->fed[i].fresh);
    }
    free(b->fed);
    free(b->point);
    free(b->known);
    free(b->positions);
    batch_writer_fini(&b->w);
    free(b);
}

enum err batcher_add_source(struct batcher *b, const struct ident *id, struct source *s,
                            uint16_t *number) {
    if (b->fed_n == POINT_SOURCE_MAX)
        return ERR_FULL;
    if (b->fed_n == b->fed_cap) {
        size_t cap = b->fed_cap ? b->fed_cap * 2 : 8;
        struct fed *fed = realloc(b->fed, cap * sizeof *fed);
        if (!fed)
            return ERR_NOMEM;
        b->fed = fed;
        struct journal_position *pos = realloc(b->positions, cap * sizeof *pos);
        if (!pos)
            return ERR_NOMEM;
        b->positions = pos;
        b->fed_cap = cap;
    }
    struct fed *f = &b->fed[b->fed_n];
    *f = (struct fed){.id = *id, .source = s};
    buf_init(&f->position);
    buf_init(&f->fresh);
    *number = (uint16_t)b->fed_n++;
    return ERR_OK;
}

void batcher_set_source(struct batcher *b, uint16_t number, struct source *s) {
    b->fed[number].source = s;
    b->fed[number].stats.points = 0;
}

void batcher_drop_source(struct batcher *b, uint16_t number) {
    b->fed[number].source = NULL;
}

bool batcher_find_source(const struct batcher *b, const struct ident *id, uint16_t *number) {
    for (size_t i = 0; i < b->fed_n; i++)
        if (ident_equal(&b->fed[i].id, id)) {
            *number = (uint16_t)i;
            return true;
        }
    return false;
}

/* --- ids of points ------------------------------------------------------------------------------
 * A source keeps its ids for life, while the journal's change with a new table. */

static enum err grow_ids(uint16_t **at, size_t *cap, size_t n) {
    if (n <= *cap)
        return ERR_OK;
    size_t more = *cap ? *cap * 2 : 64;
    uint16_t *fresh = realloc(*at, (more > n ? more : n) * sizeof *fresh);
    if (!fresh)
        return ERR_NOMEM;
    *at = fresh;
    *cap = more > n ? more : n;
    return ERR_OK;
}

/* The source's id for one of the journal: what it has already, else a free one. */
static enum err name_point(struct batcher *b, uint16_t point, uint16_t *id) {
    size_t free_id = b->free_id;
    if (point < b->known_n && b->known[point] != JOURNAL_NO_POINT) {
        *id = b->known[point];
        return ERR_OK;
    }
    while (free_id < b->point_n && b->point[free_id] != JOURNAL_NO_POINT)
        free_id++;
    enum err rc = grow_ids(&b->point, &b->point_cap, free_id + 1);
    if (!rc)
        rc = grow_ids(&b->known, &b->known_cap, (size_t)point + 1);
    if (rc)
        return rc;
    while (b->known_n <= point)
        b->known[b->known_n++] = JOURNAL_NO_POINT;
    if (free_id == b->point_n)
        b->point_n++;
    b->free_id = free_id + 1;
    b->polled->stats.points++;
    b->point[free_id] = point;
    b->known[point] = (uint16_t)free_id;
    *id = (uint16_t)free_id;
    return ERR_OK;
}

static void renumber(struct batcher *b, const uint16_t *renumbered) {
    b->known_n = b->free_id = 0;
    for (size_t i = 0; i < b->point_n; i++) {
        if (b->point[i] == JOURNAL_NO_POINT)
            continue;
        b->point[i] = renumbered[b->point[i]];
        if (b->point[i] == JOURNAL_NO_POINT)
            continue;
        while (b->known_n <= b->point[i]) /* there are no more than before */
            b->known[b->known_n++] = JOURNAL_NO_POINT;
        b->known[b->point[i]] = (uint16_t)i;
    }
}

bool batcher_idle(const struct batcher *b) {
    return !b->begun && !b->sealed && !b->step;
}

enum err batcher_renew(struct batcher *b, uint64_t epoch, const struct journal_keep *keep) {
    if (!batcher_idle(b))
        return ERR_BUSY;
    uint16_t *renumbered = calloc(journal_points(b->journal) + 1, sizeof *renumbered);
    if (!renumbered)
        return ERR_NOMEM;
    enum err rc = journal_renew(b->journal, epoch, keep, renumbered);
    if (!rc)
        renumber(b, renumbered);
    for (size_t i = 0; i < b->fed_n && !rc; i++)
        if (!keep->keeps(keep->user, (uint16_t)i))
            b->fed[i].touched = b->fed[i].ahead = false;
    free(renumbered);
    return rc;
}

/* --- what a source calls ------------------------------------------------------------------------
 */

static void begin(struct batcher *b) {
    if (b->begun)
        return;
    batch_writer_reset(&b->w, b->wall_ms);
    b->begun = true;
    b->begun_ms = b->mono_ms;
}

static bool closed(const struct batcher *b) {
    return b->sealed || b->step ||
           (b->begun && (b->w.reading_n >= b->conf.readings_max ||
                         batch_writer_size(&b->w) >= b->conf.bytes_max));
}

static enum err add_point(void *user, const struct point *p, uint16_t *id) {
    struct batcher *b = user;
    struct point mine = *p;
    mine.id = 0;
    mine.source = (uint16_t)(b->polled - b->fed);
    uint16_t point;
    enum err rc = journal_add_point(b->journal, &mine, &point);
    if (!rc)
        rc = name_point(b, point, id);
    return rc;
}

/* A stamp from the future is no reason to lose a reading, and none to trust it. */
static void note_ahead(struct batcher *b, const struct reading *r, bool ahead) {
    struct fed *f = b->polled;
    b->stats.ahead += ahead;
    if (ahead && !f->ahead && b->events.on_ahead)
        b->events.on_ahead(b->events.user, &f->id, r->t_ms - b->wall_ms);
    f->ahead = ahead;
}

static enum err take_reading(void *user, const struct reading *r) {
    struct batcher *b = user;
    struct reading mine = *r;
    if (r->point >= b->point_n || b->point[r->point] == JOURNAL_NO_POINT) {
        b->stats.illegal++;
        return ERR_RANGE;
    }
    mine.point = b->point[r->point];
    if (closed(b) || b->polled->next.set) { /* behind a break: it goes with the batch after it */
        b->full = true;
        return ERR_FULL;
    }
    begin(b);
    bool ahead = r->t_ms > b->wall_ms + b->conf.ahead_ms;
    if (ahead && mine.quality == QUALITY_GOOD)
        mine.quality = QUALITY_UNCERTAIN;
    if (ahead && journal_point_type(b->journal, mine.point) == POINT_STATE)
        mine.t_ms = b->wall_ms; /* what held before would hold until then */
    enum err rc = batch_writer_add(&b->w, &mine);
    if (rc == ERR_FULL)
        b->full = true;
    else if (rc)
        b->stats.illegal++;
    if (rc)
        return rc;
    b->polled->touched = true;
    b->polled->stats.readings++;
    b->polled->stats.stamped += r->by_device;
    note_ahead(b, r, ahead);
    return ERR_OK;
}

static enum err take_cover(void *user, int64_t since_ms, int64_t until_ms) {
    struct batcher *b = user;
    struct fed *f = b->polled;
    if (since_ms > until_ms)
        return ERR_RANGE;
    f->touched = true;
    /* Nothing is known of what has not happened yet: such an asof would hide all that comes after
     * it until its time is reached. */
    if (until_ms > b->wall_ms + b->conf.ahead_ms)
        until_ms = b->wall_ms + b->conf.ahead_ms;
    if (since_ms > until_ms)
        return ERR_OK;
    begin(b);
    struct cover *c = f->next.set || b->sealed || b->step ? &f->next : &f->now;
    if (c == &f->now && c->set && since_ms > c->until_ms)
        c = &f->next;
    if (!c->set) {
        *c = (struct cover){true, since_ms, until_ms};
        return ERR_OK;
    }
    if (since_ms > c->until_ms) { /* a second break before the first batch could go */
        b->full = true;
        return ERR_FULL;
    }
    if (until_ms > c->until_ms)
        c->until_ms = until_ms;
    return ERR_OK;
}

static void count_reason(struct report_reasons *why, const char *reason) {
    char text[REPORT_REASON_MAX + 1];
    uint32_t i = 0;
    utf8_put(text, sizeof text, span_str(reason));
    while (i < why->n && strcmp(why->at[i].text, text) != 0)
        i++;
    if (i == REPORT_REASONS_MAX)
        return;
    if (i == why->n) {
        memcpy(why->at[i].text, text, sizeof text);
        why->n++;
    }
    why->at[i].n++;
}

static void take_refusal(void *user, const char *reason, const char *place) {
    struct batcher *b = user;
    b->stats.refused++;
    b->polled->stats.refused++;
    count_reason(&b->polled->stats.why, reason);
    if (b->events.on_refused)
        b->events.on_refused(b->events.user, &b->polled->id, reason, place);
}

static void take_words(void *user, const char *text) {
    struct batcher *b = user;
    if (b->events.on_said)
        b->events.on_said(b->events.user, &b->polled->id, text);
}

enum err batcher_poll(struct batcher *b, uint16_t number, int64_t wall_ms, int64_t mono_ms,
                      int64_t *next_ms, bool *full) {
    const struct source_out out = {.add_point = add_point,
                                   .reading = take_reading,
                                   .covered = take_cover,
                                   .refused = take_refusal,
                                   .said = take_words,
                                   .user = b};
    struct fed *f = &b->fed[number];
    assert(f->source); /* the owner drops a source only once it polls it no more */
    b->polled = f;
    b->wall_ms = wall_ms;
    b->mono_ms = mono_ms;
    b->full = closed(b);
    *full = b->full;
    if (b->full)
        return ERR_OK;
    enum err rc = f->source->ops->poll(f->source, wall_ms, &out, next_ms);
    b->polled = NULL;
    *full = b->full;
    return rc == ERR_FULL ? ERR_OK : rc;
}

/* --- handing over -------------------------------------------------------------------------------
 */

void batcher_clock_step(struct batcher *b, int64_t from_ms, int64_t to_ms) {
    if (!b->step)
        b->clock.from_ms = from_ms;
    b->clock.to_ms = to_ms;
    journal_clock_steps(b->journal, from_ms);
    b->step = true;
    b->stats.clock_steps++;
}

static enum err seal(struct batcher *b) {
    b->position_n = 0;
    for (size_t i = 0; i < b->fed_n; i++) {
        struct fed *f = &b->fed[i];
        if (f->now.set) {
            struct asof a = {(uint16_t)i, f->now.since_ms, f->now.until_ms};
            if (batch_writer_add_asof(&b->w, a))
                b->stats.illegal++; /* an impossible time: vouches for nothing */
        }
        f->moved = false;
        if (!f->touched || !f->source)
            continue;
        buf_reset(&f->fresh);
        f->source->ops->position(f->source, &f->fresh);
        if (f->fresh.failed || f->fresh.n > JOURNAL_POSITION_MAX)
            return ERR_NOMEM;
        f->moved = !span_equal(buf_span(&f->fresh), buf_span(&f->position));
        if (f->moved)
            b->positions[b->position_n++] =
                (struct journal_position){.source = f->id, .text = buf_span(&f->fresh)};
    }
    b->sealed = true;
    return ERR_OK;
}

/* The journal has it: what came meanwhile begins the next batch. */
static void unseal(struct batcher *b) {
    b->stats.batches++;
    b->stats.readings += b->w.reading_n;
    b->sealed = b->begun = false;
    b->last_ms = b->mono_ms;
    for (size_t i = 0; i < b->fed_n; i++) {
        struct fed *f = &b->fed[i];
        if (f->moved) {
            struct buf was = f->position;
            f->position = f->fresh;
            f->fresh = was;
            f->moved = false;
        }
        f->now = f->next;
        f->next = (struct cover){0};
        f->touched = f->now.set;
        if (f->now.set)
            begin(b);
    }
}

static enum err hand_over(struct batcher *b) {
    if (!b->sealed) {
        enum err rc = seal(b);
        if (rc)
            return rc;
    }
    struct journal_entry e = {
        .batch = &b->w, .positions = b->positions, .position_n = b->position_n};
    enum err rc = journal_append(b->journal, &e, b->mono_ms, b->wall_ms);
    if (!rc)
        unseal(b);
    return rc;
}

static enum err hand_over_step(struct batcher *b) {
    struct batch_writer w;
    batch_writer_init(&w);
    batch_writer_reset(&w, b->clock.to_ms);
    struct journal_entry e = {.batch = &w, .clock = &b->clock};
    enum err rc = journal_append(b->journal, &e, b->mono_ms, b->wall_ms);
    batch_writer_fini(&w);
    if (!rc)
        b->step = false;
    return rc;
}

enum err batcher_flush(struct batcher *b, bool now, int64_t mono_ms, int64_t wall_ms) {
    b->mono_ms = mono_ms;
    b->wall_ms = wall_ms;
    bool due = now || closed(b) || mono_ms >= batcher_due_ms(b);
    if (b->begun && due) {
        enum err rc = hand_over(b);
        if (rc)
            return rc;
    }
    return b->step ? hand_over_step(b) : ERR_OK;
}

uint32_t batcher_waiting(const struct batcher *b) {
    return b->begun ? b->w.reading_n : 0;
}

int64_t batcher_due_ms(const struct batcher *b) {
    if (!b->begun)
        return INT64_MAX;
    int64_t next_ms = b->last_ms == BATCH_NEVER ? b->begun_ms : b->last_ms + b->conf.every_ms;
    return next_ms > b->begun_ms ? next_ms : b->begun_ms;
}

const struct batcher_stats *batcher_stats(const struct batcher *b) {
    return &b->stats;
}

const struct batcher_source_stats *batcher_source_stats(const struct batcher *b, uint16_t number) {
    return &b->fed[number].stats;
}
