/* How long a line takes to write: one of a usual size (four tags, two integers, two long fractions)
 * and what a fraction costs in it. */
#include <stdio.h>

#include "base/clock.h"
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

static void run(const char *name, bool fractions) {
    struct buf out;
    size_t bytes = 0;
    buf_init(&out);
    int64_t begun = clock_mono_ns();
    for (int i = 1; i <= LINES; i++) {
        if (i % 1000 == 0) {
            bytes += out.n;
            buf_reset(&out);
        }
        write_line(&out, i, fractions);
    }
    double ns = (double)(clock_mono_ns() - begun) / LINES;
    printf("%-28s %7.1f ns a line, %zu bytes\n", name, ns, (bytes + out.n) / LINES);
    buf_fini(&out);
}

int main(void) {
    run("4 tags, 2 integers", false);
    run("and 2 fractions", true);
    return 0;
}
