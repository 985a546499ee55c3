/* Stored windows and lives of minutes: any bytes give an error or a value that packs and comes back
 * the same. The checksum is set right first, so that the decoders behind it are reached. */
#include <stdlib.h>

#include "base/hash.h"
#include "window/lives.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void try_lives(struct span bytes) {
    struct lives a = {0}, b = {0};
    struct buf packed;
    if (lives_unpack(bytes, &a))
        return;
    buf_init(&packed);
    must(lives_pack(&a, &packed) == ERR_OK);
    must(lives_unpack(buf_span(&packed), &b) == ERR_OK);
    must(a.exists == b.exists && a.settled == b.settled && a.changed == b.changed &&
         memcmp(&a.fields, &b.fields, sizeof a.fields) == 0);
    for (unsigned m = 0; m < LIVES_MINUTES; m++) {
        struct window x = {0}, y = {0};
        lives_get(&a, 0, m, &x);
        lives_get(&b, 0, m, &y);
        must(x.life == y.life && x.revision == y.revision && x.cause == y.cause);
    }
    buf_fini(&packed);
    lives_fini(&a);
    lives_fini(&b);
}

static void try_window(struct span bytes) {
    struct window a = {0}, b = {0};
    struct buf packed;
    if (window_unpack(bytes, &a))
        return;
    buf_init(&packed);
    must(window_pack(&a, &packed) == ERR_OK);
    must(window_unpack(buf_span(&packed), &b) == ERR_OK);
    must(sums_equal(&a.sums, &b.sums) && a.end_ms == b.end_ms && a.revision == b.revision &&
         a.past.n == b.past.n && a.published_ms == b.published_ms);
    for (unsigned i = 0; i < a.past.n; i++)
        must(a.past.told_ms[i] == b.past.told_ms[i] && a.past.cause[i] == b.past.cause[i]);
    buf_fini(&packed);
}

static void try_keys(struct span bytes) {
    struct window_key key;
    uint32_t node = 0;
    int64_t hour = 0;
    uint8_t again[LIVES_KEY_BYTES];
    (void)window_key_unpack(bytes, &key);
    if (lives_key_unpack(bytes, &node, &hour) == ERR_OK) {
        lives_key_pack(bytes.p[0], node, hour, again);
        must(hour < INT64_MAX / UTC_HOUR_MS);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct buf sealed;
    buf_init(&sealed);
    must(buf_add(&sealed, data, n) == ERR_OK);
    must(buf_add_le32(&sealed, crc32c(buf_span(&sealed))) == ERR_OK);
    try_lives(buf_span(&sealed));
    try_window(buf_span(&sealed));
    try_keys(span_of(data, n));
    buf_fini(&sealed);
    return 0;
}
