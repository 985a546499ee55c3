#include "simsources/box.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

enum { TURN_BATCHES = 4, AHEAD_MS = 60000 };
#define MONO_MS INT64_C(1795000000000) /* the monotonic clock began here */

static void complain(struct box *b, const char *why) {
    b->wrong = b->wrong ? b->wrong : why;
}

/* --- the disk -----------------------------------------------------------------------------------
 */

static struct box *box_of(struct disk *d) {
    return (struct box *)(void *)((char *)d - offsetof(struct box, disk.disk));
}

/* Half of the write that the power fails in. */
static enum err watched_write(struct disk *d, uint32_t file, uint64_t offset, struct span bytes) {
    struct box *b = box_of(d);
    struct disk_memory *m = &b->disk;
    const bool last = b->torn && !m->dead && m->die_at != 0 && m->ops + 1 >= m->die_at;
    if (!last)
        return b->disk_real->write(d, file, offset, bytes);
    m->die_at = 0;
    b->torn = false;
    (void)b->disk_real->write(d, file, offset, span_of(bytes.p, bytes.n / 2));
    m->dead = true;
    return ERR_IO;
}

static void end_sync(struct box *b) {
    struct disk_memory_file *f = disk_memory_find(&b->disk, b->disk.sync_file);
    const struct disk_memory_file was = f ? *f : (struct disk_memory_file){0};
    if (!disk_memory_step(&b->disk) || b->conf.variant != VARIANT_NO_SYNC)
        return;
    f = disk_memory_find(&b->disk, was.id);
    if (f) {
        f->named = was.named;
        f->synced = was.synced;
    }
}

/* --- sources ------------------------------------------------------------------------------------
 */

static struct box_source *lying(const struct source *s) {
    return (struct box_source *)(void *)((char *)(uintptr_t)s - offsetof(struct box_source, proxy));
}

static enum err proxy_poll(struct source *s, int64_t now_ms, const struct source_out *out,
                           int64_t *next_ms) {
    struct source *real = lying(s)->source;
    return real->ops->poll(real, now_ms, out, next_ms);
}

/* Where it stood when it was asked before. */
static void proxy_position(const struct source *s, struct buf *out) {
    struct box_source *x = lying(s);
    (void)buf_add(out, x->before.p, x->before.n);
    buf_reset(&x->before);
    x->source->ops->position(x->source, &x->before);
}

static const struct source_ops proxy_ops = {.poll = proxy_poll, .position = proxy_position};

/* A word of a position, from 0, becomes another one. */
static void replace_word(struct buf *text, size_t word, const char *with) {
    struct buf out;
    size_t at = 0, i = 0;
    buf_init(&out);
    while (at < text->n) {
        const uint8_t *blank = memchr(text->p + at, ' ', text->n - at);
        const size_t end = blank ? (size_t)(blank - text->p) : text->n;
        if (i > 0)
            (void)buf_add_byte(&out, ' ');
        if (i++ == word)
            (void)buf_add_str(&out, with);
        else
            (void)buf_add(&out, text->p + at, end - at);
        at = end + 1;
    }
    buf_reset(text);
    (void)buf_add(text, out.p, out.n);
    buf_fini(&out);
}

static const char *other_position(const struct box *b, const struct device *d) {
    for (size_t i = 0; i < b->n; i++)
        if (b->device[i] != d && b->device[i]->ops->kind == d->ops->kind)
            return journal_position(b->journal, &b->device[i]->id);
    return journal_position(b->journal, &d->id);
}

/* The position as the source is given it. */
static void position_of(const struct box *b, const struct device *d, struct buf *out) {
    const char *text = b->conf.variant == VARIANT_SWAPPED ? other_position(b, d)
                                                          : journal_position(b->journal, &d->id);
    (void)buf_add_str(out, text);
    if (out->n > 0 && b->conf.variant == VARIANT_TIMES && strcmp(d->ops->kind, "mqtt") == 0)
        for (size_t i = 2; i < 19; i++)
            replace_word(out, i, "-");
    if (out->n > 0 && b->conf.variant == VARIANT_TIMES && strcmp(d->ops->kind, "sparkplug") == 0)
        replace_word(out, 2, "-");
    const bool messages =
        strcmp(d->ops->kind, "mqtt") == 0 || strcmp(d->ops->kind, "sparkplug") == 0;
    if (out->n > 0 && b->conf.variant == VARIANT_SKIP && !messages)
        replace_word(out, strcmp(d->ops->kind, "exec") == 0 ? 2 : 3, "0");
}

