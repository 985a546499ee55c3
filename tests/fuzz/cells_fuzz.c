/* Whatever the bytes, cells_unpack() and sums_unpack() answer; what they accept comes back the same
 * after being packed again. The checksum of an input is put right first, so that the form behind it
 * is reached; an input of odd length keeps its own. */
#include <stdlib.h>

#include "base/hash.h"
#include "cell/cell.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool what) {
    if (!what)
        abort();
}

static void try_cells(struct span bytes) {
    struct cells a, b;
    struct buf out;

    cells_init(&a);
    cells_init(&b);
    buf_init(&out);
    if (cells_unpack(bytes, &a) == ERR_OK) {
        expect(cells_pack(a.at, a.n, &out) == ERR_OK);
        expect(cells_unpack(buf_span(&out), &b) == ERR_OK);
        expect(a.n == b.n);
        for (size_t i = 0; i < a.n; i++)
            expect(a.at[i].minute == b.at[i].minute && context_equal(&a.at[i].ctx, &b.at[i].ctx) &&
                   sums_equal(&a.at[i].sums, &b.at[i].sums));
    } else {
        expect(a.n == 0);
    }
    buf_fini(&out);
    cells_fini(&a);
    cells_fini(&b);
}

static void try_sums(struct span bytes) {
    struct cursor c = cursor_of(bytes);
    struct sums a, b;
    struct buf out;

    if (sums_unpack(&c, &a) != ERR_OK)
        return;
    buf_init(&out);
    expect(sums_pack(&a, &out) == ERR_OK);
    struct cursor again = cursor_of(buf_span(&out));
    expect(sums_unpack(&again, &b) == ERR_OK && sums_equal(&a, &b));
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf b;

    try_sums(span_of(data, size));
    if (size % 2 != 0) {
        try_cells(span_of(data, size));
        return 0;
    }
    buf_init(&b);
    expect(buf_add(&b, data, size) == ERR_OK);
    expect(buf_add_le32(&b, crc32c(span_of(data, size))) == ERR_OK);
    try_cells(buf_span(&b));
    buf_fini(&b);
    return 0;
}
