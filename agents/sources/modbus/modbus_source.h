/* The source over Modbus, TCP or RTU: one connection with one or many devices behind it, read by a
 * plan that is made of the configuration. It only reads (function codes 1 to 4) and never writes to
 * a device. Each connection is a source with a thread of its own, so that what is slow or dead on
 * one does not touch another. */
#ifndef PB_MODBUS_MODBUS_SOURCE_H
#define PB_MODBUS_MODBUS_SOURCE_H

#include "conf/conf.h"
#include "source/source.h"
#include "sources/quantity.h"

/* Values are the function codes that read them. */
enum modbus_table { MODBUS_COIL = 1, MODBUS_DISCRETE = 2, MODBUS_HOLDING = 3, MODBUS_INPUT = 4 };

enum modbus_format {
    MODBUS_BOOL,
    MODBUS_BIT,
    MODBUS_INT16,
    MODBUS_UINT16,
    MODBUS_INT32,
    MODBUS_UINT32,
    MODBUS_INT64,
    MODBUS_UINT64,
    MODBUS_FLOAT32,
    MODBUS_FLOAT64,
    MODBUS_STRING,
    MODBUS_BCD16,
    MODBUS_BCD32,
    MODBUS_FORMAT_COUNT
};

/* How the bytes of a value lie in its registers, a being the most significant of a 32-bit one. */
enum modbus_order { MODBUS_ABCD, MODBUS_CDAB, MODBUS_BADC, MODBUS_DCBA };

enum modbus_class { MODBUS_FAST, MODBUS_NORMAL, MODBUS_SLOW, MODBUS_CLASS_COUNT };

enum {
    MODBUS_REGISTERS_MAX = 125, /* of one request, by the specification */
    MODBUS_BITS_MAX = 2000,
    MODBUS_STRING_MAX = 60, /* registers */
    MODBUS_POINTS_MAX = 4000
};

struct modbus_point_conf {
    struct conf_pos pos;
    char *name, *hint, *deadband;
    int table, format, order, class;
    int64_t address, bit, length, offset, absent, scale_register;
    bool has_bit, has_length, has_absent, has_scale_register;
    struct quantity_conf quantity;
};

struct modbus_device_conf {
    struct ident id;
    struct conf_pos pos, profile_pos;
    int64_t unit, base;
    char *profile, *prefix, *hint;
    bool has_prefix;
    struct modbus_point_conf *points;
    size_t point_n;
};

/* A file of points that many devices share. */
struct modbus_profile_conf {
    char *about;
    bool one_based;
    struct modbus_point_conf *points;
    size_t point_n;
};

enum modbus_parity { MODBUS_NONE = 'N', MODBUS_EVEN = 'E', MODBUS_ODD = 'O' };

struct modbus_conf {
    char *connect;
    struct conf_pos connect_pos;
    int64_t baud, data_bits, stop_bits;
    int parity;
    int64_t timeout_ms, retries, pause_ms;
    int64_t every_ms[MODBUS_CLASS_COUNT];
    int64_t heartbeat_ms, again_ms, again_most_ms;
    int64_t gap, most;
    bool one_based;
    int64_t probe_most, probe_timeout_ms;
    struct modbus_device_conf *devices;
    size_t device_n;
    const char *folder; /* of relative paths; borrowed, no row */
};

extern const struct conf_schema modbus_schema;
extern const struct conf_schema modbus_profile_schema;

/* Reports what is wrong across keys, also in the profiles that the devices name. */
void modbus_conf_finish(const struct modbus_conf *c, struct conf_report *report);
/* The configuration is borrowed until close. Without libmodbus it opens, and its state says that it
 * failed and why. ERR_CONFIG: a profile is not what it was when the configuration was checked;
 * ERR_IO, ERR_NOMEM. */
enum err modbus_source_open(struct modbus_conf *c, int64_t now_ms, struct source **out);
/* Writes the units that answer and the SunSpec models they have. */
enum err modbus_source_probe(const struct modbus_conf *c, struct buf *out);

#endif
