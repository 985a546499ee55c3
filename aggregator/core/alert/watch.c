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

enum err watch_init(struct watch *w, const struct watch_need *need, uint32_t calendar,
                    double units) {
    size_t n = 0;
    for (unsigned q = 0; q < QTY_COUNT; q++)
        n += need->qty[q];
    w->calendar = calendar;
    w->units = units;
    w->pri_pq = need->pri_pq;
    w->pri_gq = need->pri_gq;
    w->priced_pq = need->priced_pq;
    w->next = INT64_MIN;
    w->ring_n = 1;
    for (size_t i = 0; i < w->window_n; i++) {
        const struct watch_window *x = &w->window[i];
        const unsigned reach = x->kind == ALERT_ROLLING ? x->minutes + x->lag + 1U : 1;
        w->ring_n = reach > w->ring_n ? reach : w->ring_n;
    }
    w->col = calloc(n ? n : 1, sizeof *w->col);
    w->ring = calloc((n ? n : 1) * w->ring_n, sizeof *w->ring);
    const bool earned = w->pri_pq || w->pri_gq || w->priced_pq;
    w->pri = earned ? calloc(w->ring_n, sizeof *w->pri) : NULL;
    if (!w->col || !w->ring || (earned && !w->pri))
        return ERR_NOMEM;
    for (unsigned q = 0; q < QTY_COUNT; q++)
        if (need->qty[q])
            w->col[w->col_n++] = (uint16_t)q;
    return ERR_OK;
}

static bool has_place(const struct watch_window *x, size_t place) {
    for (size_t i = 0; i < x->pos_n; i++)
        if (x->pos[i] == place)
            return true;
    return false;
}

enum err watch_use(struct watch *w, uint16_t window, const struct watch_need *need) {
    struct watch_window *x = &w->window[window];
    if (!x->pos)
        x->pos = calloc(w->col_n ? w->col_n : 1, sizeof *x->pos);
    if (!x->pos)
        return ERR_NOMEM;
    for (size_t i = 0; i < w->col_n; i++)
        if (need->qty[w->col[i]] && !has_place(x, i))
            x->pos[x->pos_n++] = (uint16_t)i;
    return ERR_OK;
}

void watch_fini(struct watch *w) {
    for (size_t i = 0; i < w->window_n; i++)
        free(w->window[i].pos);
    free(w->col);
    free(w->ring);
    free(w->pri);
    free(w->window);
    *w = (struct watch){0};
}

