/* An agent's inside, without its loop: a source over the batcher into the journal, the publisher
 * sending from it, a second process that recovers what the first left. What fails is tried again,
 * as the loop does; in the end the journal holds every reading once, in order. */
#include <stdio.h>
#include <stdlib.h>

#include "agent_app/batcher.h"
#include "nomem.h"
#include "publisher/publisher.h"
#include "support/disk_memory.h"

enum { POLLS = 6, EACH = 5, POINTS = 3, TRIES = 20 };
#define WALL INT64_C(1790000000000)

struct tap {              /* counts; its position is its count */
    struct source source; /* first */
    uint16_t point[POINTS];
    bool declared;
    int64_t n, end;
};

struct world {
    struct disk_memory disk;
    struct journal *j;
    struct batcher *b;
    struct publisher *p;
    struct tap tap;
    uint16_t number;
    int64_t mono_ms;
    uint64_t epoch, next_epoch, ack_n;
    struct hello hello;
};

/* --- the source ---------------------------------------------------------------------------------
 */

static enum err tap_poll(struct source *s, int64_t now_ms, const struct source_out *out,
                         int64_t *next_ms) {
    struct tap *t = (struct tap *)s;
    enum err err = ERR_OK;
    *next_ms = now_ms + 1000;
    for (int k = 0; k < POINTS && !t->declared && !err; k++) {
        struct point p = {.type = POINT_COUNTER, .num = 1, .den = 1};
        snprintf(p.name, sizeof p.name, "c%d", k);
        err = out->add_point(out->user, &p, &t->point[k]);
    }
    if (err)
        return err;
    t->declared = true;
    for (; t->n < t->end; t->n++) {
        struct reading r = {.point = t->point[t->n % POINTS], .t_ms = now_ms};
        r.v.kind = VALUE_INT;
        r.v.as.i = t->n;
        err = out->reading(out->user, &r);
        if (err)
            return err;
    }
    return out->covered(out->user, now_ms - 1000, now_ms);
}

static void tap_position(const struct source *s, struct buf *out) {
    buf_addf(out, "%lld", (long long)((const struct tap *)s)->n);
}

static const struct source_ops tap_ops = {
    .kind = "tap", .poll = tap_poll, .position = tap_position};

/* --- the network --------------------------------------------------------------------------------
 */

static enum err send_data(void *user, struct span frame) {
    struct batch b;
    enum batch_fault fault;
    (void)user;
    nomem_need(!batch_parse(frame, &b, &fault), "what is sent can be read");
    return ERR_OK;
}

static enum err send_hello(void *user, struct span bytes) {
    struct world *w = user;
    nomem_disarm(); /* the other side */
    nomem_need(!hello_parse(bytes, &w->hello), "a hello can be read");
    nomem_arm();
    return ERR_OK;
}

static uint64_t draw(void *user) {
    return ++((struct world *)user)->next_epoch;
}

static void on_note(void *user, enum publisher_note note, uint64_t epoch, uint64_t seq) {
    (void)user, (void)note, (void)epoch, (void)seq;
}

static void ack(struct world *w, uint64_t durable) {
    struct ack a = {.nonce = 555, .store = 9, .generation = 1, .n = ++w->ack_n};
    a.credit_bytes = 1 << 18;
    a.epoch_n = w->hello.epoch_n;
    for (size_t i = 0; i < a.epoch_n; i++) {
        const struct hello_epoch *e = &w->hello.epoch[i];
        uint64_t d = e->next - 1 < durable ? e->next - 1 : durable;
        a.epoch[i] = (struct ack_epoch){.epoch = e->epoch, .durable = d, .want = d + 1};
    }
    publisher_on_ack(w->p, &a, w->mono_ms);
}

/* --- the process --------------------------------------------------------------------------------
 */

static void halt(struct world *w) {
    batcher_close(w->b);
    publisher_close(w->p);
    journal_close(w->j);
    w->b = NULL;
    w->p = NULL;
    w->j = NULL;
    disk_memory_kill(&w->disk);
}

static enum err open_all(struct world *w) {
    struct journal_conf jc;
    struct publisher_conf pc;
    const struct batcher_conf bc = {
        .every_ms = 200, .readings_max = 1000, .bytes_max = 48 << 10, .ahead_ms = 10000};
    const struct batcher_events none = {0};
    const struct publisher_ops ops = {send_data, send_hello, draw, on_note, w};
    struct ident id = {"tap"};
    journal_conf_init(&jc);
    publisher_conf_init(&pc);
    jc.agent = pc.agent = (struct ident){"gw-1"};
    jc.segment_bytes = 600;
    pc.nonce = 555;
    enum err err = journal_open(&jc, &w->disk.disk, NULL, ++w->next_epoch, w->mono_ms, WALL, &w->j);
    if (!err)
        err = publisher_open(&pc, w->j, &ops, &w->p);
    if (!err)
        err = batcher_open(&bc, w->j, &none, &w->b);
    if (!err)
        err = batcher_add_source(w->b, &id, &w->tap.source, &w->number);
    return err;
}

