/* Waking up: rows of the store become the core's state again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "engine/parts.h"

static const struct store_range start_ranges[] = {
    {.table = STORE_META},   {.table = STORE_WORD},
    {.table = STORE_LEDGER}, {.table = STORE_NORM},
    {.table = STORE_AGENT},  {.table = STORE_SIGNAL},
    {.table = STORE_LANE},   {.table = STORE_UNIT},
    {.table = STORE_OPEN},   {.table = STORE_MINUTE, .to = {(const uint8_t *)"\1", 1}},
    {.table = STORE_ALERT},  {.table = STORE_LOG, .from = {(const uint8_t *)"\x80\0\0\0", 4}},
};

size_t core_start_ranges(const struct store_range **out) {
    *out = start_ranges;
    return sizeof start_ranges / sizeof *start_ranges;
}

static uint32_t be32_of(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static enum err take_meta(struct core *c, const struct store_item *row) {
    struct cursor v = cursor_of(row->value);
    if (row->key.n > 5 && memcmp(row->key.p, "node/", 5) == 0)
        return nodes_take(c, span_of(row->key.p + 5, row->key.n - 5), row->value);
    if (span_equal(row->key, span_str("retain")))
        return horizon_take(c, row->value);
    if (span_equal(row->key, span_str("scales")))
        return reach_take(c, row->value);
    if (row->key.n > 5 && memcmp(row->key.p, "late/", 5) == 0)
        return unplaced_take(c, row->key, row->value);
    if (span_equal(row->key, span_str("alerts")))
        return alarms_take_months(c, row->value);
    if (span_equal(row->key, span_str("announced")))
        return announce_take(c, row->value);
    if (span_equal(row->key, span_str("orders")))
        return order_windows_take(c, row->value);
    if (!span_equal(row->key, span_str("store")))
        return ERR_OK;
    c->store_known = true;
    enum err err = cursor_take_le64(&v, &c->store.id);
    return err ? err : cursor_take_le64(&v, &c->store.generation);
}

static enum err take_word(struct core *c, const struct store_item *row) {
    return row->key.n == 4 ? words_put(&c->words, be32_of(row->key.p), row->value) : ERR_FORMAT;
}

static enum err take_agent(struct core *c, const struct store_item *row) {
    struct cursor v = cursor_of(row->value);
    struct ident id;
    struct cagent *a = NULL;
    uint64_t no = 0, segment_n = 0;
    uint8_t online = 0;
    if (!ident_set(&id, row->key))
        return ERR_FORMAT;
    enum err err = cursor_take_varint(&v, &no);
    if (!err)
        err = cursor_take_varint(&v, &segment_n);
    if (!err)
        err = cursor_take_byte(&v, &online);
    if (!err)
        err = agents_get(c, &id, &a);
    if (err)
        return err;
    a->no = (uint32_t)no;
    a->changed = false;
    a->stored = true;
    a->segment_n = (uint32_t)segment_n;
    a->changed = false;
    return session_unpack(&a->session, span_of(v.p, cursor_left(&v)));
}

/* Agents come by name; lanes and logs go by number. */
static enum err order_agents(struct core *c) {
    for (size_t i = 0; i < c->agent_n; i++) {
        while (c->agent[i]->no != i) {
            uint32_t to = c->agent[i]->no;
            if (to >= c->agent_n || c->agent[to]->no == to)
                return ERR_FORMAT;
            struct cagent *other = c->agent[to];
            c->agent[to] = c->agent[i];
            c->agent[i] = other;
        }
    }
    return ERR_OK;
}

static enum err take_text(struct cursor *v, char *out, size_t size) {
    size_t n = strnlen((const char *)v->p, cursor_left(v));
    struct span s;
    if (n >= size || n == cursor_left(v))
        return ERR_FORMAT;
    memcpy(out, v->p, n + 1);
    return cursor_take_span(v, n + 1, &s);
}

