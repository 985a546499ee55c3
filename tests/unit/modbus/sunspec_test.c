/* Registers as the SunSpec Device Information Model Specification and the models 1 and 203 lay them
 * out, written by hand. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "modbus/modbus_sunspec.h"

static void put(uint8_t *at, size_t i, unsigned v) {
    at[2 * i] = (uint8_t)(v >> 8);
    at[2 * i + 1] = (uint8_t)(v & 255);
}

/* Walks over a device that has `n` registers from `base` on and refuses all others; the number of
 * its requests. */
static size_t walk(const uint8_t *registers, uint32_t base, uint32_t n, struct buf *out) {
    struct sunspec_walk w;
    uint16_t address, count;
    size_t asked = 0;
    sunspec_walk_init(&w);
    while (sunspec_walk_next(&w, &address, &count)) {
        const bool there = address >= base && (uint32_t)address + count <= base + n;
        const struct span none = span_of(NULL, 0);
        cr_assert_eq(
            sunspec_walk_take(
                &w, there ? span_of(registers + 2 * (address - base), 2u * count) : none, out),
            ERR_OK);
        cr_assert_lt(++asked, 1000u);
    }
    return asked;
}

static void tells(struct buf *out, const char *text) {
    buf_add_byte(out, '\0');
    out->n--;
    cr_assert(strstr((const char *)out->p, text), "%s", (const char *)out->p);
}

Test(sunspec, finds_the_models_of_a_meter) {
    uint8_t *r = calloc(200, 2);
    struct buf out;
    buf_init(&out);
    memcpy(r, "SunS", 4);
    put(r, 2, 1);
    put(r, 3, 66);
    memcpy(r + 2 * 4, "Acme", 4);            /* manufacturer */
    memcpy(r + 2 * (4 + 16), "EM-3", 4);     /* model */
    memcpy(r + 2 * (4 + 48), "12345678", 8); /* serial number */
    put(r, 70, 203);
    put(r, 71, 105);
    put(r, 177, 0xffff);
    put(r, 178, 0);
    /* SunS, head of 1, its text, head of 203, the end. */
    cr_assert_eq(walk(r, 40000, 200, &out), 5u);
    tells(&out, "SunSpec at 40000");
    tells(&out, "manufacturer, model, serial number: \"Acme\" \"EM-3\" \"12345678\"");
    tells(&out,
          "model 203 (meter, integers), 105 registers: profile sunspec_meter.yaml, base: 40070");
    buf_fini(&out);
    free(r);
}

Test(sunspec, is_looked_for_at_three_places) {
    struct buf out;
    uint8_t r[8] = "SunS\xff\xff";
    buf_init(&out);
    cr_assert_eq(walk(r, 0, 4, &out), 4u);
    tells(&out, "SunSpec at 0");
    buf_reset(&out);
    cr_assert_eq(walk(r, 100, 4, &out), 3u);
    cr_assert_eq(out.n, 0u);
    buf_fini(&out);
}

Test(sunspec, ends_where_the_list_cannot_go_on) {
    struct buf out;
    uint8_t r[12] = "SunS";
    buf_init(&out);
    put(r, 2, 64000);
    put(r, 3, 65535); /* beyond the last register */
    walk(r, 40000, 4, &out);
    tells(&out, "model 64000, 65535 registers");
    put(r, 3, 10); /* where nothing can be read */
    buf_reset(&out);
    walk(r, 40000, 4, &out);
    tells(&out, "40014 could not be read");
    buf_fini(&out);
}
