/* Jobs: dirty ranges of a unit become cells, their differences move the windows. What is not in
 * memory is asked for by EFFECT_LOAD and the job waits; the rest of the plant goes on. */
#include <assert.h>
#include <stdlib.h>

#include "engine/parts.h"

/* So many in one turn of the loop hold it for a millisecond or two; the last turns may take longer.
 */
enum { JOB_MS = 3600000, JOBS_A_TURN = 64, JOBS_A_LAST_TURN = 512 };
/* Hours that wait for a commit stay in memory. */
enum { FROZEN_A_COMMIT = 256, PAST_AT_ONCE = 8, PAST_MS = 7200000 };

struct job {
    uint32_t unit;
    int64_t from_ms, to_ms;           /* whole minutes */
    int64_t done_from_ms, done_to_ms; /* of them: nothing is left to do for their own changes */
    int64_t need_from_ms, need_to_ms;
};

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t hour_of(int64_t t_ms) {
    return utc_floor(t_ms, UTC_HOUR_MS) / UTC_HOUR_MS;
}

enum err jobs_begin(struct core *c, uint32_t unit, struct load_job **out) {
    struct load_job *j = calloc(1, sizeof *j);
    assert(!c->build.tx); /* no job runs then: it could be neither before nor behind */
    if (!j)
        return ERR_NOMEM;
    j->unit = unit;
    j->behind = c->commit_tx != NULL;
    j->id = ++c->next_id;
    buf_init(&j->keys);
    buf_init(&j->from);
    *out = j;
    return ERR_OK;
}

void jobs_free(struct load_job *j) {
    free(j->hour);
    free(j->key);
    free(j->key_end);
    free(j->range);
    buf_fini(&j->keys);
    buf_fini(&j->from);
    free(j);
}

static void put_be32(struct buf *b, uint32_t v) {
    uint8_t bytes[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
    buf_add(b, bytes, sizeof bytes);
}

/* Entries of an hour that a commit has not been handed yet would be in neither the store nor
 * memory. */
static enum err seed_from_pending(struct core *c, struct unit_hour *h) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < c->agent_n && !err; i++) {
        const struct siglog *p = &c->agent[i]->pending;
        for (size_t k = 0; k < p->n && !err; k++) {
            const struct siglog_entry *e = &p->at[k];
            if (signals_of_unit(c, e->signal, h->unit) && siglog_hour(e) == (int64_t)h->hour &&
                !entry_is_long(e))
                err = hours_add(c, h, e);
        }
    }
    return err;
}

