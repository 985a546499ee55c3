/* Walks the list of SunSpec models of a device: what to read next, until the list ends or is none.
 * It sends nothing.
 *
 * SunSpec Device Information Model Specification: at 40000, 50000 or 0 stand the two registers of
 * "SunS"; from there on models, each an id, its length in registers, and so many registers; an id
 * of 0xFFFF ends the list. */
#ifndef PB_MODBUS_MODBUS_SUNSPEC_H
#define PB_MODBUS_MODBUS_SUNSPEC_H

#include "base/buf.h"

enum { SUNSPEC_MODELS_MAX = 100 };

enum sunspec_phase { SUNSPEC_MARK, SUNSPEC_HEADS, SUNSPEC_COMMON, SUNSPEC_END };

struct sunspec_walk {
    enum sunspec_phase phase;
    uint32_t try_n;   /* of the marks */
    uint32_t address; /* what is read next */
    uint16_t count;
    uint16_t id, length; /* of the model at hand */
    uint32_t models;
    bool found;
};

void sunspec_walk_init(struct sunspec_walk *w);
/* False: it is over. */
bool sunspec_walk_next(const struct sunspec_walk *w, uint16_t *address, uint16_t *count);
/* Takes the registers that were asked for, or none (n 0) if they could not be read, and writes a
 * line of each model. ERR_NOMEM. */
enum err sunspec_walk_take(struct sunspec_walk *w, struct span bytes, struct buf *out);

#endif
