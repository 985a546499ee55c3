#include <criterion/criterion.h>
#include <math.h>

#include "norm/status.h"
#include "shifts.h"

static const struct plant plant; /* of no carriers and tariffs */

struct norms {
    bool there[INDICATOR_COUNT];
    struct attain_norm of[INDICATOR_COUNT];
};

static bool look(void *user, enum indicator i, struct attain_norm *out) {
    const struct norms *n = user;
    *out = n->of[i];
    return n->there[i];
}

static void norm(struct norms *n, enum indicator i, double value) {
    n->there[i] = true;
    n->of[i] = (struct attain_norm){.value = value};
}

static const char *text_of(const struct status_whole *w) {
    static char text[128];
    struct buf out;
    buf_init(&out);
    cr_assert_eq(norm_status_text(w, &out), ERR_OK);
    cr_assert(out.n < sizeof text);
    memcpy(text, out.p, out.n);
    text[out.n] = 0;
    buf_fini(&out);
    return text;
}

/* 400 of 480 min run: 83.3 %; 480 min for 240 pieces: 2 min. No meter, no scrap counted. */
Test(status, the_whole_is_the_worst_and_is_written_out) {
    struct norms n = {0};
    struct status_whole w;
    struct made m;
    made_init(&m, 0, "blue", 400, 240);
    m.sums.q[QTY_SCRAP_SEEN] = 0;
    norm_status_whole(&plant, &m.sums, look, &n, &w);
    cr_expect_str_eq(text_of(&w), "2 without norm, 2 without data");
    cr_expect(w.of[CLASS_EQUIPMENT].neglected, "there are data and no norm");
    cr_expect(!w.of[CLASS_CONSUMPTION].neglected);
    norm(&n, IND_TIME_UTILIZATION, 0.80);
    norm(&n, IND_LABOUR_PER_UNIT, 1.9);
    norm_status_whole(&plant, &m.sums, look, &n, &w);
    cr_expect_eq(w.of[CLASS_EQUIPMENT].status, STATUS_MET);
    cr_expect_eq(w.of[CLASS_LABOUR].status, STATUS_NOT_MET);
    cr_expect_eq(w.worst, STATUS_NOT_MET);
    cr_expect_str_eq(text_of(&w), "1 met, 1 not met, 2 without data");
    norm(&n, IND_LABOUR_PER_UNIT, 2.3);   /* 2 is under 2.07 */
    norm(&n, IND_TIME_UTILIZATION, 0.75); /* 0.833 is above 0.825 */
    norm_status_whole(&plant, &m.sums, look, &n, &w);
    cr_expect_str_eq(text_of(&w), "2 better than norm, 2 without data");
    cr_expect_eq(w.worst, STATUS_NO_DATA);
}

/* A class is as bad as the worst of what is normed in it. */
Test(status, a_class_is_its_worst_normed_indicator) {
    struct norms n = {0};
    struct status_whole w;
    struct made m;
    made_init(&m, 0, "blue", 400, 240);
    norm(&n, IND_TIME_UTILIZATION, 0.80);
    norm(&n, IND_TECHNICAL_EFFICIENCY, 0.90); /* 400 / 480 */
    norm_status_whole(&plant, &m.sums, look, &n, &w);
    cr_expect_eq(w.of[CLASS_EQUIPMENT].status, STATUS_NOT_MET);
    cr_expect_eq(w.of[CLASS_EQUIPMENT].indicator, IND_TECHNICAL_EFFICIENCY);
}

Test(status, a_standard_is_met_within_its_band_only) {
    struct norms n = {0};
    struct status_whole w;
    struct made m;
    made_init(&m, 0, "blue", 400, 240);
    n.there[IND_LABOUR_PER_UNIT] = true;
    n.of[IND_LABOUR_PER_UNIT] = (struct attain_norm){.band = true, .low = 2.1, .high = 2.5};
    norm_status_whole(&plant, &m.sums, look, &n, &w);
    cr_expect_eq(w.of[CLASS_LABOUR].status, STATUS_NOT_MET, "less is no better");
    n.of[IND_LABOUR_PER_UNIT].low = 2;
    norm_status_whole(&plant, &m.sums, look, &n, &w);
    cr_expect_eq(w.of[CLASS_LABOUR].status, STATUS_MET);
}

