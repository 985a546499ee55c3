/* Bytes on the wire: MODBUS Application Protocol Specification V1.1b3, 4.2: a register is sent with
 * its high byte first. The order of registers in a longer value is not standardised; `abcd` names
 * bytes from the most significant one, as most tables of registers do:
 *
 *     0x12345678   abcd 12 34 56 78   cdab 56 78 12 34   badc 34 12 78 56   dcba 78 56 34 12
 *
 * and longer values go on in the same way: cdab has the least significant register first. */
#include "modbus/modbus_value.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { EXPONENT_MOST = 10 };

size_t modbus_registers_of(enum modbus_format format) {
    static const uint8_t registers[MODBUS_FORMAT_COUNT] = {
        [MODBUS_BOOL] = 1,    [MODBUS_BIT] = 1,     [MODBUS_INT16] = 1, [MODBUS_UINT16] = 1,
        [MODBUS_INT32] = 2,   [MODBUS_UINT32] = 2,  [MODBUS_INT64] = 4, [MODBUS_UINT64] = 4,
        [MODBUS_FLOAT32] = 2, [MODBUS_FLOAT64] = 4, [MODBUS_BCD16] = 1, [MODBUS_BCD32] = 2};
    return registers[format];
}

static bool swaps_bytes(const struct modbus_shape *s) {
    return s->order == MODBUS_BADC || s->order == MODBUS_DCBA;
}

static uint64_t bits_of(const struct modbus_shape *s, const uint8_t *bytes) {
    const bool low_first = s->order == MODBUS_CDAB || s->order == MODBUS_DCBA;
    uint64_t v = 0;
    for (size_t i = 0; i < s->registers && i < 4; i++) {
        const uint8_t *r = bytes + 2 * (low_first ? s->registers - 1u - i : i);
        const uint8_t high = swaps_bytes(s) ? r[1] : r[0], low = swaps_bytes(s) ? r[0] : r[1];
        v = v << 16 | (uint64_t)high << 8 | low;
    }
    return v;
}

/* The shortest text that reads back as the same number: of 0.7 it is 0.7, so that cutting off
 * decimals later does not make 0.699 of it. */
static enum err real_text(const struct modbus_shape *s, uint64_t bits, int exponent,
                          char out[MODBUS_TEXT]) {
    char text[40];
    double v;
    if (s->format == MODBUS_FLOAT32) {
        const uint32_t narrow = (uint32_t)bits;
        float f;
        memcpy(&f, &narrow, sizeof f);
        for (int digits = 6; digits <= 9; digits++) {
            (void)snprintf(text, sizeof text, "%.*g", digits, (double)f);
            if (strtof(text, NULL) == f)
                break;
        }
        v = (double)f;
    } else {
        memcpy(&v, &bits, sizeof v);
        for (int digits = 15; digits <= 17; digits++) {
            (void)snprintf(text, sizeof text, "%.*g", digits, v);
            if (strtod(text, NULL) == v)
                break;
        }
    }
    if (isnan(v))
        return ERR_NOT_FOUND;
    if (!isfinite(v))
        return ERR_RANGE;
    if (s->offset == 0 && exponent == 0)
        (void)snprintf(out, MODBUS_TEXT, "%s", text);
    else
        (void)snprintf(out, MODBUS_TEXT, "%.15g", (v + (double)s->offset) * pow(10, exponent));
    return ERR_OK;
}

static enum err whole_text(int64_t v, int64_t offset, int exponent, char out[MODBUS_TEXT]) {
    int64_t sum;
    if (__builtin_add_overflow(v, offset, &sum))
        return ERR_RANGE;
    if (exponent != 0)
        (void)snprintf(out, MODBUS_TEXT, "%" PRId64 "e%d", sum, exponent);
    else
        (void)snprintf(out, MODBUS_TEXT, "%" PRId64, sum);
    return ERR_OK;
}

static enum err decimal_digits(uint64_t bits, unsigned digits, int64_t *out) {
    int64_t v = 0;
    for (unsigned i = digits; i-- > 0;) {
        const int64_t digit = (int64_t)(bits >> (4 * i) & 15);
        if (digit > 9)
            return ERR_FORMAT;
        v = v * 10 + digit;
    }
    *out = v;
    return ERR_OK;
}

/* Ends at the first NUL; blanks at the end are filling. */
static enum err string_text(const struct modbus_shape *s, const uint8_t *bytes,
                            char out[MODBUS_TEXT]) {
    size_t n = 0;
    for (size_t i = 0; i < 2u * s->registers && n < MODBUS_TEXT - 1; i++) {
        const uint8_t c = bytes[swaps_bytes(s) ? i ^ 1u : i];
        if (c == 0)
            break;
        if (c < ' ' || c > '~')
            return ERR_FORMAT;
        out[n++] = (char)c;
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    return n > 0 ? ERR_OK : ERR_NOT_FOUND;
}

static enum err number_text(const struct modbus_shape *s, uint64_t bits, int exponent,
                            char out[MODBUS_TEXT]) {
    int64_t v = 0;
    switch ((enum modbus_format)s->format) {
    case MODBUS_BOOL:
        v = bits != 0;
        break;
    case MODBUS_BIT:
        v = (int64_t)(bits >> s->bit & 1);
        break;
    case MODBUS_INT16:
        v = (int16_t)(uint16_t)bits;
        break;
    case MODBUS_INT32:
        v = (int32_t)(uint32_t)bits;
        break;
    case MODBUS_UINT64:
        if (bits > INT64_MAX)
            return ERR_RANGE;
        v = (int64_t)bits;
        break;
    case MODBUS_UINT16:
    case MODBUS_UINT32:
    case MODBUS_INT64:
        v = (int64_t)bits;
        break;
    case MODBUS_BCD16:
    case MODBUS_BCD32: {
        const enum err e = decimal_digits(bits, 4u * s->registers, &v);
        if (e)
            return e;
        break;
    }
    case MODBUS_FLOAT32:
    case MODBUS_FLOAT64:
        return real_text(s, bits, exponent, out);
    case MODBUS_STRING:
    case MODBUS_FORMAT_COUNT:
        return ERR_FORMAT;
    }
    return whole_text(v, s->offset, exponent, out);
}

enum err modbus_value_text(const struct modbus_shape *s, const uint8_t *bytes, int exponent,
                           char out[MODBUS_TEXT]) {
    if (s->is_bit_table)
        return whole_text(bytes[0] != 0, 0, 0, out);
    if (s->format == MODBUS_STRING)
        return string_text(s, bytes, out);
    const uint64_t bits = bits_of(s, bytes);
    const unsigned width = 16u * s->registers;
    const uint64_t mask = width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
    if (s->has_absent && bits == (s->absent & mask))
        return ERR_NOT_FOUND;
    return number_text(s, bits, exponent, out);
}

enum err modbus_value_exponent(const uint8_t *bytes, int *exponent) {
    const int16_t v = (int16_t)(uint16_t)(bytes[0] << 8 | bytes[1]);
    if (v == INT16_MIN)
        return ERR_NOT_FOUND;
    if (v < -EXPONENT_MOST || v > EXPONENT_MOST)
        return ERR_RANGE;
    *exponent = v;
    return ERR_OK;
}
