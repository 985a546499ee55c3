/* What is asked of the devices, made once of the configuration: points, and requests that take
 * neighbouring ones together. It asks nothing itself. */
#ifndef PB_MODBUS_MODBUS_PLAN_H
#define PB_MODBUS_MODBUS_PLAN_H

#include "modbus/modbus_source.h"
#include "modbus/modbus_value.h"

#define MODBUS_NO_FACTOR UINT32_MAX

/* A point, and what was last told of it. */
struct modbus_item {
    struct modbus_shape shape;
    struct quantity quantity; /* its shape is the point, with name and hint */
    uint32_t factor;          /* index in factors, or MODBUS_NO_FACTOR */
    double deadband;          /* of the number as it is read; gauges */
    int64_t deadband_raw;
    uint16_t id;          /* at the owner */
    bool told, refused;   /* refused: the reason it is bad was told */
    uint8_t quality, why; /* as told last; why: enum batch_why */
    int64_t told_ms;
    struct value last; /* a text lies in last_text */
    char *last_text;   /* owned; of strings */
};

/* A scale factor register. */
struct modbus_factor {
    uint16_t device, address;
    uint8_t table;
    bool known, absent;
    int exponent;
};

/* What lies in a request: an item, or a factor. */
struct modbus_part {
    uint32_t item, factor; /* one of them UINT32_MAX */
    uint16_t at, n;        /* registers or bits, from the request's first */
};

struct modbus_request {
    uint16_t device; /* index */
    uint8_t unit, table;
    uint16_t address, count;
    int64_t every_ms;
    uint32_t part, part_n; /* factors first where they lie before their points */
};

struct modbus_device {
    const char *name; /* borrowed from the configuration */
    uint8_t unit;
};

struct modbus_plan {
    struct modbus_item *items;
    struct modbus_factor *factors;
    struct modbus_part *parts;
    struct modbus_request *requests;
    struct modbus_device *devices;
    struct modbus_profile_conf *profiles; /* those whose maps of words the items use */
    size_t item_n, factor_n, part_n, request_n, device_n, profile_n;
    int64_t gap_ms;       /* a longer silence is a gap in what is known */
    int64_t heartbeat_ms; /* a held value is told again after that */
};

/* Reports mistakes at their places. ERR_CONFIG: there were some; ERR_NOMEM. fini it in any case. */
enum err modbus_plan_init(struct modbus_plan *p, const struct modbus_conf *c,
                          struct conf_report *report);
void modbus_plan_fini(struct modbus_plan *p);

#endif
