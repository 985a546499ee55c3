/* The way of windows to the database, while memory runs out: of the outbox, of the store it reads
 * and commits to, of what the request is made with. Rows of two pages are delivered, one is
 * refused, one is damaged, one waits for its node, one is restated and taken back. At any time each
 * row is at the database, in the outbox or among the dead letters, in the end in one of them. The
 * double of the database itself has memory always, and so has a commit that is carried out. */
#include <stdio.h>
#include <stdlib.h>

#include "memory/store_memory.h"
#include "nomem.h"
#include "outbox/outbox.h"
#include "simkit/line_plant.h"
#include "support/sink_memory.h"
#include "window/window.h"

enum {
    PRESS = 2,
    PACK = 3,
    AWAY = 40, /* a node that the plant file has no more */
    FIRST = 6,
    LOST = FIRST + 1, /* an hour of the packer whose ratio is lost */
    BAD = FIRST + 2,  /* one that the database refuses */
    HOURS = 5,        /* of the packer */
    ROWS = HOURS + 2,
    PAGE_ROWS = 4,
    REQUEST_ROWS = 2,
    TICKS_MOST = 60,
    TICK_MS = 1000
};

/* The outbox sees the store and the database through these. */
struct way_store {
    struct store store;
    struct world *world;
};

struct way_sink {
    struct sink sink;
    struct world *world;
};

struct world {
    struct plant *plant;
    struct store *kept;
    struct sink *database;
    struct way_store store;
    struct way_sink sink;
    struct outbox *outbox;
    int64_t now_ms;
    bool made; /* there is a database of our name */
    unsigned told_dead;
    void (*committed)(void *user, enum err err);
    void *commit_user;
    void (*answered)(void *user, const struct sink_answer *a);
    void *answer_user;
};

/* --- what the outbox works with -----------------------------------------------------------------
 */

static bool memory_there(void) {
    struct buf b;
    buf_init(&b);
    const bool there = buf_reserve(&b, 1) == ERR_OK;
    buf_fini(&b);
    return there;
}

static void on_committed(void *user, enum err err) {
    struct world *w = user;
    nomem_arm();
    w->committed(w->commit_user, err);
    nomem_disarm();
}

static enum err way_commit(struct store *s, struct store_tx *tx,
                           void (*done)(void *user, enum err err), void *user) {
    struct world *w = ((struct way_store *)s)->world;
    enum err err = w->kept->ops->commit(w->kept, tx, on_committed, w);
    if (err)
        return err;
    w->committed = done;
    w->commit_user = user;
    return ERR_OK;
}

static enum err way_load(struct store *s, const struct store_range *range, size_t n,
                         void (*done)(void *user, enum err err, const struct store_rows *rows),
                         void *user) {
    struct store *kept = ((struct way_store *)s)->world->kept;
    return kept->ops->load(kept, range, n, done, user);
}

static enum err way_load_now(struct store *s, const struct store_range *range, size_t n,
                             void (*done)(void *user, enum err err, const struct store_rows *rows),
                             void *user) {
    struct store *kept = ((struct way_store *)s)->world->kept;
    return kept->ops->load_now(kept, range, n, done, user);
}

static const struct store_ops way_store_ops = {
    .commit = way_commit, .load = way_load, .load_now = way_load_now};

static void on_answer(void *user, const struct sink_answer *a) {
    struct world *w = user;
    nomem_arm();
    w->answered(w->answer_user, a);
    nomem_disarm();
}

/* NULL: there is no memory for the request. */
static struct world *asked(struct sink *s, void (*done)(void *user, const struct sink_answer *a),
                           void *user) {
    struct world *w = ((struct way_sink *)s)->world;
    if (!memory_there())
        return NULL;
    w->answered = done;
    w->answer_user = user;
    return w;
}

static enum err way_write(struct sink *s, struct span lines,
                          void (*done)(void *user, const struct sink_answer *a), void *user) {
    struct world *w = asked(s, done, user);
    if (!w)
        return ERR_NOMEM;
    nomem_disarm();
    enum err err = w->database->ops->write(w->database, lines, on_answer, w);
    nomem_arm();
    return err;
}

static enum err way_retract(struct sink *s, const char *measurement, struct span where,
                            int64_t t_ms, void (*done)(void *user, const struct sink_answer *a),
                            void *user) {
    struct world *w = asked(s, done, user);
    if (!w)
        return ERR_NOMEM;
    nomem_disarm();
    enum err err = w->database->ops->retract(w->database, measurement, where, t_ms, on_answer, w);
    nomem_arm();
    return err;
}

static enum err way_create(struct sink *s, void (*done)(void *user, const struct sink_answer *a),
                           void *user) {
    struct world *w = asked(s, done, user);
    if (!w)
        return ERR_NOMEM;
    nomem_disarm();
    enum err err = w->database->ops->create(w->database, on_answer, w);
    nomem_arm();
    return err;
}

static const struct sink_ops way_sink_ops = {
    .write = way_write, .retract = way_retract, .create = way_create};

