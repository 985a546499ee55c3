/* Whatever registers a device shows, the walk over its models asks for registers that exist and
 * comes to its end. */
#include <stdlib.h>

#include "modbus/modbus_sunspec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sunspec_walk w;
    struct buf out;
    uint16_t address, count;
    size_t asked = 0;
    buf_init(&out);
    sunspec_walk_init(&w);
    while (sunspec_walk_next(&w, &address, &count)) {
        /* Three marks, then at most a head and a text of each model. */
        if (++asked > 3 + 2 * SUNSPEC_MODELS_MAX + 1 || count == 0 || count > 125 ||
            (uint32_t)address + count > 65536)
            abort();
        const size_t want = 2u * count, n = want <= size ? want : 0;
        uint8_t *copy = malloc(n ? n : 1); /* of its own length, so that a step beyond it is seen */
        if (!copy)
            abort();
        if (n)
            memcpy(copy, data, n);
        if (sunspec_walk_take(&w, span_of(copy, n), &out))
            abort();
        free(copy);
        data += n;
        size -= n;
    }
    buf_fini(&out);
    return 0;
}
