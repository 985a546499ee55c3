/* How long a line takes to write: one of a usual size (four tags, two integers, two long fractions)
 * and what a fraction costs in it. Prints one JSON object. */
#include <stdio.h>
#include <time.h>

#include "line/line.h"

enum { LINES = 1000000 };

static void write_line(struct buf *out, int i, bool fractions) {
    struct line l;
    line_begin(&l, out, "pb_unit");
    line_tag(&l, "line", span_str("line-1"));
    line_tag(&l, "site", span_str("site"));
    line_tag(&l, "unit", span_str("press-1"));
    line_tag(&l, "window", span_str("hour"));
    line_int(&l, "pq", 1000000LL * i);
    line_int(&l, "time_production", 3600000 - i);
    if (fractions) {
        line_real(&l, "oee", (double)i / 3600001.0);
        line_real(&l, "energy_per_good", (double)i / 7.0);
    }
    line_end(&l, 1780272000000 + i);
}

static double run(bool fractions, size_t *bytes_each) {
    struct buf out;
    struct timespec begun, end;
    size_t bytes = 0;
    buf_init(&out);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
    for (int i = 1; i <= LINES; i++) {
        if (i % 1000 == 0) {
            bytes += out.n;
            buf_reset(&out);
        }
        write_line(&out, i, fractions);
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    *bytes_each = (bytes + out.n) / LINES;
    buf_fini(&out);
    return ((double)(end.tv_sec - begun.tv_sec) * 1e9 + (double)(end.tv_nsec - begun.tv_nsec)) /
           LINES;
}

int main(void) {
    size_t bytes = 0;
    double integers = run(false, &bytes), fractions = run(true, &bytes);
    printf("{\"integers_ns\": %.1f, \"with_fractions_ns\": %.1f, \"bytes\": %zu}\n", integers,
           fractions, bytes);
    return 0;
}
