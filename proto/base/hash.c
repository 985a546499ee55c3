#include "base/hash.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

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
/* The instruction takes three cycles and a new one can begin in each: so three parts at a time,
 * each from its own register, then joined. A register that n zero bytes follow is its product with
 * x^(8n); the instruction itself reduces the 64 bits of such a product, and adds x^33 to its power.
 */
enum { PART = 256 };
#define BEHIND_1_PART UINT32_C(0xb9e02b86)  /* x^(8 * 256 - 33) mod P, reflected */
#define BEHIND_2_PARTS UINT32_C(0xdd7e3b0c) /* x^(8 * 512 - 33) mod P, reflected */

static inline uint64_t word_at(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

__attribute__((target("sse4.2"))) static uint32_t crc_sse42(uint32_t reg, const uint8_t *p,
                                                            size_t n) {
    uint64_t wide = reg;

    for (; n >= 8; n -= 8, p += 8)
        wide = __builtin_ia32_crc32di(wide, word_at(p));
    reg = (uint32_t)wide;
    for (; n > 0; n--, p++)
        reg = __builtin_ia32_crc32qi(reg, *p);
    return reg;
}

__attribute__((target("sse4.2,pclmul"))) static inline uint32_t behind(uint32_t reg, uint32_t by) {
    __m128i product =
        _mm_clmulepi64_si128(_mm_cvtsi32_si128((int)reg), _mm_cvtsi32_si128((int)by), 0);
    return (uint32_t)__builtin_ia32_crc32di(0, (uint64_t)_mm_cvtsi128_si64(product));
}

__attribute__((target("sse4.2,pclmul"))) static uint32_t crc_three(uint32_t reg, const uint8_t *p,
                                                                   size_t n) {
    for (; n >= 3 * PART; n -= 3 * PART, p += 3 * PART) {
        uint64_t a = reg, b = 0, c = 0;
        for (size_t i = 0; i < PART; i += 8) {
            a = __builtin_ia32_crc32di(a, word_at(p + i));
            b = __builtin_ia32_crc32di(b, word_at(p + PART + i));
            c = __builtin_ia32_crc32di(c, word_at(p + 2 * PART + i));
        }
        reg =
            behind((uint32_t)a, BEHIND_2_PARTS) ^ behind((uint32_t)b, BEHIND_1_PART) ^ (uint32_t)c;
    }
    return crc_sse42(reg, p, n);
}
#endif

uint32_t crc32c_more(uint32_t crc, struct span s) {
#if defined(__x86_64__)
    if (s.n >= 3 * PART && __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul"))
        return ~crc_three(~crc, s.p, s.n);
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