/* No database until it is made; no row of the bad hour. */
static void judge(void *user, enum sink_request what, struct span text, struct sink_answer *a) {
    struct world *w = user;
    char stamp[32];
    int n = snprintf(stamp, sizeof stamp, " %lld\n",
                     (long long)(SIM_DAY0 + (int64_t)BAD * UTC_HOUR_MS));
    if (what == SINK_CREATE)
        w->made = true;
    else if (!w->made)
        a->status = 404;
    else if (what == SINK_WRITE && memmem(text.p, text.n, stamp, (size_t)n))
        *a = (struct sink_answer){
            .status = 400, .retry_after_ms = -1, .body = span_str("no such hour"), .error = ""};
}

static struct span word(void *user, uint32_t id) {
    (void)user, (void)id;
    return span_of(NULL, 0);
}

static void on_note(void *user, bool warn, const char *event, const char *detail) {
    struct world *w = user;
    (void)warn;
    w->told_dead += strcmp(event, "row_parked") == 0 && *detail;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

struct place {
    bool waits, dead, delivered;
};

static struct window_key key_of(unsigned row) {
    const bool pack = row < HOURS;
    struct window_key k = {.node = pack ? PACK : row == HOURS ? PRESS : AWAY, .kind = WINDOW_HOUR};
    k.start_ms = SIM_DAY0 + (int64_t)(FIRST + (pack ? row : 0)) * UTC_HOUR_MS;
    return k;
}

static void on_nothing(void *user, enum err err) {
    (void)user;
    nomem_need(!err, "a row is put");
}

/* The press's is damaged. good < 0: nothing was made. */
static void put(struct world *w, unsigned row, int64_t good, uint32_t revision) {
    uint8_t key[WINDOW_KEY_BYTES];
    struct buf value;
    struct window at = {.key = key_of(row), .life = WINDOW_SETTLED, .revision = revision};
    struct store_tx *tx = calloc(1, sizeof *tx);
    nomem_need(tx != NULL, "setup");
    store_tx_init(tx);
    buf_init(&value);
    at.end_ms = at.key.start_ms + UTC_HOUR_MS;
    at.told.value = UINT64_MAX;
    at.sums.q[QTY_TIME + CAT_PRODUCTION] = UTC_HOUR_MS;
    if (good >= 0) {
        at.sums.q[QTY_PQ] = INT64_C(100) * 1000000;
        at.sums.q[QTY_GQ] = good * 1000000;
    }
    window_key_pack(&at.key, key);
    enum err err = at.key.node == PRESS ? buf_add_str(&value, "damaged") : window_pack(&at, &value);
    nomem_need(!err && !store_tx_add(tx, STORE_PUT, STORE_OUTBOX, span_of(key, sizeof key),
                                     buf_span(&value)),
               "setup");
    nomem_need(!w->kept->ops->commit(w->kept, tx, on_nothing, w), "setup");
    buf_fini(&value);
    while (store_memory_step(w->kept)) {
    }
}

static const struct line_read *point(const struct world *w, const struct window_key *k) {
    for (size_t i = 0; i < sink_memory_points(w->database); i++) {
        const struct line_read *p = sink_memory_point(w->database, i);
        const char *unit = line_read_tag(p, "unit");
        if (unit && strcmp(unit, k->node == PACK ? "pack" : "press") == 0 && p->t == k->start_ms)
            return p;
    }
    return NULL;
}

/* A dead letter keeps its row as it was: words, and behind them all of the value. */
static void letter_is_whole(unsigned row, struct span letter) {
    const char *words = row == BAD - FIRST ? "400 no such hour" : "the stored row is damaged";
    nomem_need(letters_time(letter) != INT64_MIN, "it is known since when");
    nomem_need(memmem(letter.p, letter.n, words, strlen(words)) != NULL, "the words are kept");
    if (row == HOURS)
        nomem_need(letter.n > 7 && memcmp(letter.p + letter.n - 7, "damaged", 7) == 0,
                   "the row is kept as it was");
}

static struct place place_of(const struct world *w, unsigned row) {
    uint8_t key[WINDOW_KEY_BYTES];
    struct span value;
    const struct window_key k = key_of(row);
    window_key_pack(&k, key);
    struct place at = {.delivered = point(w, &k) != NULL};
    at.waits = store_memory_find(w->kept, STORE_OUTBOX, span_of(key, sizeof key), &value);
    at.dead = store_memory_find(w->kept, STORE_DEAD, span_of(key, sizeof key), &value);
    if (at.dead)
        letter_is_whole(row, value);
    return at;
}

static void nothing_is_lost(const struct world *w) {
    for (unsigned row = 0; row < ROWS; row++) {
        const struct place at = place_of(w, row);
        nomem_need(at.waits || at.dead || at.delivered, "no row is lost on its way");
    }
}

/* --- the run ------------------------------------------------------------------------------------
 */

static void start(struct world *w) {
    const struct outbox_conf conf = {.retry_min_ms = 100,
                                     .retry_max_ms = 1000,
                                     .retry_after_max_ms = 600000,
                                     .rows_max = PAGE_ROWS,
                                     .request_rows = REQUEST_ROWS,
                                     .word = word,
                                     .word_user = w,
                                     .on_note = on_note,
                                     .note_user = w};
    for (unsigned tries = 0;; tries++) {
        nomem_arm();
        enum err err = outbox_open(&conf, w->plant, &w->store.store, &w->sink.sink, &w->outbox);
        nomem_disarm();
        if (!err)
            return;
        nomem_need(err == ERR_NOMEM && nomem_struck() && tries == 0,
                   "it opens but once for want of memory");
    }
}

/* A commit may fail for want of memory before anything of it is done; the store in memory does not
 * outlive it in the middle, which is not what is tried here. */
static bool step_store(struct world *w) {
    const bool commit = store_memory_commit_next(w->kept);
    nomem_arm();
    const bool works = !commit || memory_there();
    if (commit)
        nomem_disarm();
    store_memory_break(w->kept, works ? ERR_OK : ERR_NOMEM);
    const bool stepped = store_memory_step(w->kept);
    store_memory_break(w->kept, ERR_OK);
    if (!commit)
        nomem_disarm();
    return stepped;
}

static void tick(struct world *w) {
    w->now_ms += TICK_MS;
    nomem_arm();
    outbox_on_tick(w->outbox, w->now_ms, SIM_DAY0 + w->now_ms, 0);
    nomem_disarm();
    while (step_store(w) || sink_memory_step(w->database))
        nothing_is_lost(w);
}

/* Until only the row of the node that is away stands in the outbox, and it is told so. */
static void drain(struct world *w) {
    for (unsigned i = 0; i < TICKS_MOST && store_memory_rows(w->kept, STORE_OUTBOX) > 1; i++)
        tick(w);
    nomem_need(store_memory_rows(w->kept, STORE_OUTBOX) == 1, "all but one leave the outbox");
    tick(w);
}

static void each_is_in_one_place(const struct world *w) {
    for (unsigned row = 0; row < ROWS; row++) {
        const struct place at = place_of(w, row);
        nomem_need(at.waits + at.dead + at.delivered == 1, "each row is in one place");
        nomem_need(at.dead == (row == BAD - FIRST || row == HOURS), "the right ones are dead");
        nomem_need(at.waits == (row == HOURS + 1), "what has no node waits");
    }
    const struct outbox_stats *s = outbox_stats(w->outbox);
    nomem_need(s->state == OUTBOX_OK, "the database works");
    nomem_need(s->dead.n == 2 && store_memory_rows(w->kept, STORE_DEAD) == 2,
               "dead letters are counted once");
    nomem_need(w->told_dead >= 2, "what is put aside is told");
}

/* The lost ratio is no more at the database, the numbers are the new ones. */
static void restated_are_new(const struct world *w) {
    const struct window_key lost = key_of(LOST - FIRST), other = key_of(0);
    const struct line_read *p = point(w, &lost);
    const char *revision = line_read_field(p, "revision");
    nomem_need(revision && strcmp(revision, "1i") == 0, "the new numbers are there");
    nomem_need(line_read_field(p, "quality_ratio") == NULL, "the old ratio is taken back");
    nomem_need(line_read_field(point(w, &other), "quality_ratio") != NULL, "another's stays");
    nomem_need(outbox_stats(w->outbox)->retracted >= 1, "it is counted");
}

static void close_outbox(struct world *w) {
    nomem_need(outbox_stop(w->outbox), "nothing is under way");
    outbox_close(w->outbox);
}

static void play(struct world *w) {
    start(w);
    for (unsigned row = 0; row < ROWS; row++)
        put(w, row, 90, 0);
    outbox_wake(w->outbox);
    drain(w);
    each_is_in_one_place(w);
    put(w, LOST - FIRST, -1, 1);
    put(w, BAD - FIRST, 80, 1); /* refused once more: no second letter */
    outbox_wake(w->outbox);
    drain(w);
    each_is_in_one_place(w);
    restated_are_new(w);
    /* 6: refused for want of a database, made, written; 7 and 8: refused, 7, 8, 8; 9 and 10. Then 7
     * and 8 are taken back; 7 and 8: refused, 7, 8, 8. */
    nomem_need(nomem_struck() || sink_memory_requests(w->database) == 3 + 4 + 1 + 2 + 4,
               "nothing is asked twice without need");
    close_outbox(w);
    start(w);
    nomem_need(outbox_stats(w->outbox)->dead.n == 2, "a start finds the dead letters");
    close_outbox(w);
}

void nomem_outbox(void) {
    struct world w = {0};
    const struct store_memory_conf store = {0};
    const struct sink_memory_conf sink = {
        .deletes = true, .creates = true, .judge = judge, .user = &w};
    nomem_need(!line_plant_open(&w.plant) && !store_memory_open(&store, &w.kept) &&
                   !sink_memory_open(&sink, &w.database),
               "setup");
    w.store = (struct way_store){.store = {.ops = &way_store_ops}, .world = &w};
    w.sink = (struct way_sink){.sink = {.ops = &way_sink_ops}, .world = &w};
    play(&w);
    sink_memory_close(w.database);
    w.kept->ops->close(w.kept);
    plant_close(w.plant);
}
