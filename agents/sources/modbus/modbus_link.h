/* The wiring: one connection by libmodbus, which blocks for as long as its time-outs. It knows
 * requests and answers, and neither points nor turns. */
#ifndef PB_MODBUS_MODBUS_LINK_H
#define PB_MODBUS_MODBUS_LINK_H

#include "modbus/modbus_source.h"
#include "sources/library.h"

enum { MODBUS_HOST_MAX = 256, MODBUS_ANSWER_BYTES = MODBUS_BITS_MAX, MODBUS_LINK_WHY = 200 };

/* What `connect` says. */
struct modbus_place {
    bool serial;
    char host[MODBUS_HOST_MAX]; /* or the path of the line */
    char service[8];
};

/* False: it is neither tcp://HOST[:PORT] nor rtu:///PATH. An IPv6 address stands in brackets. */
bool modbus_place_parse(const char *text, struct modbus_place *out);

enum modbus_got {
    MODBUS_GOT_ANSWER,
    MODBUS_GOT_EXCEPTION,
    MODBUS_GOT_NOTHING, /* a time-out, or an answer that was broken or another's */
    MODBUS_GOT_BREAK    /* the connection is gone, and closed */
};

struct modbus_ask {
    uint8_t unit, table;
    uint16_t address, count;
};

struct modbus_link;

/* Loads the library; does not connect. The configuration is borrowed. ERR_NOT_FOUND: no library,
 * why says so; ERR_CONFIG, ERR_NOMEM. */
enum err modbus_link_open(const struct modbus_conf *c, int64_t timeout_ms, struct modbus_link **out,
                          char why[MODBUS_LINK_WHY]);
void modbus_link_close(struct modbus_link *l);
/* Connects unless it is connected. ERR_IO with why. */
enum err modbus_link_connect(struct modbus_link *l, char why[MODBUS_LINK_WHY]);
void modbus_link_break(struct modbus_link *l);
/* Asks and waits. bytes: two of each register, one of each bit; *exception: its code; why[]: of
 * everything but an answer. */
enum modbus_got modbus_link_ask(struct modbus_link *l, const struct modbus_ask *ask,
                                uint8_t bytes[MODBUS_ANSWER_BYTES], int *exception,
                                char why[MODBUS_LINK_WHY]);

#endif