static enum err take_signal(struct core *c, const struct store_item *row) {
    struct cursor v = cursor_of(row->value);
    uint64_t f[8];
    struct point p = {0};
    enum err err = ERR_OK;
    uint32_t id = 0;
    for (unsigned i = 0; i < 8 && !err; i++)
        err = cursor_take_varint(&v, &f[i]);
    if (!err)
        err = cursor_take_svarint(&v, &p.num);
    if (!err)
        err = cursor_take_svarint(&v, &p.den);
    if (!err)
        err = take_text(&v, p.name, sizeof p.name);
    if (!err)
        err = take_text(&v, p.unit, sizeof p.unit);
    if (!err)
        err = take_text(&v, p.hint, sizeof p.hint);
    if (err)
        return err;
    p.type = (uint8_t)f[1];
    p.sampling = (uint8_t)f[2];
    p.sticky = f[3] != 0;
    p.width_bits = (uint8_t)f[4];
    p.width_digits = (uint8_t)f[5];
    p.source = (uint16_t)f[6];
    p.poll_ms = (uint32_t)f[7];
    if (f[0] >= c->agent_n || row->key.n != 4 || be32_of(row->key.p) != c->signal_n ||
        !point_check(&p))
        return ERR_FORMAT;
    err = signals_get(c, c->agent[f[0]], &p, &id);
    if (!err) {
        c->signal[id].stored = true;
        c->unstored_n--;
        c->agent[f[0]]->unstored_n--;
        c->unstored_from = c->signal_n;
    }
    return err;
}

static enum err find_slot(struct core *c, struct span key, struct cagent **a, unsigned *slot) {
    struct ident id;
    if (key.n < 3 || key.p[key.n - 2] != '/' || !ident_set(&id, span_of(key.p, key.n - 2)))
        return ERR_FORMAT;
    *slot = (unsigned)(key.p[key.n - 1] - '0');
    HASH_FIND_STR(c->agent_by_id, id.s, *a);
    return *a && *slot <= HEADS_SLOT && *slot != LANE_INHERIT ? ERR_OK : ERR_FORMAT;
}

static enum err limit_lane(struct core *c, const struct cagent *a, struct lane *l) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < l->n && !err; i++) {
        uint32_t id = l->slab[i].id;
        if (id >= c->signal_n || c->signal[id].agent != a->no)
            return ERR_FORMAT;
        struct signal_limits limits;
        signals_limits(c, id, &limits);
        err = lane_put_limits(l, (uint32_t)i, &limits);
    }
    return err;
}

static enum err place_lane(struct core *c, struct cagent *a, unsigned slot) {
    struct lane *l = &a->lane[slot];
    enum err err = limit_lane(c, a, l);
    for (size_t i = 0; i < l->n && !err; i++)
        c->signal[l->slab[i].id].at[slot] = (uint32_t)i;
    return err;
}

static enum err take_rest(struct core *c, struct cagent *a, unsigned slot, struct span bytes) {
    struct lane *rest = &a->rest[slot];
    enum err err = lane_unpack(rest, bytes);
    a->rest_stored[slot] = true;
    for (size_t i = 1; i < rest->n && !err; i++)
        if (rest->slab[i - 1].id >= rest->slab[i].id)
            err = ERR_FORMAT;
    return err ? err : limit_lane(c, a, rest);
}