bool watch_same(const struct watch *a, const struct watch *b) {
    if (a->col_n != b->col_n || a->window_n != b->window_n || a->pri_pq != b->pri_pq ||
        a->pri_gq != b->pri_gq || a->priced_pq != b->priced_pq ||
        memcmp(a->col, b->col, a->col_n * sizeof *a->col) != 0)
        return false;
    for (size_t i = 0; i < a->window_n; i++) {
        const struct watch_window *x = &a->window[i], *y = &b->window[i];
        if (x->kind != y->kind || x->minutes != y->minutes || x->lag != y->lag ||
            x->pos_n != y->pos_n || memcmp(x->pos, y->pos, x->pos_n * sizeof *x->pos) != 0)
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
    return minute <= w->next && minute > w->next - (int64_t)w->ring_n;
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

static void add_window(struct watch *w, struct watch_window *x, const struct sums *s, int sign) {
    for (size_t i = 0; i < x->pos_n; i++) {
        int64_t *q = &x->sums.q[w->col[x->pos[i]]];
        const int64_t v = s->q[w->col[x->pos[i]]];
        *q = sign > 0 ? sums_plus(*q, v) : sums_minus(*q, v);
    }
    x->sums.pri_pq += w->pri_pq ? sign * s->pri_pq : 0;
    x->sums.pri_gq += w->pri_gq ? sign * s->pri_gq : 0;
    if (w->priced_pq)
        x->sums.priced_pq = sign > 0 ? sums_plus(x->sums.priced_pq, s->priced_pq)
                                     : sums_minus(x->sums.priced_pq, s->priced_pq);
}

static void add_ring(struct watch *w, int64_t minute, const struct sums *s, int sign) {
    int64_t *at = &w->ring[slot(w, minute) * w->col_n];
    for (size_t i = 0; i < w->col_n; i++)
        at[i] = sign > 0 ? sums_plus(at[i], s->q[w->col[i]]) : sums_minus(at[i], s->q[w->col[i]]);
    if (!w->pri)
        return;
    struct watch_pri *pri = &w->pri[slot(w, minute)];
    pri->pq += w->pri_pq ? sign * s->pri_pq : 0;
    pri->gq += w->pri_gq ? sign * s->pri_gq : 0;
    pri->priced =
        sign > 0 ? sums_plus(pri->priced, s->priced_pq) : sums_minus(pri->priced, s->priced_pq);
}

void watch_add(struct watch *w, int64_t minute, const struct sums *s, int sign) {
    if (minute > w->next)
        return;
    if (in_ring(w, minute))
        add_ring(w, minute, s, sign);
    for (size_t i = 0; i < w->window_n; i++)
        if (minute < w->next && counts(&w->window[i], minute, w->next - 1))
            add_window(w, &w->window[i], s, sign);
}

/* A minute of the ring comes into a window, another one leaves it. */
static void roll(struct watch *w, struct watch_window *x, int64_t in, int64_t out) {
    const int64_t *a = &w->ring[slot(w, in) * w->col_n], *b = &w->ring[slot(w, out) * w->col_n];
    for (size_t i = 0; i < x->pos_n; i++) {
        const uint16_t at = x->pos[i];
        int64_t *q = &x->sums.q[w->col[at]];
        *q = sums_plus(*q, sums_minus(a[at], b[at]));
    }
    if (!w->pri)
        return;
    const struct watch_pri *pa = &w->pri[slot(w, in)], *pb = &w->pri[slot(w, out)];
    x->sums.pri_pq += pa->pq - pb->pq;
    x->sums.pri_gq += pa->gq - pb->gq;
    x->sums.priced_pq = sums_plus(x->sums.priced_pq, sums_minus(pa->priced, pb->priced));
}

static void grow(struct watch *w, struct watch_window *x, int64_t in) {
    const int64_t *a = &w->ring[slot(w, in) * w->col_n];
    for (size_t i = 0; i < x->pos_n; i++) {
        int64_t *q = &x->sums.q[w->col[x->pos[i]]];
        *q = sums_plus(*q, a[x->pos[i]]);
    }
    if (!w->pri)
        return;
    const struct watch_pri *pa = &w->pri[slot(w, in)];
    x->sums.pri_pq += pa->pq;
    x->sums.pri_gq += pa->gq;
    x->sums.priced_pq = sums_plus(x->sums.priced_pq, pa->priced);
}

/* Once for all rules that look at the window. */
static void measure(const struct watch *w, struct watch_window *x) {
    const int64_t minutes = x->kind == ALERT_ROLLING ? x->minutes : w->next - x->from + 1;
    int64_t time = 0;
    for (unsigned c = 0; c < CATEGORY_COUNT; c++)
        time = sums_plus(time, x->sums.q[QTY_TIME + c]);
    x->hours = x->none ? 0 : (double)minutes / 60;
    x->time_ms = time;
    x->known_ms = sums_minus(time, x->sums.q[QTY_TIME + CAT_UNKNOWN]);
    x->have = (double)time / ((double)minutes * 60000 * w->units);
}

void watch_advance(struct watch *w, const struct plant *p) {
    const int64_t minute = w->next;
    for (size_t i = 0; i < w->window_n; i++) {
        struct watch_window *x = &w->window[i];
        if (x->kind == ALERT_ROLLING) {
            roll(w, x, minute - x->lag, minute - x->lag - x->minutes);
        } else {
            if (minute >= x->to) {
                bounds(w, p, minute, x);
                sums_clear(&x->sums, 1);
            }
            grow(w, x, minute);
        }
        measure(w, x);
    }
    w->next = minute + 1;
    memset(&w->ring[slot(w, w->next) * w->col_n], 0, w->col_n * sizeof *w->ring);
    if (w->pri)
        w->pri[slot(w, w->next)] = (struct watch_pri){0};
}

size_t watch_memory(const struct watch *w) {
    return w->col_n * ((w->window_n + 1) * sizeof *w->col + w->ring_n * sizeof *w->ring) +
           (w->pri ? w->ring_n * sizeof *w->pri : 0) + w->window_n * sizeof *w->window;
}
