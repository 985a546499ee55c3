/* Whatever the bytes and however they are cut, the reader gives the same records, splitting stays
 * inside of them, and every field can be tried as a time and a quantity. */
#include <stdlib.h>

#include "sources/csv_reader.h"
#include "sources/quantity.h"
#include "sources/stamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_field(struct span field) {
    static const char *const words[] = {
        "iso", "epoch_s", "epoch_ms", "elapsed_s", "%d/%m/%Y %H:%M", "%y%j %I:%M:%S.%f %p %b%z%%"};
    const struct quantity numbers = {.type = POINT_POWER, .decimals = 3, .decimal_comma = true};
    const struct quantity states = {.type = POINT_STATE};
    struct stamp_rule r = {0};
    struct value v;
    int64_t t;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (stamp_rule_parse(&r, words[i]) == ERR_OK)
            (void)stamp_parse(&r, field, INT64_MIN, &t);
    (void)quantity_value(&numbers, field, &v);
    (void)quantity_value(&states, field, &v);
}

static uint64_t split(struct csv_reader *r, uint64_t sum) {
    static struct span fields[CSV_FIELDS_MAX];
    size_t n = 0, column = 0;
    const uint8_t *from = r->record.p, *to = r->record.n ? from + r->record.n : from;

    if (csv_split(&r->record, ',', fields, &n, &column) != ERR_OK)
        return sum * 31 + column;
    for (size_t i = 0; i < n; i++) {
        if (fields[i].n > 0 && (fields[i].p < from || fields[i].p + fields[i].n > to))
            abort();
        try_field(fields[i]);
        sum = sum * 31 + fields[i].n;
    }
    return sum * 31 + n;
}

/* Reads all of it in pieces of `step` bytes; a number that stands for what was found. */
static uint64_t read_all(const uint8_t *data, size_t size, size_t step) {
    struct csv_reader r;
    uint64_t sum = 1;
    size_t at = 0;
    enum csv_verdict verdict = CSV_MORE;

    csv_reader_init(&r, ',', 0, 1);
    for (;;) {
        struct span piece = span_of(data + at, size - at < step ? size - at : step);
        if (piece.n == 0)
            verdict = csv_reader_end(&r);
        else if (csv_reader_feed(&r, &piece, &verdict) != ERR_OK)
            abort();
        if (piece.n == 0 && at == size && verdict == CSV_MORE)
            break;
        at = (size_t)r.offset;
        if (verdict == CSV_RECORD) {
            sum = split(&r, sum) * 31 + r.record_line;
        } else if (verdict == CSV_BROKEN) {
            sum = sum * 31 + r.resume_at;
            if (r.resume_at <= r.record_at || r.resume_at > size)
                abort();
            csv_reader_seek(&r, r.resume_at, r.resume_line);
            at = (size_t)r.offset;
        }
    }
    csv_reader_fini(&r);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (read_all(data, size, SIZE_MAX) != read_all(data, size, 7))
        abort();
    return 0;
}
