/* Any bytes as a plant file: a plant or a report, never both. Two plants can be told apart by
 * plant_diff, and a plant does not differ from itself. */
#include <stdlib.h>

#include "plantfile/plant_diff.h"
#include "plantfile/plantfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* libfyaml 0.7.12 loses a buffer on some broken quoted texts; what we allocate is still watched. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libfyaml";
}

static void must(bool holds) {
    if (!holds)
        abort();
}

/* A zone file that says UTC and nothing else: zone_fuzz has the others. */
static enum err utc_bytes(const char *name, struct buf *out) {
    static const uint8_t head[44] = "TZif2";
    uint8_t block[44];
    if (strcmp(name, "UTC") != 0)
        return ERR_NOT_FOUND;
    for (unsigned i = 0; i < 2; i++) {
        memcpy(block, head, sizeof block);
        block[39] = 1; /* one type */
        block[43] = 4; /* four characters of names */
        buf_add(out, block, sizeof block);
        buf_add(out, "\0\0\0\0\0\0UTC\0", 10);
    }
    return buf_add(out, "\nUTC0\n", 6);
}

static struct plant *load(struct span bytes) {
    struct conf_report report;
    struct plant *p = NULL;
    struct buf text;
    conf_report_init(&report);
    buf_init(&text);
    enum err err = plantfile_load(bytes, "p.yaml", utc_bytes, &report, &p);
    must((err == ERR_OK) == (p != NULL));
    must(err != ERR_CONFIG || conf_report_count(&report) > 0);
    must(conf_report_format(&report, &text) == ERR_OK);
    buf_fini(&text);
    conf_report_fini(&report);
    return p;
}

static const char other[] =
    "site: {id: s, time_zone: UTC}\n"
    "products: {a: {name: A}, b: {name: B}}\n"
    "areas: {x: {lines: {l: {agent: gw, units: {u: {state: {from: map, map: packml},\n"
    "  ideal: [{product: a, cycle: 8 s}, {product: b, cycle: 9 s}],\n"
    "  signals: {state: {point: st}, good: {point: g, max_rate: 600 1/h},\n"
    "    energy: {point: e, max_rate: 60 1/h}}}}}}}}\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct plant *p = load(span_of(data, n));
    if (!p)
        return 0;
    struct plant *q = load(span_of(data, n)), *o = load(span_str(other));
    struct buf out;
    must(q && o);
    buf_init(&out);
    must(plantfile_disk_bytes(p) >= 0);
    must(plant_diff(p, q, &out) == 0 && out.n == 0);
    (void)plant_diff(p, o, &out);
    (void)plant_diff(o, p, &out);
    buf_fini(&out);
    plant_close(o);
    plant_close(q);
    plant_close(p);
    return 0;
}