/* 35 % as 35 * 0.01 is 0.35000000000000003: who made 0.35 has met it, in a band, too. */
Test(status, as_good_as_the_norm_is_met) {
    const struct indicator_value v = {.defined = true, .value = 0.35, .coverage = 1};
    const struct attain_norm one = {.value = 35 * 0.01},
                             band = {.band = true, .low = 35 * 0.01, .high = 0.5};
    cr_expect_eq(norm_status_of(IND_TIME_UTILIZATION, &v, &one), STATUS_MET);
    cr_expect_eq(norm_status_of(IND_TIME_UTILIZATION, &v, &band), STATUS_MET);
}

Test(status, little_coverage_is_no_data) {
    const struct indicator_value v = {.defined = true, .value = 2, .coverage = 0.94};
    const struct attain_norm norm = {.value = 1};
    cr_expect_eq(norm_status_of(IND_LABOUR_PER_UNIT, &v, &norm), STATUS_NO_DATA);
    cr_expect_eq(norm_status_of(IND_LABOUR_PER_UNIT, &v, NULL), STATUS_NO_NORM);
}

/* All four classes of this shift are at their norms. */
static struct status_whole good(struct made *m, struct norms *n) {
    struct status_whole w;
    m->sums.q[QTY_ENERGY_DUE] = m->sums.q[QTY_ENERGY_SEEN] = 480 * UTC_MINUTE_MS;
    m->sums.q[QTY_ENERGY + CAT_PRODUCTION] = INT64_C(24000000000); /* 24 kWh: 0.1 of a piece */
    norm(n, IND_TIME_UTILIZATION, 0.80);
    norm(n, IND_LABOUR_PER_UNIT, 2);
    norm(n, IND_ENERGY_PER_GOOD, 0.1);
    norm(n, IND_SCRAP_RATIO, 0.02);
    norm_status_whole(&plant, &m->sums, look, n, &w);
    return w;
}

Test(record, counts_only_with_everything_else_in_order) {
    struct norms n = {0};
    struct made m;
    double value = 0;
    made_init(&m, 0, "blue", 400, 240);
    struct status_whole w = good(&m, &n);
    cr_expect_eq(record_of(&m.shift, IND_LABOUR_PER_UNIT, &w, INFINITY, &value), RECORD_COUNTS);
    cr_expect(fabs(value - 2) < 1e-9);
    cr_expect_eq(record_of(&m.shift, IND_LABOUR_PER_UNIT, &w, 2, &value), RECORD_NOT_BEST);
    cr_expect_eq(record_of(&m.shift, IND_LABOUR_PER_UNIT, &w, 2.1, &value), RECORD_COUNTS);
    norm(&n, IND_ENERGY_PER_GOOD, 0.09); /* the pieces cost more energy than they may */
    norm_status_whole(&plant, &m.sums, look, &n, &w);
    cr_expect_eq(record_of(&m.shift, IND_LABOUR_PER_UNIT, &w, INFINITY, &value),
                 RECORD_OTHERS_NOT_MET);
    cr_expect_eq(record_of(&m.shift, IND_ENERGY_PER_GOOD, &w, INFINITY, &value), RECORD_COUNTS,
                 "its own class is not another one");
    n.there[IND_ENERGY_PER_GOOD] = false;
    norm_status_whole(&plant, &m.sums, look, &n, &w);
    cr_expect_eq(record_of(&m.shift, IND_LABOUR_PER_UNIT, &w, INFINITY, &value),
                 RECORD_PROVISIONAL);
}

Test(record, is_of_a_full_and_known_shift) {
    struct norms n = {0};
    struct made m;
    double value = 0;
    made_init(&m, 0, "blue", 400, 240);
    const struct status_whole w = good(&m, &n);
    m.sums.q[QTY_TIME + CAT_DELAY] -= 25 * UTC_MINUTE_MS; /* 455 of 480: 94.8 % */
    cr_expect_eq(record_of(&m.shift, IND_LABOUR_PER_UNIT, &w, INFINITY, &value), RECORD_NOT_FULL);
    m.sums.q[QTY_TIME + CAT_UNKNOWN] = 25 * UTC_MINUTE_MS;
    cr_expect_eq(record_of(&m.shift, IND_LABOUR_PER_UNIT, &w, INFINITY, &value), RECORD_COVERAGE);
}
