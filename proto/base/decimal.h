/* Exact numbers: decimal text to scaled int64, floor division, 128-bit products. */
#ifndef PB_BASE_DECIMAL_H
#define PB_BASE_DECIMAL_H

#include "base/err.h"
#include "base/span.h"

__extension__ typedef __int128 i128;

/* Parses "-12.5", "1e3" into value * 10^places (places 0..9), truncating toward zero what lies
 * beyond. ERR_FORMAT, ERR_RANGE. */
enum err decimal_parse(struct span text, int places, int64_t *out);
/* Writes v / 10^places without trailing zeros; text must hold 24 bytes. */
void decimal_format(int64_t v, int places, char *text);
/* floor(x * num / den), den > 0, computed in 128 bit. ERR_RANGE if the result leaves int64. */
enum err decimal_scale(int64_t x, int64_t num, int64_t den, int64_t *out);
/* Splits total into n parts in proportion to weight[i] >= 0 (largest remainder, ties to the lower
 * index); the parts sum to total exactly. All weights 0: everything to part 0. n >= 1. */
void decimal_split(int64_t total, const int64_t *weight, size_t n, int64_t *part);

#endif
