/* The ledger of norms in the core: its events are rows of the store, each in the commit behind it,
 * and nothing is answered before that. */
#include "engine/parts.h"

enum { KEY_BYTES = 8 };

enum err norms_open(struct core *c) {
    ledger_conf_init(&c->no_norms);
    enum err err = ledger_open(c->conf.norms ? c->conf.norms : &c->no_norms, &c->norms);
    if (!err)
        ledger_bind(c->norms, c->plant);
    return err;
}

enum err core_on_norm(struct core *c, const struct ledger_command *command, struct core_now now,
                      struct ledger_answer *out) {
    c->now = now;
    enum err err = ledger_apply(c->norms, command, now.wall_ms, out);
    if (!err && !out->repeated) {
        c->version++;
        alarms_norms_changed(c);
    }
    return err;
}

void core_set_norm_teams(struct core *c, struct ledger_teams teams) {
    ledger_set_teams(c->norms, teams);
}

bool core_norm_durable(const struct core *c, uint64_t n) {
    return n <= c->norm_durable;
}

const struct ledger *core_norms(const struct core *c) {
    return c->norms;
}

const struct ledger_conf *core_norm_conf(const struct core *c) {
    return c->conf.norms ? c->conf.norms : &c->no_norms;
}

enum err norms_put(struct core *c, struct store_tx *tx) {
    enum err err = ERR_OK;
    struct buf v;
    buf_init(&v);
    while (c->norm_handed < ledger_last(c->norms) && !err) {
        const uint64_t n = c->norm_handed + 1;
        uint8_t key[KEY_BYTES];
        for (unsigned i = 0; i < KEY_BYTES; i++)
            key[i] = (uint8_t)(n >> (56 - 8 * i));
        buf_reset(&v);
        err = ledger_pack(c->norms, n, &v);
        if (!err)
            err = store_tx_add(tx, STORE_PUT, STORE_NORM, span_of(key, sizeof key), buf_span(&v));
        if (!err)
            c->norm_handed = n;
    }
    buf_fini(&v);
    return err;
}

/* One commit at a time: what was handed over is in it. */
void norms_on_committed(struct core *c) {
    c->norm_durable = c->norm_handed;
}

bool norms_idle(const struct core *c) {
    return c->norm_handed == ledger_last(c->norms);
}

enum err norms_take(struct core *c, const struct store_item *row) {
    uint64_t n = 0;
    if (row->key.n != KEY_BYTES)
        return ERR_FORMAT;
    for (unsigned i = 0; i < KEY_BYTES; i++)
        n = n << 8 | row->key.p[i];
    enum err err = ledger_take(c->norms, n, row->value);
    if (!err)
        c->norm_handed = c->norm_durable = n;
    return err;
}
