/* Checksums and hashes: CRC-32C (Castagnoli, RFC 3720 B.4 test vectors) guards stored bytes,
 * FNV-1a (32 and 64 bit) spreads names. Neither is a defence against an attacker. */
#ifndef PB_BASE_HASH_H
#define PB_BASE_HASH_H

#include "base/span.h"

uint32_t crc32c(struct span s);
uint32_t crc32c_more(uint32_t crc, struct span s); /* crc32c_more(0, s) == crc32c(s) */
/* The same checksum without the machine's CRC instruction; for machines that have none and for
 * tests that compare both ways. */
uint32_t crc32c_portable(struct span s);
uint32_t fnv1a32(struct span s);
uint64_t fnv1a64(struct span s);

#endif
