/* Why pieces were scrap: rows of reasons beside the cells of the same log. */
#include <criterion/criterion.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)

enum { SURFACE, BURR, JAM };
static const struct plant_reason reason[] = {
    [SURFACE] = {.id = {"surface"},
                 .kind = REASON_SCRAP,
                 .parent = UINT32_MAX,
                 .code = PLANT_NO_CODE},
    [BURR] = {.id = {"burr"}, .kind = REASON_SCRAP, .parent = SURFACE, .code = 7},
    [JAM] = {.id = {"jam"}, .kind = REASON_STOP, .parent = UINT32_MAX, .code = 9}};

static void tagged(struct unit_log *u, uint32_t signal, int64_t t, int64_t amount, int64_t tag) {
    cr_assert_eq(siglog_add(&u->log, &(struct siglog_entry){.signal = signal,
                                                            .kind = SIGLOG_EVENT,
                                                            .t0_ms = t,
                                                            .t1_ms = t,
                                                            .value = amount,
                                                            .tag = tag}),
                 ERR_OK);
}

/* What a person entered of scrap, its reason as it was typed. */
static void entered(struct unit_log *u, int64_t t0, int64_t t1, int64_t amount, const char *why) {
    const uint32_t id = CELL_ENTERED + ROLE_SCRAP;
    const uint32_t word = *why ? unit_log_word(u, why) : 0;
    bool listed = false;
    for (size_t i = 0; i < u->signal_n; i++)
        listed = listed || u->signal[i].signal == id;
    if (!listed)
        u->signal[u->signal_n++] = (struct cell_signal){
            .signal = id, .role = ROLE_SCRAP, .num = 1, .den = 1, .quantum = PIECES};
    u->unit.entered = ROLE_BIT(ROLE_SCRAP);
    log_row(u, id, t0, t1, amount, cell_tag(0, word));
}

static void with_reasons(struct unit_log *u) {
    unit_log_init(u, STATE_MAP);
    u->plant.reason = reason;
    u->plant.reason_n = sizeof reason / sizeof *reason;
}

/* Both parts of the row, -1: there is none. */
static int64_t of(const struct cell_rejects *r, enum cell_reject_kind kind, uint32_t why,
                  uint32_t stated, uint32_t product) {
    int64_t found = -1;
    for (size_t i = 0; i < r->n; i++) {
        const struct cell_reject *x = &r->at[i];
        if (x->kind == kind && x->reason == why && x->stated == stated && x->product == product) {
            cr_expect_eq(found, -1, "one row each");
            found = x->amount + x->amount_unknown;
        }
    }
    return found;
}

static void expect_sums(struct unit_log *u, const struct cell_rejects *r, int64_t from,
                        int64_t to) {
    const struct sums s = unit_log_compute(u, from, to);
    int64_t sum[2][2] = {{0}};
    for (size_t i = 0; i < r->n; i++) {
        sum[r->at[i].kind][0] += r->at[i].amount;
        sum[r->at[i].kind][1] += r->at[i].amount_unknown;
    }
    cr_expect_eq(sum[CELL_SCRAP][0], s.q[QTY_SQ]);
    cr_expect_eq(sum[CELL_SCRAP][1], s.q[QTY_SQ_UNKNOWN]);
    cr_expect_eq(sum[CELL_REWORK][0], s.q[QTY_RQ]);
    cr_expect_eq(sum[CELL_REWORK][1], s.q[QTY_RQ_UNKNOWN]);
}

static struct cell_rejects read(struct unit_log *u, int64_t from, int64_t to) {
    struct cell_rejects r = {0};
    const struct cell_input in = unit_log_input(u, from, to);
    cr_assert_eq(cell_rejects_add(&in, &r), ERR_OK);
    return r;
}

/* Bolts in the first two minutes, nuts in the next two. Tag 7 is burr, 5 is no reason, 9 is one of
 * stops only. */