/* Started by somebody until it stands; the source goes on from where the journal says. */
static void boot(struct world *w) {
    struct ident id = {"tap"};
    for (unsigned tries = 0;; tries++) {
        w->tap = (struct tap){.source = {&tap_ops}, .end = w->tap.end};
        nomem_arm();
        enum err err = open_all(w);
        nomem_disarm();
        if (!err)
            break;
        nomem_need(err == ERR_NOMEM && tries == 0, "a start fails for want of memory, once");
        halt(w);
    }
    const char *position = journal_position(w->j, &id);
    w->tap.n = position[0] ? strtoll(position, NULL, 10) : 0;
    w->ack_n = 0;
}

/* One turn of the loop. */
static void turn(struct world *w) {
    int64_t wall = WALL + w->mono_ms, next = 0;
    bool full = false;
    w->mono_ms += 1000;
    nomem_arm();
    enum err err = batcher_poll(w->b, w->number, wall, w->mono_ms, &next, &full);
    nomem_need(!err || err == ERR_NOMEM || err == ERR_BUSY, "what a poll may say");
    err = batcher_flush(w->b, true, w->mono_ms, wall);
    nomem_need(!err || err == ERR_NOMEM || err == ERR_BUSY || err == ERR_IO,
               "what a flush may say");
    journal_tick(w->j, w->mono_ms, wall);
    journal_flush(w->j);
    disk_memory_settle(&w->disk);
    publisher_on_accepted(w->p, w->mono_ms);
    publisher_on_tick(w->p, w->mono_ms);
    nomem_disarm();
    journal_check(w->j);
    publisher_check(w->p);
}

static bool all_taken(const struct world *w) {
    return w->tap.n == w->tap.end && batcher_waiting(w->b) == 0 && journal_idle(w->j);
}

static void work(struct world *w) {
    for (int i = 0; i < POLLS; i++) {
        w->tap.end += EACH;
        turn(w);
        if (i == 1) {
            nomem_arm();
            publisher_on_up(w->p, w->mono_ms);
            ack(w, 0);
            nomem_disarm();
        } else if (i == 4) {
            nomem_arm();
            ack(w, 2);
            nomem_disarm();
        }
    }
    for (int i = 0; i < TRIES && !all_taken(w); i++)
        turn(w);
    nomem_need(all_taken(w), "everything is taken in the end");
}

/* --- the auditor --------------------------------------------------------------------------------
 */

static void take(const struct batch *record, int64_t *next) {
    struct batch b = *record;
    struct reading r;
    if (b.head.kind != BATCH_DATA)
        return;
    while (batch_next_reading(&b, &r)) {
        nomem_need(r.v.kind == VALUE_INT && r.v.as.i == *next, "each reading once, in order");
        (*next)++;
    }
}

/* Nothing is durable beyond what the retention keeps, so all of it is still there. */
static void audit(struct world *w) {
    struct journal_cursor *c = NULL;
    size_t n = 0;
    int64_t next = 0;
    nomem_need(!journal_cursor_open(&c), "cursor");
    const struct journal_epoch *at = journal_epochs(w->j, &n);
    struct journal_epoch *e = malloc(n * sizeof *e);
    nomem_need(e != NULL, "setup");
    memcpy(e, at, n * sizeof *e);
    for (size_t i = 0; i < n; i++)
        for (uint64_t seq = e[i].base; seq <= e[i].last;) {
            struct journal_record r;
            struct batch b;
            enum batch_fault fault;
            nomem_need(!journal_read(w->j, c, e[i].epoch, seq, &r), "a record can be read back");
            nomem_need(!batch_parse(r.frame, &b, &fault), "and parsed");
            nomem_need(b.head.kind != BATCH_DROPPED, "nothing was given up");
            take(&b, &next);
            seq = r.to + 1;
        }
    nomem_need(next == w->tap.end, "all readings are there");
    free(e);
    journal_cursor_close(c);
}

void nomem_agent(void) {
    struct world *w = calloc(1, sizeof *w);
    nomem_need(w != NULL, "setup");
    w->mono_ms = 5000;
    w->next_epoch = 100;
    disk_memory_init(&w->disk);
    boot(w);
    work(w);
    audit(w);
    halt(w);
    boot(w);
    work(w);
    audit(w);
    halt(w);
    disk_memory_fini(&w->disk);
    free(w);
}
