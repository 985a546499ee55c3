#include "simworld/keep.h"

#include <stdio.h>

/* So much later than its time a row may leave: sweeps are an hour apart and take some commits. */
#define SLACK_MS (3 * UTC_HOUR_MS)
/* The aggregator's clock is up to five minutes off. */
#define SKEW_MS (11 * UTC_MINUTE_MS)
#define WHOLE_MS (100 * UTC_HOUR_MS)

void keep_draw(struct run *r, struct plant *plant) {
    struct rng rng = {.state = r->conf.seed * UINT64_C(0x9e3779b97f4a7c15) + 5};
    plant->keep_logs_ms = rng_between(&rng, 1, 4) * UTC_HOUR_MS;
    plant->keep_cells_ms = plant->keep_logs_ms + rng_between(&rng, 1, 6) * UTC_HOUR_MS;
    if (r->people.at_work) /* then cells without logs are corrected */
        plant->keep_cells_ms += rng_between(&rng, 0, 8) * UTC_HOUR_MS;
    plant->keep_windows_ms = rng_ppm(&rng, 500000)
                                 ? WHOLE_MS
                                 : plant->keep_cells_ms + rng_between(&rng, 0, 6) * UTC_HOUR_MS;
}

bool keep_note(const struct run *r, const char *event, const char *detail) {
    const char *at = strstr(detail, "time=");
    int64_t t_ms = 0;
    if (strcmp(event, "reading_unplaced") != 0 || !at || utc_parse(span_str(at + 5), &t_ms))
        return true;
    return t_ms < r->station.now.wall_ms - r->station.plant->keep_logs_ms + SKEW_MS;
}

/* A void factor is taken back from whole hours that are kept when it is. */
#define BACK_MS (2 * UTC_HOUR_MS)

int64_t keep_windows_from_ms(const struct run *r) {
    int64_t keep = r->station.plant->keep_windows_ms;
    if (r->people.at_work)
        return keep_cells_from_ms(r);
    return keep == WHOLE_MS ? INT64_MIN : r->station.now.wall_ms - keep;
}

int64_t keep_cells_from_ms(const struct run *r) {
    int64_t from_ms = r->station.now.wall_ms - r->station.plant->keep_cells_ms;
    return r->people.at_work ? from_ms + BACK_MS : from_ms;
}

bool keep_unplaced(const struct run *r) {
    struct core_unplaced l;
    return core_unplaced_at(r->station.core, 0, &l);
}

static int64_t whole(int64_t amount) {
    return amount / 1000000;
}

void keep_take_off(const struct run *r, unsigned gateway, struct audit_totals *t) {
    struct core_unplaced l;
    for (size_t i = 0; core_unplaced_at(r->station.core, i, &l); i++) {
        if (strcmp(l.agent->s, r->gateway[gateway].id.s) != 0)
            continue;
        t->count -= whole(l.amount[(gateway ? ROLE_GOOD : ROLE_TOTAL) - ROLE_POWER]);
        t->energy -= whole(l.amount[ROLE_ENERGY - ROLE_POWER]);
        t->scrap -= whole(l.amount[ROLE_SCRAP - ROLE_POWER]);
    }
}

/* --- what is left ----------------------------------------------------------------------------- */

struct left {
    size_t logs;
    int64_t cells_ms, windows_ms; /* the oldest; of windows, when it may have gone */
    enum err err;
};

static int64_t hour_at(const uint8_t *p) {
    return (int64_t)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]) *
           UTC_HOUR_MS;
}

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct left *l = user;
    l->err = err;
    for (size_t i = 0; i < rows->n && !l->err; i++) {
        const struct store_item *row = &rows->at[i];
        struct window_key key;
        int64_t t_ms = 0;
        if (row->table == STORE_LOG) {
            l->logs++;
        } else if (row->table == STORE_CELL || row->table == STORE_KEPT) {
            t_ms = hour_at(row->key.p + row->key.n - 4);
            l->cells_ms = t_ms < l->cells_ms ? t_ms : l->cells_ms;
        } else {
            /* A day begins up to two days before the last minute that keeps it, a quarter an hour.
             */
            l->err = window_key_unpack(row->key, &key);
            t_ms = key.start_ms + (key.kind >= WINDOW_SHIFT ? 2 * UTC_DAY_MS : UTC_HOUR_MS);
            l->windows_ms = t_ms < l->windows_ms ? t_ms : l->windows_ms;
        }
    }
}

const char *keep_left(struct run *r) {
    static const struct store_range all[] = {{.table = STORE_LOG},
                                             {.table = STORE_CELL},
                                             {.table = STORE_KEPT},
                                             {.table = STORE_WINDOW}};
    const struct plant *p = r->station.plant;
    struct store *s = r->station.store;
    struct left l = {.cells_ms = INT64_MAX, .windows_ms = INT64_MAX};
    int64_t now = r->station.now.wall_ms - SLACK_MS;
    if (s->ops->load_now(s, all, 4, on_rows, &l) || l.err)
        return "the store cannot be read";
    if (l.logs)
        return "a log stays";
    if (l.cells_ms < now - p->keep_cells_ms)
        return "a cell stays";
    return l.windows_ms < now - p->keep_windows_ms ? "a window stays" : NULL;
}
