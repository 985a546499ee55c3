#include "modbus/modbus_sunspec.h"

#include "modbus/modbus_value.h"

/* Offsets in the common model, behind its head: manufacturer 0, model 16, options 32, version 40,
 * serial number 48; lengths in registers. */
enum {
    COMMON = 1,
    COMMON_READ = 64,
    END_ID = 0xffff,
    TEXT_REGISTERS = 16,
    MODEL_AT = 16,
    SERIAL_AT = 48
};

static const uint16_t marks[] = {40000, 50000, 0};
#define MARK_N (sizeof marks / sizeof marks[0])

/* What the models that a plant needs are called, and the profile that reads them. */
static const struct {
    uint16_t from, to;
    const char *what, *profile;
} known[] = {
    {1, 1, "common", NULL},
    {101, 103, "inverter, integers", "sunspec_inverter.yaml"},
    {111, 113, "inverter, floats", "sunspec_inverter_float.yaml"},
    {120, 120, "nameplate ratings", NULL},
    {121, 121, "basic settings", NULL},
    {122, 122, "measurements and status", NULL},
    {160, 160, "several trackers", NULL},
    {201, 204, "meter, integers", "sunspec_meter.yaml"},
    {211, 214, "meter, floats", "sunspec_meter_float.yaml"},
};

void sunspec_walk_init(struct sunspec_walk *w) {
    *w = (struct sunspec_walk){.phase = SUNSPEC_MARK, .address = marks[0], .count = 2};
}

bool sunspec_walk_next(const struct sunspec_walk *w, uint16_t *address, uint16_t *count) {
    if (w->phase == SUNSPEC_END)
        return false;
    *address = (uint16_t)w->address;
    *count = w->count;
    return true;
}

static uint16_t word(struct span bytes, size_t i) {
    return (uint16_t)(bytes.p[2 * i] << 8 | bytes.p[2 * i + 1]);
}

static enum err take_mark(struct sunspec_walk *w, struct span bytes, struct buf *out) {
    if (bytes.n == 4 && memcmp(bytes.p, "SunS", 4) == 0) {
        w->found = true;
        w->phase = SUNSPEC_HEADS;
        w->address += 2;
        return buf_addf(out, "    SunSpec at %u\n", (unsigned)marks[w->try_n]);
    }
    w->try_n++;
    if (w->try_n == MARK_N)
        w->phase = SUNSPEC_END;
    else
        w->address = marks[w->try_n];
    return ERR_OK;
}

static enum err write_model(const struct sunspec_walk *w, struct buf *out) {
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (w->id < known[i].from || w->id > known[i].to)
            continue;
        if (known[i].profile)
            return buf_addf(out, "      model %u (%s), %u registers: profile %s, base: %u\n", w->id,
                            known[i].what, w->length, known[i].profile, (unsigned)w->address);
        return buf_addf(out, "      model %u (%s), %u registers, base: %u\n", w->id, known[i].what,
                        w->length, (unsigned)w->address);
    }
    return buf_addf(out, "      model %u, %u registers, base: %u\n", w->id, w->length,
                    (unsigned)w->address);
}

/* To the head of the model behind this one; a list that leaves the registers has ended. */
static void go_on(struct sunspec_walk *w, uint32_t address) {
    w->phase = address + 2 > 65536 || w->models >= SUNSPEC_MODELS_MAX ? SUNSPEC_END : SUNSPEC_HEADS;
    w->address = address;
    w->count = 2;
}

static enum err take_head(struct sunspec_walk *w, struct span bytes, struct buf *out) {
    if (bytes.n != 4) {
        w->phase = SUNSPEC_END;
        return buf_addf(out, "      %u could not be read\n", (unsigned)w->address);
    }
    w->id = word(bytes, 0);
    w->length = word(bytes, 1);
    if (w->id == END_ID) {
        w->phase = SUNSPEC_END;
        return ERR_OK;
    }
    w->models++;
    const enum err err = write_model(w, out);
    if (w->id == COMMON && w->length >= COMMON_READ && w->address + 2 + COMMON_READ <= 65536) {
        w->phase = SUNSPEC_COMMON;
        w->address += 2;
        w->count = COMMON_READ;
    } else
        go_on(w, w->address + 2u + w->length);
    return err;
}

static enum err write_text(struct span bytes, size_t at, struct buf *out) {
    const struct modbus_shape shape = {.format = MODBUS_STRING, .registers = TEXT_REGISTERS};
    char text[MODBUS_TEXT];
    if (modbus_value_text(&shape, bytes.p + 2 * at, 0, text))
        return buf_add_str(out, " -");
    return buf_addf(out, " \"%s\"", text);
}

static enum err take_common(struct sunspec_walk *w, struct span bytes, struct buf *out) {
    enum err err = ERR_OK;
    if (bytes.n == 2 * COMMON_READ) {
        (void)buf_add_str(out, "        manufacturer, model, serial number:");
        (void)write_text(bytes, 0, out);
        (void)write_text(bytes, MODEL_AT, out);
        (void)write_text(bytes, SERIAL_AT, out);
        err = buf_add_byte(out, '\n');
    }
    go_on(w, w->address + w->length);
    return err;
}

enum err sunspec_walk_take(struct sunspec_walk *w, struct span bytes, struct buf *out) {
    switch (w->phase) {
    case SUNSPEC_MARK:
        return take_mark(w, bytes, out);
    case SUNSPEC_HEADS:
        return take_head(w, bytes, out);
    case SUNSPEC_COMMON:
        return take_common(w, bytes, out);
    case SUNSPEC_END:
        return ERR_STATE;
    }
    return ERR_STATE;
}