static enum err take_lane(struct core *c, const struct store_item *row) {
    struct cursor v = cursor_of(row->value);
    struct cagent *a = NULL;
    struct span slab;
    unsigned slot = 0;
    uint64_t n = 0, epoch = 0;
    int64_t begun_ms = 0;
    uint8_t from = 0;
    enum err err = find_slot(c, row->key, &a, &slot);
    if (!err && slot == HEADS_SLOT)
        return heads_load(a, row->value);
    if (!err && slot >= LANE_SLOTS)
        return take_rest(c, a, slot - LANE_SLOTS, row->value);
    if (!err)
        err = cursor_take_le64(&v, &epoch);
    if (!err)
        err = cursor_take_svarint(&v, &begun_ms);
    if (!err)
        err = cursor_take_byte(&v, &from);
    if (!err)
        err = cursor_take_varint(&v, &n);
    if (!err)
        err = cursor_take_span(&v, (size_t)n, &slab);
    if (err || from != SESSION_NO_LANE)
        return err ? err : ERR_FORMAT;
    lane_init(&a->lane[slot], c->plant->power_slot_ms);
    a->lane_used[slot] = true;
    a->lane_epoch[slot] = epoch;
    a->begun_ms[slot] = begun_ms;
    err = lane_unpack(&a->lane[slot], slab);
    if (!err && slot < SESSION_LANES)
        err = buf_add(&a->start[slot], v.p, cursor_left(&v));
    return err ? err : place_lane(c, a, slot);
}

enum { SEAL_BYTES = 4 };

/* A rotten bit here would queue work of years. Rows that were written before there were seals end
 * where the seal would begin. */
static enum err check_seal(struct cursor *v, const struct store_item *row) {
    size_t sealed_n = row->value.n - cursor_left(v);
    uint32_t seal = 0;
    if (cursor_left(v) == 0)
        return ERR_OK;
    enum err err = cursor_take_le32(v, &seal);
    if (!err && cursor_left(v))
        err = ERR_FORMAT;
    return err || seal == crc32c(span_of(row->value.p, sealed_n)) ? err : ERR_CHECKSUM;
}

static enum err take_unit(struct core *c, const struct store_item *row) {
    struct cursor v = cursor_of(row->value);
    char id[IDENT_MAX + 1];
    if (row->key.n > IDENT_MAX)
        return ERR_FORMAT;
    memcpy(id, row->key.p, row->key.n);
    id[row->key.n] = 0;
    uint32_t unit = plant_find_unit(c->plant, id);
    if (unit == UINT32_MAX)
        return ERR_OK; /* no longer in the plant file: its history stays where it is */
    struct cunit *u = &c->unit[unit];
    enum err err = cursor_take_svarint(&v, &u->known_ms);
    if (!err)
        err = ranges_unpack(&v, &u->dirty);
    if (!err)
        err = ranges_unpack(&v, &u->filled);
    if (!err)
        err = ranges_unpack(&v, &u->apart);
    if (!err && cursor_left(&v) > SEAL_BYTES) /* older rows end here or behind the facts */
        err = facts_unpack(&v, u);
    if (!err && cursor_left(&v) > SEAL_BYTES)
        err = ranges_unpack(&v, &u->retell);
    return err ? err : check_seal(&v, row);
}

static enum err take_open(struct core *c, const struct store_item *row) {
    struct window stored = {0}, *w = NULL;
    enum err err = nodes_unpack_key(c, row->key, &stored.key);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (!err)
        err = window_unpack(row->value, &stored);
    if (!err)
        err = windows_get(c->windows, &stored.key, stored.end_ms, &w);
    if (!err)
        *w = stored;
    return err;
}

static enum err take_long_spans(struct core *c, const struct store_item *row) {
    struct siglog found;
    siglog_init(&found);
    enum err err = siglog_unpack(row->value, &found);
    for (size_t i = 0; i < found.n && !err; i++) {
        uint32_t signal = found.at[i].signal;
        if (signal >= c->signal_n)
            err = ERR_FORMAT;
        for (size_t k = 0; !err && k < c->signal[signal].unit_n; k++)
            err = siglog_add(&c->unit[c->signal[signal].unit[k]].longs, &found.at[i]);
    }
    siglog_fini(&found);
    return err;
}

