#include "modbus/modbus_link.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PORT = 502, EXCEPTION_BASE = MODBUS_ENOBASE, EXCEPTION_MOST = 11 };

#define CALLS(X)                                                                                   \
    X(modbus_new_tcp)                                                                              \
    X(modbus_new_tcp_pi)                                                                           \
    X(modbus_new_rtu)                                                                              \
    X(modbus_free)                                                                                 \
    X(modbus_connect)                                                                              \
    X(modbus_close)                                                                                \
    X(modbus_flush)                                                                                \
    X(modbus_strerror)                                                                             \
    X(modbus_set_slave)                                                                            \
    X(modbus_set_response_timeout)                                                                 \
    X(modbus_read_bits)                                                                            \
    X(modbus_read_input_bits)                                                                      \
    X(modbus_read_registers)                                                                       \
    X(modbus_read_input_registers)
LIBRARY_CALLS(modbus_calls, CALLS);
#define ROW(f) LIBRARY_ROW(struct modbus_calls, f)
static const struct library_call calls[] = {CALLS(ROW)};

struct modbus_link {
    struct modbus_calls lib;
    modbus_t *bus;
    bool serial, connected;
    uint16_t registers[MODBUS_REGISTERS_MAX];
};

/* --- where it goes ------------------------------------------------------------------------------
 */

static bool port_check(const char *text) {
    char *end;
    const long port = strtol(text, &end, 10);
    return isdigit((unsigned char)*text) && *end == '\0' && port > 0 && port < 65536;
}

static bool tcp_parse(const char *at, struct modbus_place *out) {
    const char *end = at + strcspn(at, ":/"), *host = at;
    if (*at == '[') {
        host = at + 1;
        end = strchr(host, ']');
        if (!end)
            return false;
    }
    const size_t n = (size_t)(end - host);
    const char *rest = *at == '[' ? end + 1 : end;
    if (n == 0 || n >= sizeof out->host || (*rest && *rest != ':'))
        return false;
    if (*rest && (!port_check(rest + 1) || strlen(rest + 1) >= sizeof out->service))
        return false;
    memcpy(out->host, host, n);
    out->host[n] = '\0';
    if (*rest)
        (void)snprintf(out->service, sizeof out->service, "%.7s", rest + 1);
    else
        (void)snprintf(out->service, sizeof out->service, "%d", PORT);
    return true;
}

bool modbus_place_parse(const char *text, struct modbus_place *out) {
    *out = (struct modbus_place){0};
    if (!text)
        return false;
    if (strncmp(text, "tcp://", 6) == 0)
        return tcp_parse(text + 6, out);
    if (strncmp(text, "rtu:///", 7) != 0 || strlen(text + 6) >= sizeof out->host)
        return false;
    out->serial = true;
    (void)snprintf(out->host, sizeof out->host, "%s", text + 6);
    return true;
}

/* --- the connection -----------------------------------------------------------------------------
 */

static modbus_t *new_bus(const struct modbus_link *l, const struct modbus_conf *c,
                         const struct modbus_place *place) {
    struct in_addr plain;
    if (!place->serial && inet_pton(AF_INET, place->host, &plain) == 1)
        return l->lib.modbus_new_tcp(place->host, (int)strtol(place->service, NULL, 10));
    if (!place->serial) /* the resolver takes a page or two of memory in each thread */
        return l->lib.modbus_new_tcp_pi(place->host, place->service);
    return l->lib.modbus_new_rtu(place->host, (int)c->baud, (char)c->parity, (int)c->data_bits,
                                 (int)c->stop_bits);
}

enum err modbus_link_open(const struct modbus_conf *c, int64_t timeout_ms, struct modbus_link **out,
                          char why[MODBUS_LINK_WHY]) {
    struct modbus_place place;
    struct modbus_calls lib;
    *why = '\0';
    if (!modbus_place_parse(c->connect, &place)) {
        (void)snprintf(why, MODBUS_LINK_WHY, "connect is no address");
        return ERR_CONFIG;
    }
    enum err err = library_load("libmodbus.so.5", calls, sizeof calls / sizeof *calls, &lib, why);
    if (err)
        return err;
    struct modbus_link *l = calloc(1, sizeof *l);
    if (!l)
        return ERR_NOMEM;
    l->lib = lib;
    l->serial = place.serial;
    l->bus = new_bus(l, c, &place);
    if (!l->bus) {
        (void)snprintf(why, MODBUS_LINK_WHY, "%s", lib.modbus_strerror(errno));
        free(l);
        return ERR_CONFIG;
    }
    (void)lib.modbus_set_response_timeout(l->bus, (uint32_t)(timeout_ms / 1000),
                                          (uint32_t)(timeout_ms % 1000) * 1000);
    *out = l;
    return ERR_OK;
}