static void open_source(struct box *b, size_t i) {
    struct device *d = b->device[i];
    struct box_source *x = &b->source[i];
    struct buf position;
    buf_init(&position);
    position_of(b, d, &position);
    const enum err e = d->ops->open(d, b->now_ms, buf_span(&position), &x->source);
    if (e) {
        complain(b, "a source does not open at its own position");
        x->source = NULL;
    }
    if (!e && d->lives < DEVICE_LIVES_MAX) {
        d->epochs[++d->lives] = b->epoch[b->epoch_n - 1];
        d->read = true;
        d->heard_ms = INT64_MIN;
        buf_reset(&x->before);
        (void)buf_add(&x->before, position.p, position.n);
        x->proxy.ops = &proxy_ops;
        batcher_set_source(b->batcher, x->number,
                           b->conf.variant == VARIANT_LATE ? &x->proxy : x->source);
    }
    buf_fini(&position);
}

static void shut_source(struct box *b, size_t i) {
    struct box_source *x = &b->source[i];
    if (!x->source)
        return;
    batcher_drop_source(b->batcher, x->number);
    x->source->ops->close(x->source);
    x->source = NULL;
    b->device[i]->read = false;
    b->device[i]->ops->left(b->device[i]);
}

static void on_refused(void *user, const struct ident *source, const char *reason,
                       const char *place) {
    struct box *b = user;
    b->refused++;
    for (size_t i = 0; i < b->n; i++)
        if (ident_equal(&b->device[i]->id, source) && b->device[i]->ops->refused)
            b->device[i]->ops->refused(b->device[i], reason, place);
}

/* --- life ---------------------------------------------------------------------------------------
 */

enum err box_init(struct box *b, const struct box_conf *conf, struct rng *rng) {
    *b = (struct box){.conf = *conf, .rng = rng};
    disk_memory_init(&b->disk);
    b->disk_real = b->disk.disk.ops;
    b->disk_ops = *b->disk_real;
    b->disk_ops.write = watched_write;
    b->disk.disk.ops = &b->disk_ops;
    tape_init(&b->tape);
    return journal_cursor_open(&b->cursor);
}

static void drop_process(struct box *b) {
    for (size_t i = 0; i < b->n; i++)
        shut_source(b, i);
    batcher_close(b->batcher);
    journal_close(b->journal);
    b->batcher = NULL;
    b->journal = NULL;
    b->reload = false;
}

void box_fini(struct box *b) {
    if (b->journal)
        drop_process(b);
    for (size_t i = 0; i < b->n; i++)
        buf_fini(&b->source[i].before);
    journal_cursor_close(b->cursor);
    tape_fini(&b->tape);
    disk_memory_fini(&b->disk);
}

void box_add(struct box *b, struct device *d) {
    assert(b->n < BOX_SOURCES); /* the story draws no more */
    buf_init(&b->source[b->n].before);
    b->source[b->n].box = b;
    b->device[b->n++] = d;
}

static uint64_t begin_epoch(struct box *b) {
    assert(b->epoch_n < BOX_EPOCHS); /* the story has fewer turns */
    return b->epoch[b->epoch_n++] = rng_id(b->rng);
}

static enum err open_batcher(struct box *b) {
    const struct batcher_conf conf = {b->conf.batch_ms, b->conf.batch_readings, 60000, AHEAD_MS};
    const struct batcher_events events = {.on_refused = on_refused, .user = b};
    enum err e = batcher_open(&conf, b->journal, &events, &b->batcher);
    for (size_t i = 0; i < b->n && !e; i++)
        e = batcher_add_source(b->batcher, &b->device[i]->id, NULL, &b->source[i].number);
    return e;
}

static void nothing(void *user) {
    (void)user;
}
static void on_fault(void *user, enum journal_fault fault, enum err why) {
    (void)user;
    (void)fault;
    (void)why;
}
static void on_dropped(void *user, uint64_t epoch, const struct batch_dropped *gap) {
    (void)user;
    (void)epoch;
    (void)gap;
}

void box_start(struct box *b, int64_t now_ms) {
    struct journal_conf c;
    const struct journal_events events = {nothing, on_fault, on_dropped, b};
    journal_conf_init(&c);
    (void)ident_set(&c.agent, span_str("gw"));
    c.segment_bytes = b->conf.segment_bytes;
    c.retain_ms = b->conf.retain_ms;
    c.commit_ms = b->conf.commit_ms;
    c.unsynced_max = b->conf.unsynced_max;
    if (b->conf.quota_bytes)
        c.quota_bytes = b->conf.quota_bytes;
    b->now_ms = now_ms;
    enum err e = journal_open(&c, &b->disk.disk, &events, begin_epoch(b), now_ms - MONO_MS, now_ms,
                              &b->journal);
    if (e) {
        b->journal = NULL; /* the disk refuses: the next process tries again */
        return;
    }
    e = open_batcher(b);
    if (e)
        complain(b, "the batcher does not open");
    for (size_t i = 0; i < b->n && !e; i++)
        open_source(b, i);
}

