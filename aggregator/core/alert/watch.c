#include "alert/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/utc.h"

enum err watch_want(struct watch *w, enum alert_window kind, unsigned minutes, unsigned lag,
                    uint16_t *index) {
    for (size_t i = 0; i < w->window_n; i++) {
        const struct watch_window *x = &w->window[i];
        *index = (uint16_t)i;
        if (x->kind == kind && x->minutes == minutes && x->lag == lag)
            return ERR_OK;
    }
    struct watch_window *at = realloc(w->window, (w->window_n + 1) * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    w->window = at;
    *index = (uint16_t)w->window_n;
    at[w->window_n++] = (struct watch_window){
        .kind = (uint8_t)kind, .minutes = (uint8_t)minutes, .lag = (uint8_t)lag};
    return ERR_OK;
}

void watch_use(struct watch *w, uint16_t window, const struct watch_need *need) {
    watch_need_join(&w->window[window].need, need);
}

static bool is_earned(const struct watch_need *n) {
    return n->pri_pq || n->pri_gq || n->priced_pq;
}

/* --- columns -----------------------------------------------------------------------------------
 */

/* The lump's quantities from the first one on, behind those of the columns there are. */
static size_t put_lump(struct watch *w, const struct watch_need *need, unsigned first) {
    size_t n = 0;
    for (unsigned q = first; q < QTY_COUNT; q++)
        if (need->lump[q] == need->lump[first])
            w->qty[w->qty_n + n++] = (uint16_t)q;
    return n;
}

/* The column of this lump, made if need be: windows share them. */
static uint16_t col_of(struct watch *w, const struct watch_need *need, unsigned first) {
    const size_t n = put_lump(w, need, first);
    for (size_t i = 0; i < w->col_n; i++)
        if (w->col[i].n == n &&
            memcmp(&w->qty[w->col[i].first], &w->qty[w->qty_n], n * sizeof *w->qty) == 0)
            return (uint16_t)i;
    w->col[w->col_n] = (struct watch_col){(uint16_t)w->qty_n, (uint16_t)n};
    w->qty_n += n;
    return (uint16_t)w->col_n++;
}

/* No lump has time and something else in it, and time is first of all. */
static enum err place_window(struct watch *w, struct watch_window *x) {
    bool placed[WATCH_LUMPS_MAX + 1] = {true}; /* lump 0 is nothing */
    x->place = calloc(QTY_COUNT, sizeof *x->place);
    if (!x->place)
        return ERR_NOMEM;
    for (unsigned q = 0; q < QTY_COUNT; q++) {
        if (placed[x->need.lump[q]])
            continue;
        placed[x->need.lump[q]] = true;
        x->place[x->place_n++] = (struct watch_place){col_of(w, &x->need, q), (uint16_t)q};
        x->time_n += q < QTY_TIME + CATEGORY_COUNT;
    }
    x->row = w->row_n;
    w->row_n += x->place_n + WATCH_ROWS_MORE;
    return ERR_OK;
}

/* Those of one quantity stand first: most are, and they are added with less ado. */
static void open_singles(struct watch *w) {
    for (size_t i = 0; i < w->window_n; i++) {
        const struct watch_need *need = &w->window[i].need;
        unsigned n[WATCH_LUMPS_MAX + 1] = {0};
        for (unsigned q = 0; q < QTY_COUNT; q++)
            n[need->lump[q]]++;
        for (unsigned q = 0; q < QTY_COUNT; q++)
            if (need->lump[q] && n[need->lump[q]] == 1)
                (void)col_of(w, need, q);
    }
    w->single_n = w->col_n;
}

static enum err open_columns(struct watch *w) {
    size_t most = 1;
    for (size_t i = 0; i < w->window_n; i++)
        for (unsigned q = 0; q < QTY_COUNT; q++)
            most += w->window[i].need.lump[q] != 0;
    /* The last lump that is looked for lies behind those of all columns. */
    w->col = calloc(most, sizeof *w->col);
    w->qty = calloc(most + QTY_COUNT, sizeof *w->qty);
    enum err err = w->col && w->qty ? ERR_OK : ERR_NOMEM;
    if (!err)
        open_singles(w);
    for (size_t i = 0; i < w->window_n && !err; i++)
        err = place_window(w, &w->window[i]);
    return err;
}

enum err watch_init(struct watch *w, uint32_t calendar, double units) {
    bool earned = false;
    w->calendar = calendar;
    w->units = units;
    w->next = INT64_MIN;
    w->ahead = w->ring_n = 1;
    for (size_t i = 0; i < w->window_n; i++) {
        const struct watch_window *x = &w->window[i];
        const unsigned reach = x->kind == ALERT_ROLLING ? x->minutes + x->lag + 1U : 1;
        w->ring_n = reach > w->ring_n ? reach : w->ring_n;
        earned = earned || is_earned(&x->need);
    }
    const enum err err = open_columns(w);
    if (err)
        return err;
    w->ring = calloc((w->col_n ? w->col_n : 1) * w->ring_n, sizeof *w->ring);
    w->pri = earned ? calloc(w->ring_n, sizeof *w->pri) : NULL;
    return !w->ring || (earned && !w->pri) ? ERR_NOMEM : ERR_OK;
}

void watch_fini(struct watch *w) {
    for (size_t i = 0; i < w->window_n; i++)
        free(w->window[i].place);
    free(w->col);
    free(w->qty);
    free(w->ring);
    free(w->pri);
    free(w->window);
    *w = (struct watch){0};
}

static bool same_columns(const struct watch *a, const struct watch *b) {
    return a->col_n == b->col_n && a->qty_n == b->qty_n &&
           memcmp(a->col, b->col, a->col_n * sizeof *a->col) == 0 &&
           memcmp(a->qty, b->qty, a->qty_n * sizeof *a->qty) == 0;
}

bool watch_same(const struct watch *a, const struct watch *b) {
    if (a->window_n != b->window_n || !same_columns(a, b))
        return false;
    for (size_t i = 0; i < a->window_n; i++) {
        const struct watch_window *x = &a->window[i], *y = &b->window[i];
        if (x->kind != y->kind || x->minutes != y->minutes || x->lag != y->lag ||
            x->need.pri_pq != y->need.pri_pq || x->need.pri_gq != y->need.pri_gq ||
            x->need.priced_pq != y->need.priced_pq || x->place_n != y->place_n ||
            memcmp(x->place, y->place, x->place_n * sizeof *x->place) != 0)
            return false;
    }
    return true;
}

/* --- windows -----------------------------------------------------------------------------------
 */

/* The minutes of the running window around this one; out of shifts those until the calendar says
 * something else. */
static void bounds(const struct watch *w, const struct plant *p, int64_t minute,
                   struct watch_window *x) {
    static const uint8_t kind_of[ALERT_WINDOW_COUNT] = {
        [ALERT_HOUR] = WINDOW_HOUR, [ALERT_SHIFT] = WINDOW_SHIFT, [ALERT_DAY] = WINDOW_DAY};
    const int64_t t_ms = minute * UTC_MINUTE_MS;
    int64_t from_ms = t_ms, to_ms = 0;
    x->none =
        !window_bounds(p, w->calendar, (enum window_kind)kind_of[x->kind], t_ms, &from_ms, &to_ms);
    if (x->none)
        to_ms = calendar_at(p, w->calendar, t_ms).to_ms;
    x->from = utc_floor(from_ms, UTC_MINUTE_MS) / UTC_MINUTE_MS;
    x->to = (utc_floor(to_ms - 1, UTC_MINUTE_MS) + UTC_MINUTE_MS) / UTC_MINUTE_MS;
}

static size_t slot(const struct watch *w, int64_t minute) {
    return (size_t)(minute - utc_floor(minute, w->ring_n));
}

static bool in_ring(const struct watch *w, int64_t minute) {
    const int64_t end = w->next + w->ahead;
    return minute < end && minute >= end - (int64_t)w->ring_n;
}

/* Whether a minute counts in a window whose last one is `last`. */
static bool counts(const struct watch_window *x, int64_t minute, int64_t last) {
    if (x->kind == ALERT_ROLLING)
        return minute <= last - x->lag && minute > last - x->lag - x->minutes;
    return minute <= last && minute >= x->from && minute < x->to;
}

bool watch_counts(const struct watch *w, uint16_t window, int64_t minute) {
    return minute <= w->next && (minute == w->next || in_ring(w, minute) ||
                                 counts(&w->window[window], minute, w->next - 1));
}

int64_t watch_reach(const struct watch *w, const struct plant *p, int64_t minute) {
    int64_t first = minute;
    for (size_t i = 0; i < w->window_n; i++) {
        struct watch_window x = w->window[i];
        if (x.kind == ALERT_ROLLING)
            x.from = minute - x.lag - x.minutes + 1;
        else
            bounds(w, p, minute, &x);
        first = x.from < first ? x.from : first;
    }
    return first;
}

void watch_begin(struct watch *w, const struct plant *p, int64_t next) {
    w->next = next;
    memset(w->ring, 0, w->ring_n * w->col_n * sizeof *w->ring);
    if (w->pri)
        memset(w->pri, 0, w->ring_n * sizeof *w->pri);
    for (size_t i = 0; i < w->window_n; i++) {
        struct watch_window *x = &w->window[i];
        sums_clear(&x->sums, 1);
        if (x->kind != ALERT_ROLLING)
            bounds(w, p, next - 1, x);
    }
}

/* --- adding ------------------------------------------------------------------------------------
 */

static int64_t moved(int64_t to, int64_t v, int sign) {
    return sign > 0 ? sums_plus(to, v) : sums_minus(to, v);
}

static int64_t lump_of(const struct watch *w, size_t col, const struct sums *s) {
    const uint16_t *q = &w->qty[w->col[col].first];
    int64_t sum = s->q[*q];
    for (const uint16_t *end = q + w->col[col].n; ++q < end;)
        sum = sums_plus(sum, s->q[*q]);
    return sum;
}

static void add_window(struct watch *w, struct watch_window *x, const struct sums *s, int sign) {
    for (size_t i = 0; i < x->place_n; i++) {
        int64_t *q = &x->sums.q[x->place[i].qty];
        *q = moved(*q, lump_of(w, x->place[i].col, s), sign);
    }
    if (!is_earned(&x->need))
        return;
    x->sums.pri_pq += sign * s->pri_pq;
    x->sums.pri_gq += sign * s->pri_gq;
    x->sums.priced_pq = moved(x->sums.priced_pq, s->priced_pq, sign);
}

static void add_ring(struct watch *w, int64_t minute, const struct sums *s, int sign) {
    const size_t at = slot(w, minute);
    int64_t *q = w->ring + at;
    for (size_t i = 0; i < w->single_n; i++, q += w->ring_n)
        *q = moved(*q, s->q[w->qty[i]], sign);
    for (size_t i = w->single_n; i < w->col_n; i++, q += w->ring_n)
        *q = moved(*q, lump_of(w, i, s), sign);
    if (!w->pri)
        return;
    struct watch_pri *pri = &w->pri[at];
    pri->pq += sign * s->pri_pq;
    pri->gq += sign * s->pri_gq;
    pri->priced = moved(pri->priced, s->priced_pq, sign);
}

void watch_add(struct watch *w, int64_t minute, const struct sums *s, int sign) {
    if (minute >= w->next + w->ahead)
        return;
    if (in_ring(w, minute))
        add_ring(w, minute, s, sign);
    for (size_t i = 0; minute < w->next && i < w->window_n; i++)
        if (counts(&w->window[i], minute, w->next - 1))
            add_window(w, &w->window[i], s, sign);
}

/* A minute of the ring comes into a window, another one leaves it. */
static void roll(struct watch *w, struct watch_window *x, size_t in, size_t out) {
    for (const struct watch_place *p = x->place; p < x->place + x->place_n; p++) {
        const int64_t *at = &w->ring[p->col * w->ring_n];
        x->sums.q[p->qty] = sums_plus(x->sums.q[p->qty], sums_minus(at[in], at[out]));
    }
    if (!is_earned(&x->need))
        return;
    const struct watch_pri *pa = &w->pri[in], *pb = &w->pri[out];
    x->sums.pri_pq += pa->pq - pb->pq;
    x->sums.pri_gq += pa->gq - pb->gq;
    x->sums.priced_pq = sums_plus(x->sums.priced_pq, sums_minus(pa->priced, pb->priced));
}

static void grow(struct watch *w, struct watch_window *x, size_t in) {
    for (const struct watch_place *p = x->place; p < x->place + x->place_n; p++)
        x->sums.q[p->qty] = sums_plus(x->sums.q[p->qty], w->ring[p->col * w->ring_n + in]);
    if (!is_earned(&x->need))
        return;
    const struct watch_pri *pa = &w->pri[in];
    x->sums.pri_pq += pa->pq;
    x->sums.pri_gq += pa->gq;
    x->sums.priced_pq = sums_plus(x->sums.priced_pq, pa->priced);
}

/* Once for all rules that look at the window, at the end of the minute. */
static void measure(const struct watch *w, struct watch_window *x, int64_t minute) {
    const int64_t minutes = x->kind == ALERT_ROLLING ? x->minutes : minute - x->from + 1;
    int64_t time = 0;
    for (size_t i = 0; i < x->time_n; i++)
        time = sums_plus(time, x->sums.q[x->place[i].qty]);
    x->hours = x->none ? 0 : (double)minutes / 60;
    x->time_ms = time;
    x->known_ms = sums_minus(time, x->sums.q[QTY_TIME + CAT_UNKNOWN]);
    x->have = (double)time / ((double)minutes * 60000 * w->units);
}

/* The slot so many minutes before another one. */
static size_t slot_before(const struct watch *w, size_t at, size_t minutes) {
    return at >= minutes ? at - minutes : at + w->ring_n - minutes;
}

static size_t slots_to_end(const struct watch *w, size_t at, size_t n) {
    return w->ring_n - at < n ? w->ring_n - at : n;
}

/* The next n minutes were looked at: as many others may come now. */
static void pass(struct watch *w, unsigned n) {
    size_t at = slot(w, w->next + w->ahead);
    w->next += n;
    for (size_t done = 0, k = 0; done < n; done += k, at = 0) {
        k = slots_to_end(w, at, n - done);
        for (size_t i = 0; i < w->col_n; i++)
            memset(&w->ring[i * w->ring_n + at], 0, k * sizeof *w->ring);
        if (w->pri)
            memset(&w->pri[at], 0, k * sizeof *w->pri);
    }
}

static void settle(struct watch *w, struct watch_window *x, const struct plant *p) {
    if (x->kind == ALERT_ROLLING || w->next < x->to)
        return;
    bounds(w, p, w->next, x);
    sums_clear(&x->sums, 1);
}

void watch_advance(struct watch *w, const struct plant *p) {
    const size_t now = slot(w, w->next);
    for (size_t i = 0; i < w->window_n; i++) {
        struct watch_window *x = &w->window[i];
        settle(w, x, p);
        if (x->kind == ALERT_ROLLING)
            roll(w, x, slot_before(w, now, x->lag), slot_before(w, now, x->lag + x->minutes));
        else
            grow(w, x, now);
        measure(w, x, w->next);
    }
    pass(w, 1);
}

/* --- many minutes at once ----------------------------------------------------------------------
 */

enum err watch_look_ahead(struct watch *w, unsigned minutes) {
    const unsigned n = w->ring_n - w->ahead + minutes;
    int64_t *ring = calloc((w->col_n ? w->col_n : 1) * n, sizeof *ring);
    struct watch_pri *pri = w->pri ? calloc(n, sizeof *pri) : NULL;
    if (!ring || (w->pri && !pri)) {
        free(ring);
        free(pri);
        return ERR_NOMEM;
    }
    free(w->ring);
    free(w->pri);
    w->ring = ring;
    w->pri = pri;
    w->ring_n = n;
    w->ahead = minutes;
    return ERR_OK;
}

unsigned watch_settle(struct watch *w, const struct plant *p, unsigned n) {
    int64_t most = w->pri ? 1 : n;
    for (size_t i = 0; i < w->window_n; i++) {
        struct watch_window *x = &w->window[i];
        settle(w, x, p);
        if (x->kind != ALERT_ROLLING && x->to - w->next < most)
            most = x->to - w->next;
    }
    return most < 1 ? 1 : (unsigned)most;
}

/* What the column adds to the sum, minute by minute from slot `in` on; out: what it takes from it,
 * too. */
static int64_t run_sum(const struct watch *w, size_t col, int64_t sum, size_t in, const size_t *out,
                       size_t n, int64_t *row) {
    const int64_t *at = &w->ring[col * w->ring_n];
    size_t then = out ? *out : 0;
    for (size_t k = 0; n > 0; n -= k, row += k) { /* up to where the ring closes */
        k = slots_to_end(w, in, n);
        k = out ? slots_to_end(w, then, k) : k;
        for (size_t t = 0; t < k && out; t++)
            row[t] = sum = sums_plus(sum, sums_minus(at[in + t], at[then + t]));
        for (size_t t = 0; t < k && !out; t++)
            row[t] = sum = sums_plus(sum, at[in + t]);
        in = in + k < w->ring_n ? in + k : 0;
        then = then + k < w->ring_n ? then + k : 0;
    }
    return sum;
}

static void run_window(struct watch *w, struct watch_window *x, struct watch_run *r, double *have) {
    const bool rolls = x->kind == ALERT_ROLLING;
    const size_t now = slot(w, w->next), in = rolls ? slot_before(w, now, x->lag) : now;
    const size_t out = rolls ? slot_before(w, in, x->minutes) : 0;
    int64_t *row = r->row + x->row * r->most, *time = row + (x->place_n + WATCH_ROW_TIME) * r->most,
            *known = row + (x->place_n + WATCH_ROW_KNOWN) * r->most;
    memset(time, 0, r->n * sizeof *time);
    for (size_t i = 0; i < x->place_n; i++) {
        int64_t *at = row + i * r->most, *q = &x->sums.q[x->place[i].qty];
        *q = run_sum(w, x->place[i].col, *q, in, rolls ? &out : NULL, r->n, at);
        for (unsigned t = 0; i < x->time_n && t < r->n; t++)
            time[t] = sums_plus(time[t], at[t]);
    }
    for (unsigned t = 0; t < r->n; t++) { /* UNKNOWN is the first place of all */
        const int64_t minutes = rolls ? x->minutes : w->next + t - x->from + 1;
        known[t] = sums_minus(time[t], row[t]);
        have[t] = (double)time[t] / ((double)minutes * 60000 * w->units);
    }
    measure(w, x, w->next + r->n - 1);
}

void watch_advance_run(struct watch *w, unsigned n, struct watch_run *out) {
    out->first = w->next;
    out->n = n;
    for (size_t i = 0; i < w->window_n; i++)
        run_window(w, &w->window[i], out, out->have + i * out->most);
    pass(w, n);
}

void watch_show(struct watch *w, uint16_t window, const struct watch_run *run, unsigned t) {
    struct watch_window *x = &w->window[window];
    const int64_t *row = run->row + x->row * run->most + t;
    for (size_t i = 0; i < x->place_n; i++)
        x->sums.q[x->place[i].qty] = row[i * run->most];
    measure(w, x, run->first + t);
}

size_t watch_memory(const struct watch *w) {
    return w->col_n * (sizeof *w->col + w->ring_n * sizeof *w->ring) + w->qty_n * sizeof *w->qty +
           (w->pri ? w->ring_n * sizeof *w->pri : 0) +
           w->window_n * (sizeof *w->window + QTY_COUNT * sizeof *w->window->place);
}
