/* An energy baseline from windows to a report, while memory runs out: all of it is right, or it is
 * said that something failed. */
#include <math.h>

#include "energy/chart.h"
#include "energy/window_in.h"
#include "nomem.h"
#include "study/study.h"

static const char windows_csv[] =
    "node,window,start,end,product,team,life,energy_delay,energy_due,energy_seen,count_due,"
    "count_seen,gq\n"
    "u,day,2026-01-05T00:00:00Z,2026-01-06T00:00:00Z,,,settled,26000000000,9,9,9,9,1000000\n"
    "u,day,2026-01-06T00:00:00Z,2026-01-07T00:00:00Z,,,settled,28000000000,9,9,9,9,2000000\n"
    "u,day,2026-01-07T00:00:00Z,2026-01-08T00:00:00Z,,,settled,30000000000,9,9,9,9,3000000\n"
    "u,day,2026-01-08T00:00:00Z,2026-01-09T00:00:00Z,,,settled,32000000000,9,9,9,9,4000000\n";

static bool read_rows(const struct energy_spec *s, struct energy_rows *out) {
    struct days *d = NULL;
    char why[ENERGY_WHY];
    bool ok = days_open(s, NULL, &d) == ERR_OK &&
              window_in_text("w", span_str(windows_csv), days_take, d, why) &&
              days_finish(d, NULL, INT64_MIN, INT64_MAX, out, why);
    days_close(d);
    return ok;
}

static bool draw(const struct study *s) {
    struct buf text;
    buf_init(&text);
    bool ok = chart_draw(&(struct chart){"C", "a", "z", s->rows->energy_kwh, NULL, s->rows->n},
                         &text) == ERR_OK;
    buf_fini(&text);
    return ok;
}

/* A day takes 24 kWh, a piece 2: what was frozen and read back expects 32 kWh of four. */
static bool study_back(struct span line, const struct energy_rows *rows, double *expected) {
    struct frozen back;
    struct study s = {0};
    char why[ENERGY_WHY];
    bool ok = frozen_parse("f", line, &back, why) && study_open(&back, rows, &s) == ERR_OK;
    if (ok) {
        *expected = study_expected(&s, 3);
        ok = draw(&s);
    }
    study_close(&s);
    frozen_fini(&back);
    return ok;
}

void nomem_energy(void) {
    struct frozen f = {.who = "a", .reason = "b"};
    struct baseline_wrong wrong;
    struct buf line;
    double expected = 0;
    char why[ENERGY_WHY];
    buf_init(&line);
    nomem_need(energy_spec_set_node(&f.spec, "u", why) &&
                   energy_spec_add_driver(&f.spec, "gq", why),
               "the spec is right");
    nomem_arm();
    bool ok = read_rows(&f.spec, &f.rows) && frozen_fit(&f, &wrong) == ERR_OK &&
              frozen_format(&f, &line) == ERR_OK && study_back(buf_span(&line), &f.rows, &expected);
    nomem_disarm();
    nomem_need(ok || nomem_struck(), "it fails for want of memory only");
    nomem_need(!ok || fabs(expected - 32) < 1e-9, "what came out is right");
    buf_fini(&line);
    frozen_fini(&f);
}
