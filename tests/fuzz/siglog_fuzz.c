/* Segment bytes of the log: any bytes give an error or a log that packs and comes back the same.
 * The checksum is set right first, so that the decoder behind it is reached. */
#include <stdlib.h>

#include "base/hash.h"
#include "signal/siglog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void expect_same(const struct siglog *a) {
    struct siglog b;
    struct buf bytes;

    siglog_init(&b);
    buf_init(&bytes);
    must(siglog_pack(a->at, a->n, &bytes) == ERR_OK);
    must(siglog_unpack(buf_span(&bytes), &b) == ERR_OK);
    must(a->n == b.n);
    for (size_t i = 0; i < a->n; i++)
        must(siglog_order(&a->at[i], &b.at[i]) == 0);
    buf_fini(&bytes);
    siglog_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct siglog l;
    struct buf sealed;

    siglog_init(&l);
    buf_init(&sealed);
    (void)siglog_unpack(span_of(data, n), &l);
    must(buf_add(&sealed, data, n) == ERR_OK);
    must(buf_add_le32(&sealed, crc32c(buf_span(&sealed))) == ERR_OK);
    l.n = 0;
    if (siglog_unpack(buf_span(&sealed), &l) == ERR_OK) {
        must(l.n <= n);
        for (size_t i = 0; i < l.n; i++)
            must(siglog_entry_check(&l.at[i]));
        expect_same(&l);
        siglog_canonical(&l);
        expect_same(&l);
    } else {
        must(l.n == 0);
    }
    buf_fini(&sealed);
    siglog_fini(&l);
    return 0;
}
