/* Ideal cycle times: PRI per product and unit, with valid-from. */
#include "cell/work.h"

int64_t ideal_pri_ns(const struct plant_unit *u, uint32_t product, int64_t t_ms) {
    int64_t pri_ns = 0;

    /* Sorted by product, then valid-from: the last one that fits is in force. */
    for (size_t i = 0; i < u->ideal_n && u->ideal[i].product <= product; i++)
        if (u->ideal[i].product == product && u->ideal[i].from_ms <= t_ms)
            pri_ns = u->ideal[i].pri_ns;
    return pri_ns;
}

uint32_t ideal_product(const struct cell_input *in, uint32_t word) {
    if (word == 0)
        return UINT32_MAX;
    return plant_find_product(in->plant, in->words->text(in->words->user, word));
}
