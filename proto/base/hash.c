#include "base/hash.h"

/* CRC-32C: polynomial 0x1EDC6F41, bits reflected (0x82F63B78), start and end inverted. All
 * functions below work on the inverted register. */

static uint32_t crc_table(uint32_t reg, const uint8_t *p, size_t n) {
    /* What four zero bits shift in for each low nibble: 64 bytes stay in the cache, and this way is
     * taken only where the machine has no instruction for it. */
    static const uint32_t nibble[16] = {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
                                        0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
                                        0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
                                        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};

    for (size_t i = 0; i < n; i++) {
        reg ^= p[i];
        reg = (reg >> 4) ^ nibble[reg & 15];
        reg = (reg >> 4) ^ nibble[reg & 15];
    }
    return reg;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc_sse42(uint32_t reg, const uint8_t *p,
                                                            size_t n) {
    uint64_t wide = reg;

    for (; n >= 8; n -= 8, p += 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    reg = (uint32_t)wide;
    for (; n > 0; n--, p++)
        reg = __builtin_ia32_crc32qi(reg, *p);
    return reg;
}
#endif

uint32_t crc32c_more(uint32_t crc, struct span s) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc_sse42(~crc, s.p, s.n);
#endif
    return ~crc_table(~crc, s.p, s.n);
}

uint32_t crc32c(struct span s) {
    return crc32c_more(0, s);
}

uint32_t crc32c_portable(struct span s) {
    return ~crc_table(~UINT32_C(0), s.p, s.n);
}

uint32_t fnv1a32(struct span s) {
    uint32_t h = UINT32_C(2166136261);

    for (size_t i = 0; i < s.n; i++)
        h = (h ^ s.p[i]) * UINT32_C(16777619);
    return h;
}

uint64_t fnv1a64(struct span s) {
    uint64_t h = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < s.n; i++)
        h = (h ^ s.p[i]) * UINT64_C(1099511628211);
    return h;
}
