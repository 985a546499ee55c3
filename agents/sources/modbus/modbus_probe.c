/* Looks for the units of a connection, one after the other. */
#include <stdio.h>

#include "modbus/modbus_link.h"
#include "modbus/modbus_sunspec.h"

#define BROADCAST 0

static enum err walk_models(struct modbus_link *l, uint8_t unit, struct buf *out) {
    uint8_t bytes[MODBUS_ANSWER_BYTES];
    char why[MODBUS_LINK_WHY];
    struct sunspec_walk w;
    struct modbus_ask ask = {.unit = unit, .table = MODBUS_HOLDING};
    enum err err = ERR_OK;
    int exception;
    sunspec_walk_init(&w);
    while (!err && sunspec_walk_next(&w, &ask.address, &ask.count)) {
        enum modbus_got got = modbus_link_connect(l, why) ? MODBUS_GOT_BREAK : MODBUS_GOT_ANSWER;
        if (got == MODBUS_GOT_ANSWER)
            got = modbus_link_ask(l, &ask, bytes, &exception, why);
        err = sunspec_walk_take(&w, span_of(bytes, got == MODBUS_GOT_ANSWER ? 2u * ask.count : 0),
                                out);
    }
    return err;
}

/* A device that refuses a register answers as well. */
static bool answers(struct modbus_link *l, uint8_t unit, char what[MODBUS_LINK_WHY]) {
    static const uint8_t tables[] = {MODBUS_HOLDING, MODBUS_INPUT};
    uint8_t bytes[MODBUS_ANSWER_BYTES];
    int exception;
    for (size_t i = 0; i < sizeof tables; i++) {
        const struct modbus_ask ask = {.unit = unit, .table = tables[i], .count = 1};
        if (modbus_link_connect(l, what))
            return false;
        const enum modbus_got got = modbus_link_ask(l, &ask, bytes, &exception, what);
        if (got == MODBUS_GOT_ANSWER) {
            (void)snprintf(what, MODBUS_LINK_WHY, "%s register 0 is 0x%02x%02x",
                           ask.table == MODBUS_HOLDING ? "holding" : "input", bytes[0], bytes[1]);
            return true;
        }
        if (got != MODBUS_GOT_EXCEPTION)
            return false;
    }
    return true;
}

enum err modbus_source_probe(const struct modbus_conf *c, struct buf *out) {
    char why[MODBUS_LINK_WHY];
    struct modbus_link *l = NULL;
    size_t found = 0;
    enum err err = modbus_link_open(c, c->probe_timeout_ms, &l, why);
    if (!err)
        err = modbus_link_connect(l, why);
    if (err) {
        (void)buf_addf(out, "  %s: %s\n", c->connect, why);
        modbus_link_close(l);
        return err;
    }
    for (int64_t unit = BROADCAST + 1; !err && unit <= c->probe_most; unit++) {
        if (!answers(l, (uint8_t)unit, why))
            continue;
        found++;
        err = buf_addf(out, "  unit %d answers: %s\n", (int)unit, why);
        if (!err)
            err = walk_models(l, (uint8_t)unit, out);
    }
    (void)buf_addf(out, "  %zu of the units 1 to %d answer\n", found, (int)c->probe_most);
    modbus_link_close(l);
    return err ? err : found ? ERR_OK : ERR_IO;
}