void modbus_link_close(struct modbus_link *l) {
    if (!l)
        return;
    modbus_link_break(l);
    l->lib.modbus_free(l->bus);
    free(l);
}

enum err modbus_link_connect(struct modbus_link *l, char why[MODBUS_LINK_WHY]) {
    if (l->connected)
        return ERR_OK;
    errno = 0;
    if (l->lib.modbus_connect(l->bus) != 0) {
        (void)snprintf(why, MODBUS_LINK_WHY, "cannot connect: %s",
                       errno ? l->lib.modbus_strerror(errno) : "no such address");
        return ERR_IO;
    }
    l->connected = true;
    return ERR_OK;
}

void modbus_link_break(struct modbus_link *l) {
    if (l->connected)
        l->lib.modbus_close(l->bus);
    l->connected = false;
}

/* --- asking -------------------------------------------------------------------------------------
 */

static int ask(struct modbus_link *l, const struct modbus_ask *a, uint8_t *bytes) {
    switch ((enum modbus_table)a->table) {
    case MODBUS_COIL:
        return l->lib.modbus_read_bits(l->bus, a->address, a->count, bytes);
    case MODBUS_DISCRETE:
        return l->lib.modbus_read_input_bits(l->bus, a->address, a->count, bytes);
    case MODBUS_HOLDING:
        return l->lib.modbus_read_registers(l->bus, a->address, a->count, l->registers);
    case MODBUS_INPUT:
        return l->lib.modbus_read_input_registers(l->bus, a->address, a->count, l->registers);
    }
    errno = EINVAL;
    return -1;
}

/* A gateway says with two exceptions that the device behind it did not answer. */
static bool is_absence(int exception) {
    return exception == MODBUS_EXCEPTION_GATEWAY_PATH ||
           exception == MODBUS_EXCEPTION_GATEWAY_TARGET;
}

static enum modbus_got failure(struct modbus_link *l, int error, int *exception,
                               char why[MODBUS_LINK_WHY]) {
    (void)snprintf(why, MODBUS_LINK_WHY, "%s", l->lib.modbus_strerror(error));
    if (error > EXCEPTION_BASE && error <= EXCEPTION_BASE + EXCEPTION_MOST) {
        *exception = error - EXCEPTION_BASE;
        return is_absence(*exception) ? MODBUS_GOT_NOTHING : MODBUS_GOT_EXCEPTION;
    }
    if (error == ETIMEDOUT || error > EXCEPTION_BASE) {
        (void)l->lib.modbus_flush(l->bus); /* what comes too late is nobody's answer */
        return MODBUS_GOT_NOTHING;
    }
    modbus_link_break(l);
    return MODBUS_GOT_BREAK;
}

enum modbus_got modbus_link_ask(struct modbus_link *l, const struct modbus_ask *a,
                                uint8_t bytes[MODBUS_ANSWER_BYTES], int *exception,
                                char why[MODBUS_LINK_WHY]) {
    *exception = 0;
    if (l->lib.modbus_set_slave(l->bus, a->unit) != 0) {
        (void)snprintf(why, MODBUS_LINK_WHY, "unit %u is not legal here", a->unit);
        return MODBUS_GOT_NOTHING;
    }
    const int n = ask(l, a, bytes);
    if (n != a->count)
        return failure(l, n < 0 ? errno : EMBBADDATA, exception, why);
    for (int i = 0; i < n && a->table >= MODBUS_HOLDING; i++) {
        bytes[2 * i] = (uint8_t)(l->registers[i] >> 8);
        bytes[2 * i + 1] = (uint8_t)(l->registers[i] & 255);
    }
    return MODBUS_GOT_ANSWER;
}