static enum err want_hour(struct core *c, struct load_job *j, int64_t hour) {
    struct unit_hour *h = NULL;
    enum err err = hours_get(c, j->unit, hour, &h);
    if (err || h->loaded || h->loading)
        return err;
    uint32_t *at = realloc(j->hour, (j->hour_n + 1) * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    j->hour = at;
    j->hour[j->hour_n++] = (uint32_t)hour;
    h->loading = true;
    return seed_from_pending(c, h);
}

enum err jobs_want_window(struct load_job *j, const struct window_key *key, int64_t end_ms) {
    for (size_t i = 0; i < j->key_n; i++)
        if (window_key_equal(&j->key[i], key))
            return ERR_OK;
    struct window_key *at = realloc(j->key, (j->key_n + 1) * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    j->key = at;
    int64_t *ends = realloc(j->key_end, (j->key_n + 1) * sizeof *ends);
    if (!ends)
        return ERR_NOMEM;
    j->key_end = ends;
    j->key[j->key_n] = *key;
    j->key_end[j->key_n++] = end_ms;
    return ERR_OK;
}

/* Indexes of the agents that have signals of the unit; *out is the caller's. */
static enum err unit_agents(const struct core *c, uint32_t unit, uint32_t **out, size_t *n) {
    const struct cunit *u = &c->unit[unit];
    bool *has = calloc(c->agent_n ? c->agent_n : 1, sizeof *has);
    uint32_t *agent = calloc(c->agent_n ? c->agent_n : 1, sizeof *agent);
    if (!has || !agent) {
        free(has);
        free(agent);
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < u->signal_n; i++)
        has[c->signal[u->signal[i].signal].agent] = true;
    *n = 0;
    for (size_t i = 0; i < c->agent_n; i++)
        if (has[i])
            agent[(*n)++] = (uint32_t)i;
    free(has);
    *out = agent;
    return ERR_OK;
}

/* An hour of minutes that has something to tell is always in memory: only closed ones are read. */
static size_t key_bytes(const struct core *c, const struct window_key *k,
                        uint8_t out[LIVES_KEY_BYTES]) {
    if (k->kind == WINDOW_MINUTE) {
        lives_key_pack(true, core_node_number(c, k->node), k->start_ms / UTC_HOUR_MS, out);
        return LIVES_KEY_BYTES;
    }
    nodes_pack_key(c, k, out);
    return WINDOW_KEY_BYTES;
}

/* One range a (agent, hour) log, two a (unit, hour) of cells, one a window. Keys go to j->keys
 * first, pointers into it are set when it no longer grows. A log's range ends at the segment that
 * is written next: what comes later is in memory already, however late the range is read. */
static enum err put_ranges(struct core *c, struct load_job *j, const uint32_t *agent,
                           size_t agent_n) {
    j->range_n = j->hour_n * (agent_n + 2) + j->key_n;
    j->range = calloc(j->range_n ? j->range_n : 1, sizeof *j->range);
    if (!j->range)
        return ERR_NOMEM;
    size_t r = 0;
    const struct ident *unit = &c->plant->unit[j->unit].id;
    for (size_t i = 0; i < j->hour_n; i++) {
        for (size_t k = 0; k < agent_n; k++, r++) {
            j->range[r].table = STORE_LOG;
            for (uint32_t end = 0; end < 2; end++) {
                put_be32(&j->keys, agent[k]);
                put_be32(&j->keys, j->hour[i]);
            }
            put_be32(&j->keys, c->agent[agent[k]]->segment_n);
        }
        j->range[r++].table = STORE_CELL;
        j->range[r++].table = STORE_KEPT;
        for (uint32_t end = 0; end < 4; end++) {
            buf_add(&j->keys, unit->s, strlen(unit->s) + 1);
            put_be32(&j->keys, j->hour[i] + end % 2);
        }
    }
    for (size_t i = 0; i < j->key_n; i++, r++) {
        uint8_t key[LIVES_KEY_BYTES + 1] = {0};
        j->range[r].table = j->key[i].kind == WINDOW_MINUTE ? STORE_MINUTE : STORE_WINDOW;
        size_t n = key_bytes(c, &j->key[i], key);
        buf_add(&j->keys, key, n);
        buf_add(&j->keys, key, n + 1); /* the least key after it */
    }
    if (j->keys.failed)
        return ERR_NOMEM;
    size_t at = 0;
    for (r = 0; r < j->range_n; r++) {
        uint8_t table = j->range[r].table;
        bool log = table == STORE_LOG, cell = table == STORE_CELL || table == STORE_KEPT;
        size_t n = log                     ? 8
                   : cell                  ? strlen(unit->s) + 5
                   : table == STORE_MINUTE ? (size_t)LIVES_KEY_BYTES
                                           : (size_t)WINDOW_KEY_BYTES;
        size_t n2 = cell ? n : log ? n + 4 : n + 1;
        j->range[r].from = span_of(j->keys.p + at, n);
        j->range[r].to = span_of(j->keys.p + at + n, n2);
        at += n + n2;
    }
    return ERR_OK;
}

static enum err load_ranges(struct core *c, struct load_job *j) {
    uint32_t *agent = NULL;
    size_t n = 0;
    enum err err = unit_agents(c, j->unit, &agent, &n);
    if (!err)
        err = put_ranges(c, j, agent, n);
    free(agent);
    return err;
}

void jobs_append(struct core *c, struct load_job *j) {
    struct load_job **end = &c->loads;
    while (*end)
        end = &(*end)->next;
    *end = j;
    c->stats.loads++;
}

static enum err load_submit(struct core *c, struct load_job *j) {
    if (j->hour_n == 0 && j->key_n == 0) {
        jobs_free(j);
        return ERR_OK;
    }
    enum err err = load_ranges(c, j);
    if (err) {
        jobs_free(j);
        return err;
    }
    jobs_append(c, j);
    c->unit[j->unit].waiting = true;
    return ERR_OK;
}

/* True when all hours the job looks at are in memory; otherwise a load is on its way. */
static enum err need_hours(struct core *c, const struct job *job, bool *ready) {
    struct load_job *j = NULL;
    enum err err = jobs_begin(c, job->unit, &j);
    *ready = true;
    for (int64_t h = hour_of(job->need_from_ms); h <= hour_of(job->need_to_ms) + 1 && !err; h++) {
        struct unit_hour *found = hours_find(c, job->unit, h);
        if (found && found->loaded)
            continue;
        *ready = false;
        err = want_hour(c, j, h);
    }
    if (err) {
        if (j)
            jobs_free(j);
        return err;
    }
    return load_submit(c, j);
}

enum err jobs_want_hour(struct core *c, uint32_t unit, int64_t hour, bool *ready) {
    struct unit_hour *h = hours_find(c, unit, hour);
    struct load_job *j = NULL;
    *ready = h && h->loaded;
    if (*ready)
        h->used = c->ticks;
    if (*ready || c->unit[unit].waiting)
        return ERR_OK;
    enum err err = jobs_begin(c, unit, &j);
    if (err)
        return err;
    err = want_hour(c, j, hour);
    if (!err)
        return load_submit(c, j);
    jobs_free(j);
    return err;
}

enum err jobs_want_cells(struct core *c, uint32_t unit, int64_t from, int64_t to, uint64_t round) {
    struct load_job *j = NULL;
    const struct ident *id = &c->plant->unit[unit].id;
    const size_t n = strlen(id->s) + 5;
    enum err err = jobs_begin(c, unit, &j);
    if (err)
        return err;
    j->for_alerts = true;
    j->round = round;
    j->range = calloc(1, sizeof *j->range);
    buf_add(&j->keys, id->s, n - 4);
    put_be32(&j->keys, (uint32_t)from);
    buf_add(&j->keys, id->s, n - 4);
    put_be32(&j->keys, (uint32_t)to + 1);
    if (!j->range || j->keys.failed) {
        jobs_free(j);
        return ERR_NOMEM;
    }
    j->range_n = 1;
    *j->range = (struct store_range){
        .table = STORE_CELL, .from = span_of(j->keys.p, n), .to = span_of(j->keys.p + n, n)};
    jobs_append(c, j);
    return ERR_OK;
}

/* The minutes of the hours of the job, at the unit and every node above it. */
static enum err need_minutes(struct core *c, const struct job *job, struct load_job *j) {
    const struct plant *p = c->plant;
    enum err err = ERR_OK;
    for (int64_t hour = hour_of(job->from_ms); hour <= hour_of(job->to_ms - 1); hour++) {
        for (uint32_t n = p->unit[job->unit].node; n != UINT32_MAX && !err; n = p->node[n].parent) {
            struct window_key key = {
                .node = n, .kind = WINDOW_MINUTE, .start_ms = hour * UTC_HOUR_MS};
            struct node_hour *h = minutes_find(c, n, hour);
            if (h)
                h->used = c->ticks;
            else
                err = jobs_want_window(j, &key, key.start_ms + UTC_HOUR_MS);
        }
    }
    return err;
}

/* Gathers the log of [from, to); *ready is false while it is loaded. */
static enum err gather(struct core *c, struct job *job, int64_t from_ms, int64_t to_ms,
                       struct cell_input *in, bool *ready) {
    job->need_from_ms = from_ms;
    job->need_to_ms = to_ms;
    enum err err = need_hours(c, job, ready);
    if (err || !*ready)
        return err;
    err = entries_gather(c, job->unit, from_ms, to_ms, &c->scratch);
    in->entry = c->scratch.at;
    in->entry_n = c->scratch.n;
    return err ? err : mates_gather(c, from_ms, to_ms, in);
}

/* Widened once: the minutes that may come out differently, to be computed. Widened once more, with
 * the margins: the log that this computation looks at (cell.h). */
static enum err prepare(struct core *c, struct job *job, struct cell_input *in, bool *ready) {
    int64_t from = job->from_ms, to = job->to_ms;
    const int64_t proof = cell_look_proof_ms(c->plant, job->unit);
    int64_t back = later(cell_look_back_ms(c->plant, job->unit), proof);
    int64_t ahead = later(cell_look_ahead_ms(c->plant, job->unit), proof);
    enum err err = gather(c, job, from, to, in, ready);
    if (err || !*ready)
        return err;
    cell_widen(in, &from, &to);
    if (job->need_from_ms != from || job->need_to_ms != to)
        err = gather(c, job, from, to, in, ready);
    if (err || !*ready)
        return err;
    job->done_from_ms = from;
    job->done_to_ms = to;
    cell_narrow(in, &job->done_from_ms, &job->done_to_ms);
    /* Whatever a span shares with what is frozen is what it was. */
    int64_t frozen = horizon_frozen_ms(c, job->unit);
    job->from_ms = in->from_ms = from > frozen ? from : frozen;
    job->to_ms = in->to_ms = to;
    job->done_from_ms = job->done_from_ms > frozen ? job->done_from_ms : frozen;
    cell_widen(in, &from, &to);
    return gather(c, job, from - back, to + ahead, in, ready);
}

static enum err store_cells(struct core *c, const struct job *job, bool *ready) {
    struct load_job *j = NULL;
    enum err err = jobs_begin(c, job->unit, &j);
    if (err)
        return err;
    err = moves_need(c, job->unit, job->from_ms, job->to_ms, j);
    if (!err)
        err = need_minutes(c, job, j);
    *ready = j->key_n == 0;
    if (err) {
        jobs_free(j);
        return err;
    }
    err = load_submit(c, j);
    if (err || !*ready)
        return err;
    return moves_make(c, job->unit, job->from_ms, job->to_ms);
}

static enum err run_job(struct core *c, struct job *job, bool *done) {
    struct cunit *u = &c->unit[job->unit];
    struct cell_words words = words_of_cells(&c->words);
    struct cell_input in = {.plant = c->plant,
                            .unit = job->unit,
                            .words = &words,
                            .from_ms = job->from_ms,
                            .to_ms = job->to_ms,
                            .now_known_ms = u->known_ms};
    *done = false;
    bool ready = false;
    enum err err = acts_signals(c, job->unit, &c->act_signal, &in);
    if (!err)
        err = prepare(c, job, &in, &ready);
    if (err || !ready)
        return err;
    c->cells.n = 0;
    err = cell_compute(&in, &c->cells);
    if (err)
        return err;
    err = store_cells(c, job, &ready);
    if (err || !ready)
        return err;
    err = ranges_add(&u->early, job->done_from_ms, job->done_to_ms);
    if (err)
        return err;
    c->stats.jobs++;
    c->version++;
    *done = true;
    u->unstored = true;
    err = newest_take(c, &in);
    return err ? err : kept_computed(c, &in, job->need_from_ms, job->need_to_ms);
}

/* Frozen minutes are never computed again, for their log may be gone. What another
 * plant file asks of them (moves.c) is done with the cells as they are; a day of which no minute
 * was known begins with minutes that nothing is known of. */
static enum err keep_cells(struct core *c, struct job *job, bool *done) {
    struct cunit *u = &c->unit[job->unit];
    bool ready = false;
    *done = false;
    u->cause =
        u->cause > RESTATE_CORRECTION ? u->cause : RESTATE_CORRECTION; /* it is nothing else */
    job->need_from_ms = job->done_from_ms = job->from_ms;
    job->need_to_ms = job->done_to_ms = job->to_ms;
    enum err err = need_hours(c, job, &ready);
    if (err || !ready)
        return err;
    c->cells.n = 0;
    for (int64_t hour = hour_of(job->from_ms); hour <= hour_of(job->to_ms - 1) && !err; hour++)
        err = frozen_hour(c, job->unit, hour, job->from_ms, job->to_ms);
    if (!err)
        err = store_cells(c, job, &ready);
    *done = !err && ready;
    if (*done)
        frozen_done(c, job->unit, job->from_ms, job->to_ms);
    u->unstored = true;
    return err;
}

static bool is_past(const struct core *c, int64_t t_ms) {
    return t_ms <= c->now.wall_ms - PAST_MS;
}

/* A first start, another plant file, a backlog of days: once there are as many hours in memory as
 * may be, those of long ago are computed at the pace at which others leave it. */
static bool crowded(const struct core *c, const struct job *job) {
    return c->stats.hours >= c->conf.hours_max && c->past_n >= PAST_AT_ONCE &&
           c->past_n >= c->conf.hours_max / PAST_AT_ONCE && !c->conf.offline && !c->stopping &&
           is_past(c, job->to_ms);
}

/* Jobs go backwards. Where they go far, the hours that one looked at are of no use behind all that
 * the next one looks at; else they are wanted soon, by data that come forward in time. A replay
 * tells minutes behind its commits. */
static void leave(const struct core *c, const struct job *job) {
    struct cunit *u = &c->unit[job->unit];
    const struct range *next = u->dirty.n ? &u->dirty.at[u->dirty.n - 1] : NULL;
    const int64_t ahead_ms = job->need_to_ms - job->to_ms;
    u->sweeps = u->sweeps || (next && next->from_ms <= job->from_ms - PAST_MS);
    if (u->sweeps && !c->conf.offline && is_past(c, job->to_ms + PAST_MS))
        hours_spent(c, job->unit,
                    next ? hour_of(next->to_ms + ahead_ms) + 2 : hour_of(job->need_from_ms),
                    hour_of(job->need_to_ms) + 1);
    u->sweeps = u->sweeps && next;
}

static enum err run_unit(struct core *c, uint32_t unit, unsigned *budget) {
    struct cunit *u = &c->unit[unit];
    const int64_t frozen = horizon_frozen_ms(c, unit);
    while (u->dirty.n && !u->waiting && *budget > 0) {
        /* Newest first: the control room looks at now. */
        const struct range *r = &u->dirty.at[u->dirty.n - 1];
        struct job job = {.unit = unit, .to_ms = r->to_ms, .from_ms = r->from_ms};
        if (job.to_ms - job.from_ms > JOB_MS)
            job.from_ms = job.to_ms - JOB_MS;
        bool done = false, kept = job.to_ms <= frozen;
        if (kept ? c->frozen_n >= FROZEN_A_COMMIT : crowded(c, &job)) {
            c->commit_more = c->jobs_held = true;
            return ERR_OK;
        }
        if (!kept && job.from_ms < frozen)
            job.from_ms = frozen;
        enum err err = kept ? keep_cells(c, &job, &done) : run_job(c, &job, &done);
        if (err)
            return err;
        if (!done)
            return ERR_OK;
        ranges_cut(&u->dirty, job.done_from_ms, job.done_to_ms);
        c->past_n += is_past(c, job.to_ms);
        leave(c, &job);
        if (u->dirty.n == 0)
            u->cause = RESTATE_NONE;
        dirty_stir(u);
        (*budget)--;
    }
    return ERR_OK;
}

/* Every tick each unit has its turn once, spread over the turns of the loop; a unit whose jobs are
 * too many for one turn begins another round, in which all others come before it again. */
enum err jobs_run(struct core *c, bool tick) {
    unsigned most = c->conf.slice_jobs ? c->conf.slice_jobs : JOBS_A_TURN;
    unsigned budget = c->conf.offline ? UINT32_MAX : c->stopping ? JOBS_A_LAST_TURN : most;
    enum err err = ERR_OK;
    size_t units = c->plant->unit_n;
    if (tick)
        c->jobs_left = units;
    while (c->jobs_left && budget && !err) {
        uint32_t unit = c->jobs_unit;
        err = run_unit(c, unit, &budget);
        c->jobs_left--;
        c->jobs_unit = (uint32_t)((unit + 1) % units);
        if (!budget && c->unit[unit].dirty.n)
            c->jobs_left = units;
    }
    return err;
}

/* The job that waited, and the load of the one after it: old hours follow each other at the pace of
 * the store, not of the tick. */
enum err jobs_resume(struct core *c, uint32_t unit) {
    unsigned budget = c->conf.offline ? UINT32_MAX : 2;
    if (!c->build.tx && !c->flush)
        return run_unit(c, unit, &budget);
    c->jobs_left = c->plant->unit_n; /* it has its turn behind the checkpoint */
    return ERR_OK;
}

void jobs_go_on(struct core *c) {
    if (c->jobs_held)
        c->jobs_left = c->plant->unit_n;
    c->jobs_held = false;
}

bool jobs_pending(const struct core *c) {
    for (size_t i = 0; i < c->plant->unit_n; i++)
        if (c->unit[i].dirty.n)
            return true;
    return c->loads != NULL;
}

static enum err take_log_row(struct core *c, struct load_job *j, struct span value) {
    struct siglog found;
    siglog_init(&found);
    enum err err = siglog_unpack(value, &found);
    for (size_t i = 0; i < found.n && !err; i++) {
        const struct siglog_entry *e = &found.at[i];
        if (e->signal >= c->signal_n) {
            err = ERR_FORMAT;
        } else if (signals_of_unit(c, e->signal, j->unit)) {
            struct unit_hour *h = hours_find(c, j->unit, siglog_hour(e));
            if (h && h->loading)
                err = hours_add(c, h, e);
        }
    }
    siglog_fini(&found);
    return err;
}

static enum err take_row(struct core *c, struct load_job *j, const struct store_item *row) {
    if (row->table == STORE_LOG)
        return take_log_row(c, j, row->value);
    if (row->table == STORE_CELL || row->table == STORE_KEPT) {
        const uint8_t *p = row->key.p + row->key.n - 4;
        uint32_t hour = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        struct unit_hour *h = hours_find(c, j->unit, hour);
        if (!h || !h->loading)
            return ERR_OK;
        return row->table == STORE_KEPT ? kept_take(h, row->value)
                                        : cells_unpack(row->value, &h->cells);
    }
    if (row->table == STORE_MINUTE)
        return minutes_take(c, row->key, row->value);
    struct window_key key;
    struct window stored = {0}, *w = NULL;
    enum err err = nodes_unpack_key(c, row->key, &key);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    stored.key = key;
    if (!err && windows_find(c->windows, &key))
        return ERR_OK; /* what is in memory is newer */
    if (!err)
        err = window_unpack(row->value, &stored);
    if (!err)
        err = windows_get(c->windows, &key, stored.end_ms, &w);
    if (!err)
        *w = stored;
    return err;
}

/* A load that was cut at its bound goes on behind the last row it gave. */
enum err jobs_load_on(struct core *c, struct load_job *j, const struct store_rows *rows) {
    size_t r = 0;
    assert(rows->n > 0); /* a bound is looked at behind the first row: every load brings one */
    while (rows->range_end[r] < rows->n)
        r++;
    const struct span *last = &rows->at[rows->n - 1].key;
    buf_reset(&j->from);
    buf_add(&j->from, last->p, last->n);
    buf_add_byte(&j->from, 0); /* the least key after it */
    if (j->from.failed)
        return ERR_NOMEM;
    j->range_n -= r;
    memmove(j->range, j->range + r, j->range_n * sizeof *j->range);
    j->range[0].from = buf_span(&j->from);
    j->issued = false;
    c->stats.loads++;
    return ERR_OK;
}

enum err jobs_on_loaded(struct core *c, struct load_job *j, const struct store_rows *rows) {
    enum err err = ERR_OK;
    struct window *w = NULL;
    for (size_t i = 0; i < rows->n && !err; i++)
        err = take_row(c, j, &rows->at[i]);
    if (!err && rows->truncated)
        return jobs_load_on(c, j, rows);
    for (size_t i = 0; i < j->hour_n; i++) {
        struct unit_hour *h = hours_find(c, j->unit, j->hour[i]);
        if (h) {
            h->loading = false;
            h->loaded = true;
        }
    }
    for (size_t i = 0; i < j->key_n && !err; i++) {
        const struct window_key *k = &j->key[i];
        if (k->kind == WINDOW_MINUTE)
            err = minutes_get(c, k->node, k->start_ms / UTC_HOUR_MS, NULL);
        else
            err = windows_get(c->windows, k, j->key_end[i], &w);
    }
    c->unit[j->unit].waiting = false;
    return err;
}