void box_kill(struct box *b, bool power) {
    if (b->journal) {
        drop_process(b);
        b->kills++;
    }
    b->torn = false;
    if (power)
        disk_memory_crash(&b->disk, rng_next(b->rng));
    else
        disk_memory_kill(&b->disk);
}

void box_doom(struct box *b, unsigned effects, bool torn) {
    b->disk.die_at = b->disk.ops + effects;
    b->torn = torn;
}

/* --- another configuration ----------------------------------------------------------------------
 */

void box_reload(struct box *b) {
    b->reload = b->journal != NULL;
}

struct keeping {
    uint16_t number; /* of the source that is not kept */
};

static bool keeps(void *user, uint16_t source) {
    return source != ((struct keeping *)user)->number;
}

/* As the agent's feeds do it: what is closed leaves the table first. */
static void try_reload(struct box *b) {
    const size_t i = rng_below(b->rng, b->n);
    struct keeping one = {b->source[i].number};
    const struct journal_keep keep = {keeps, &one};
    if (!batcher_idle(b->batcher) || !journal_idle(b->journal))
        return;
    if (batcher_renew(b->batcher, begin_epoch(b), &keep)) {
        b->epoch_n--;
        return;
    }
    b->reload = false;
    b->reloads++;
    shut_source(b, i);
    open_source(b, i);
}

/* --- a turn -------------------------------------------------------------------------------------
 */

static bool poll_one(struct box *b, size_t i) {
    struct box_source *x = &b->source[i];
    int64_t next_ms = INT64_MAX;
    bool full = false;
    if (!x->source)
        return false;
    const enum err e =
        batcher_poll(b->batcher, x->number, b->now_ms, b->now_ms - MONO_MS, &next_ms, &full);
    if (e)
        complain(b, "a source fails");
    if (!full && next_ms > b->now_ms)
        b->device[i]->heard_ms = b->now_ms;
    return full;
}

/* VARIANT_EARLY: where the sources stand is written at once. */
static void write_early(struct box *b) {
    struct batch_writer w;
    batch_writer_init(&w);
    batch_writer_reset(&w, b->now_ms);
    for (size_t i = 0; i < b->n; i++) {
        struct source *s = b->source[i].source;
        struct buf text;
        buf_init(&text);
        if (s)
            s->ops->position(s, &text);
        const struct journal_position p = {b->device[i]->id, buf_span(&text)};
        const struct journal_entry e = {.batch = &w, .positions = &p, .position_n = 1};
        const char *kept = journal_position(b->journal, &p.source);
        if (text.n > 0 && !span_equal(span_str(kept), p.text))
            (void)journal_append(b->journal, &e, b->now_ms - MONO_MS, b->now_ms);
        buf_fini(&text);
    }
    batch_writer_fini(&w);
}

static void read_and_write(struct box *b) {
    const int64_t mono_ms = b->now_ms - MONO_MS;
    enum err e = batcher_flush(b->batcher, b->reload, mono_ms, b->now_ms);
    bool more = !b->reload;
    for (int i = 0; more && !e && i < TURN_BATCHES; i++) {
        more = false;
        for (size_t k = 0; k < b->n; k++)
            more |= poll_one(b, k);
        if (b->conf.variant == VARIANT_EARLY)
            write_early(b);
        e = batcher_flush(b->batcher, false, mono_ms, b->now_ms);
    }
    if (e == ERR_RANGE || e == ERR_NOMEM)
        complain(b, "a batch can never be accepted");
}

void box_turn(struct box *b, int64_t now_ms, bool sync) {
    b->now_ms = now_ms;
    if (!b->journal)
        return;
    read_and_write(b);
    journal_tick(b->journal, now_ms - MONO_MS, now_ms);
    if (sync)
        end_sync(b);
    if (b->disk.dead)
        return; /* whoever looks at it now would see what is not there */
    journal_check(b->journal);
    if (tape_follow(&b->tape, b->journal, b->cursor))
        complain(b, "a durable record is gone before anybody read it");
    if (b->reload)
        try_reload(b);
}

void box_deliver(struct box *b) {
    for (size_t i = 0; b->journal && i < b->tape.n; i++)
        if (journal_find_epoch(b->journal, b->tape.at[i].epoch))
            journal_set_durable(b->journal, b->tape.at[i].epoch, b->tape.at[i].last);
}

size_t box_epoch(const struct box *b, uint64_t epoch) {
    for (size_t i = 0; i < b->epoch_n; i++)
        if (b->epoch[i] == epoch)
            return i;
    return b->epoch_n;
}
