/* Registers become the text of a number, a bit or a string. It knows nothing of requests, and
 * nothing of what the value means. */
#ifndef PB_MODBUS_MODBUS_VALUE_H
#define PB_MODBUS_MODBUS_VALUE_H

#include "modbus/modbus_source.h"

enum { MODBUS_TEXT = 2 * MODBUS_STRING_MAX + 8 };

struct modbus_shape {
    uint8_t format, order; /* enum modbus_format, modbus_order */
    uint8_t bit;           /* 0: the least significant */
    uint8_t registers;     /* 1 of a coil */
    bool is_bit_table;     /* a coil or discrete input: one byte, 0 or 1 */
    bool has_absent;
    uint64_t absent; /* the bits that say there is no value, of the format's width */
    int64_t offset;  /* added to the number as it stands in the registers */
};

/* Registers that a value of the format takes; 0: it is as long as the configuration says. */
size_t modbus_registers_of(enum modbus_format format);
/* Reads bytes as they came over the wire (two of each register, the high one first; one of each
 * coil), times ten to the exponent. ERR_NOT_FOUND: the device says that there is no value;
 * ERR_FORMAT: bytes that are no number of the format; ERR_RANGE: a number beyond what is carried.
 */
enum err modbus_value_text(const struct modbus_shape *s, const uint8_t *bytes, int exponent,
                           char out[MODBUS_TEXT]);
/* The power of ten in a scale factor register: -10 .. 10. ERR_NOT_FOUND: 0x8000, there is none. */
enum err modbus_value_exponent(const uint8_t *bytes, int *exponent);

#endif