Test(rejects, a_tag_names_the_reason_and_the_time_the_product) {
    struct unit_log u;
    with_reasons(&u);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t scrap = unit_log_signal(&u, ROLE_SCRAP);
    const uint32_t product = unit_log_signal(&u, ROLE_PRODUCT);
    log_state(&u, state, T0, T0 + 3 * MIN, MACHINE_RUN); /* and nothing is known of the fourth */
    log_word(&u, product, T0, T0 + 2 * MIN, "bolt");
    log_word(&u, product, T0 + 2 * MIN, T0 + 4 * MIN, "nut");
    tagged(&u, scrap, T0 + 30 * SEC, 2 * PIECES, 7);
    tagged(&u, scrap, T0 + 70 * SEC, 4 * PIECES, 7);
    tagged(&u, scrap, T0 + 80 * SEC, PIECES, 5);
    tagged(&u, scrap, T0 + 90 * SEC, PIECES, 9);
    tagged(&u, scrap, T0 + 150 * SEC, 3 * PIECES, 7);
    tagged(&u, scrap, T0 + 210 * SEC, 5 * PIECES, 7);
    struct cell_rejects r = read(&u, T0, T0 + 4 * MIN);
    const uint32_t bolt = unit_log_word(&u, "bolt"), nut = unit_log_word(&u, "nut");
    cr_expect_eq(r.n, 3u);
    cr_expect_eq(of(&r, CELL_SCRAP, BURR, 0, bolt), 6 * PIECES);
    cr_expect_eq(of(&r, CELL_SCRAP, BURR, 0, nut), 8 * PIECES);
    cr_expect_eq(of(&r, CELL_SCRAP, UINT32_MAX, 0, bolt), 2 * PIECES, "not stated");
    cr_expect_eq(r.at[1].amount_unknown, 5 * PIECES, "of the fourth minute");
    expect_sums(&u, &r, T0, T0 + 4 * MIN);
    cell_rejects_fini(&r);
    r = read(&u, T0 + MIN, T0 + 2 * MIN); /* the second minute alone */
    cr_expect_eq(of(&r, CELL_SCRAP, BURR, 0, bolt), 4 * PIECES);
    cr_expect_eq(r.n, 2u);
    expect_sums(&u, &r, T0 + MIN, T0 + 2 * MIN);
    cell_rejects_fini(&r);
    unit_log_fini(&u);
}

/* The id and the number of a reason are one; what the plant does not know is told as it stands. */
Test(rejects, what_people_state_is_the_plants_reason_or_their_words) {
    struct unit_log u;
    with_reasons(&u);
    log_state(&u, unit_log_signal(&u, ROLE_STATE), T0, T0 + 10 * MIN, MACHINE_RUN);
    entered(&u, T0, T0 + 10 * MIN, 10 * PIECES, "burr");
    entered(&u, T0, T0 + MIN, 4 * PIECES, "7");
    entered(&u, T0, T0 + MIN, PIECES, "porosity");
    entered(&u, T0, T0 + MIN, PIECES, "jam"); /* of stops: not one of scrap */
    entered(&u, T0, T0 + MIN, 2 * PIECES, "");
    struct cell_rejects r = read(&u, T0, T0 + 10 * MIN);
    const uint32_t bolt = unit_log_word(&u, "bolt");
    cr_expect_eq(r.n, 4u);
    cr_expect_eq(of(&r, CELL_SCRAP, BURR, 0, bolt), 14 * PIECES);
    cr_expect_eq(of(&r, CELL_SCRAP, UINT32_MAX, unit_log_word(&u, "porosity"), bolt), PIECES);
    cr_expect_eq(of(&r, CELL_SCRAP, UINT32_MAX, unit_log_word(&u, "jam"), bolt), PIECES);
    cr_expect_eq(of(&r, CELL_SCRAP, UINT32_MAX, 0, bolt), 2 * PIECES);
    expect_sums(&u, &r, T0, T0 + 10 * MIN);
    cell_rejects_fini(&r);
    /* Ten pieces over ten minutes of running: three in these three, as the cells have it. */
    r = read(&u, T0 + 4 * MIN, T0 + 7 * MIN);
    cr_expect_eq(of(&r, CELL_SCRAP, BURR, 0, bolt), 3 * PIECES);
    expect_sums(&u, &r, T0 + 4 * MIN, T0 + 7 * MIN);
    cell_rejects_fini(&r);
    unit_log_fini(&u);
}

/* 10 in all, 7 good, 1 to be reworked for its burr: 2 are scrap, and nobody said why. */
Test(rejects, scrap_that_a_total_leaves_over_has_no_reason) {
    struct unit_log u;
    with_reasons(&u);
    u.unit.total_has_scrap = true;
    log_state(&u, unit_log_signal(&u, ROLE_STATE), T0, T0 + MIN, MACHINE_RUN);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    const uint32_t good = unit_log_signal(&u, ROLE_GOOD);
    const uint32_t rework = unit_log_signal(&u, ROLE_REWORK);
    log_span(&u, total, T0, T0 + 30 * SEC, 10 * PIECES);
    log_span(&u, good, T0, T0 + 30 * SEC, 7 * PIECES);
    tagged(&u, rework, T0 + 20 * SEC, PIECES, 7);
    struct cell_rejects r = read(&u, T0, T0 + MIN);
    const uint32_t bolt = unit_log_word(&u, "bolt");
    cr_expect_eq(r.n, 2u);
    cr_expect_eq(of(&r, CELL_SCRAP, UINT32_MAX, 0, bolt), 2 * PIECES);
    cr_expect_eq(of(&r, CELL_REWORK, BURR, 0, bolt), PIECES);
    expect_sums(&u, &r, T0, T0 + MIN);
    cell_rejects_fini(&r);
    unit_log_fini(&u);
}
