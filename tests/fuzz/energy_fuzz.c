/* What `plantbus energy` reads: windows, tables by date, batches, frozen baselines. Any bytes give
 * an error with words or rows that can be walked; a baseline that is taken is written and read back
 * the same. The first byte says which. */
#include <stdlib.h>

#include "energy/batches.h"
#include "energy/columns.h"
#include "energy/window_in.h"
#include "frozen/frozen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void walk(struct energy_rows *rows) {
    for (size_t i = 0; i < rows->n; i++)
        must(rows->end_ms[i] > rows->start_ms[i] && rows->time_h[i] > 0);
    energy_rows_fini(rows);
}

static struct energy_spec spec_of(const char *driver, enum energy_grain grain) {
    struct energy_spec s = {.grain = grain};
    char why[ENERGY_WHY];
    must(energy_spec_set_node(&s, "n", why) && energy_spec_add_driver(&s, driver, why));
    return s;
}

static void try_windows(struct span text) {
    struct energy_spec s = spec_of("gq", ENERGY_WEEK);
    struct energy_rows rows;
    struct days *d = NULL;
    char why[ENERGY_WHY];
    if (days_open(&s, NULL, &d))
        return;
    if (window_in_text("w", text, days_take, d, why) &&
        days_finish(d, NULL, INT64_MIN, INT64_MAX, &rows, why))
        walk(&rows);
    days_close(d);
}

static void try_columns(struct span text) {
    struct energy_spec s = spec_of("hdd:15:t", ENERGY_DAY);
    struct columns c;
    char why[ENERGY_WHY];
    if (columns_open(&c, &s, "c", text, why))
        for (size_t i = 0; i < c.n; i++)
            must(!(columns_get(&c, c.day[i], 0) < 0));
    columns_close(&c);
}

static void try_batches(struct span text) {
    struct energy_spec s = spec_of("file:kg", ENERGY_BATCH);
    struct energy_rows rows;
    char why[ENERGY_WHY];
    if (batches_take(&s, "b", text, &rows, why))
        walk(&rows);
}

/* The last line of those that are all right is the one that is read alone. */
static bool take_last(void *user, const struct frozen *f, char why[ENERGY_WHY]) {
    size_t *acts = user;
    (void)why;
    must(f->acts == *acts + 1);
    *acts = f->acts;
    return true;
}

static void try_frozen(struct span text) {
    struct frozen a, b = {0};
    size_t acts = 0;
    struct buf out;
    char why[ENERGY_WHY];
    const bool all = frozen_parse_all("f", text, take_last, &acts, why);
    const bool last = frozen_parse("f", text, &a, why);
    must(!all || (last && acts == a.acts));
    if (last) {
        buf_init(&out);
        a.rows.part_n = a.spec.grain == ENERGY_BATCH ? 0 : a.spec.part_n + 1;
        must(frozen_format(&a, &out) == ERR_OK);
        must(frozen_parse("f", buf_span(&out), &b, why));
        for (size_t j = 0; j <= a.model.driver_n; j++)
            must(a.model.term[j].value == b.model.term[j].value);
        buf_fini(&out);
        frozen_fini(&b);
    }
    frozen_fini(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static void (*const reader[])(struct span text) = {try_windows, try_columns, try_batches,
                                                       try_frozen};
    if (n > 0)
        reader[data[0] % 4](span_of(data + 1, n - 1));
    return 0;
}