static enum err take_row(struct core *c, const struct store_item *row) {
    switch ((enum store_table)row->table) {
    case STORE_META:
        return take_meta(c, row);
    case STORE_WORD:
        return take_word(c, row);
    case STORE_AGENT:
        return take_agent(c, row);
    case STORE_SIGNAL:
        return take_signal(c, row);
    case STORE_LANE:
        return take_lane(c, row);
    case STORE_UNIT:
        return take_unit(c, row);
    case STORE_OPEN:
        return take_open(c, row);
    case STORE_MINUTE:
        return minutes_take(c, row->key, row->value);
    case STORE_LEDGER:
        return acts_take(c, row);
    case STORE_NORM:
        return norms_take(c, row);
    case STORE_LOG:
        return take_long_spans(c, row);
    case STORE_ALERT:
        return alarms_take(c, row);
    case STORE_CELL:
    case STORE_KEPT:
    case STORE_WINDOW:
    case STORE_GAP:
    case STORE_OUTBOX:
    case STORE_DEAD:
    case STORE_EVENT:
    case STORE_NOTICE:
    case STORE_ACCESS:
    case STORE_TABLE_COUNT:
        break;
    }
    return ERR_FORMAT;
}

static const char *table_name(uint8_t table) {
    static const char *const name[STORE_TABLE_COUNT] = {
        "meta",   "word", "signal", "agent", "lane",   "log",    "cell",
        "window", "open", "unit",   "gap",   "outbox", "dead",   "ledger",
        "minute", "kept", "norm",   "alert", "event",  "notice", "access"};
    return table < STORE_TABLE_COUNT ? name[table] : "unknown";
}

/* Open windows, minutes and alerts are derived. */
size_t start_truth(struct store_range out[START_TRUTH_RANGES]) {
    size_t n = 0;
    for (size_t i = 0; i < sizeof start_ranges / sizeof *start_ranges; i++)
        if (start_ranges[i].table != STORE_META && start_ranges[i].table != STORE_OPEN &&
            start_ranges[i].table != STORE_MINUTE && start_ranges[i].table != STORE_ALERT)
            out[n++] = start_ranges[i];
    return n;
}

enum err start_take(struct core *c, const struct store_item *row, size_t n, size_t *at) {
    uint8_t table = STORE_META;
    enum err err = ERR_OK;
    size_t i = 0;
    for (; i < n && !err; i++) {
        if (row[i].table != table && table == STORE_AGENT)
            err = order_agents(c);
        table = row[i].table;
        if (!err)
            err = take_row(c, &row[i]);
    }
    if (!err && table == STORE_AGENT)
        err = order_agents(c);
    if (at)
        *at = i;
    return err;
}

enum err core_start(struct core *c, const struct store_rows *rows, struct core_now now,
                    char where[96]) {
    enum err err = rows->truncated ? ERR_FULL : ERR_OK;
    size_t i = 0;
    c->now = now;
    if (!err)
        err = start_take(c, rows->at, rows->n, &i);
    if (err) {
        snprintf(where, 96, "table %s, row %zu: %s",
                 table_name(i > 0 ? rows->at[i - 1].table : STORE_META), i, err_name(err));
        return err;
    }
    err = nodes_number(c);
    horizon_start(c);
    reach_start(c);
    order_windows_start(c, !c->store_known);
    if (!err)
        err = moves_start(c);
    if (!err)
        err = facts_start(c);
    if (!err)
        err = alarms_start(c);
    if (err)
        return err;
    /* A generation of its own for every run: acks of an earlier one are then older, whatever their
     * n. */
    c->store.generation += 1 + (c->conf.start_random & 0xffff);
    c->generation_committed = false;
    c->last_tick_mono_ms = c->last_news_mono_ms = now.mono_ms - c->conf.tick_ms;
    c->commit_begun_mono_ms = now.mono_ms - c->conf.checkpoint_ms;
    for (uint32_t unit = 0; unit < c->plant->unit_n && !err; unit++)
        err = newest_start(c, unit);
    return err;
}
