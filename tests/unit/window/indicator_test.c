#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "window/indicator.h"

static void minutes(struct sums *s, enum category c, int64_t n) {
    s->q[QTY_TIME + c] = n * 60000;
}

static void pieces(struct sums *s, int64_t good, int64_t scrap, int64_t pri_ns) {
    s->q[QTY_GQ] = good * 1000000;
    s->q[QTY_SQ] = scrap * 1000000;
    s->q[QTY_PQ] = (good + scrap) * 1000000;
    s->priced_pq = s->q[QTY_PQ];
    s->q[QTY_PRICED_RUN] = s->q[QTY_TIME + CAT_PRODUCTION]; /* set before the pieces */
    s->q[QTY_PRICED_SETUP] = s->q[QTY_TIME + CAT_SETUP];
    s->q[QTY_PRICED_TIME] = s->q[QTY_TIME + CAT_PRODUCTION] + s->q[QTY_TIME + CAT_SETUP] +
                            s->q[QTY_TIME + CAT_DELAY] + s->q[QTY_TIME + CAT_DOWN_NO_ORDER];
    s->pri_pq = (i128)s->q[QTY_PQ] * pri_ns;
    s->pri_gq = (i128)s->q[QTY_GQ] * pri_ns;
}

static void expect(enum indicator i, const struct sums *s, double value) {
    struct indicator_value v = indicator_of(i, s);
    cr_expect(v.defined, "%s is undefined", indicator_row(i)->id);
    cr_expect(fabs(v.value - value) < 0.00005, "%s = %.6f, expected %.4f", indicator_row(i)->id,
              v.value, value);
}

/* INDICATORS section 8, example 1: 480 min, breaks 60, stops 47, 1.0 s, 19,271 made, 423 rejected.
 */
Test(indicator, first_worked_example_gives_its_printed_figures) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 373);
    minutes(&s, CAT_DELAY, 47);
    minutes(&s, CAT_PLANNED_DOWN, 60);
    pieces(&s, 19271 - 423, 423, 1000000000);
    expect(IND_TIME_UTILIZATION, &s, 0.8881);
    expect(IND_EFFECTIVENESS, &s, 0.8611);
    expect(IND_QUALITY_RATIO, &s, 0.9780);
    expect(IND_OEE, &s, 0.7479);
}

/* The same with the stops split into 30 min of setup and 17 min of delay. */
Test(indicator, first_example_with_setup_gives_efficiencies_and_nee) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 373);
    minutes(&s, CAT_SETUP, 30);
    minutes(&s, CAT_DELAY, 17);
    minutes(&s, CAT_PLANNED_DOWN, 60);
    pieces(&s, 19271 - 423, 423, 1000000000);
    expect(IND_UTILIZATION_EFFICIENCY, &s, 0.8881);
    expect(IND_TECHNICAL_EFFICIENCY, &s, 0.9564);
    expect(IND_SETUP_RATIO, &s, 0.0744);
    expect(IND_NEE, &s, 0.8081);
}

/* Example 2: planned 910 min, unplanned stops 115, changeover 12, 203 cycles of 3 min standard: run
 * 783 min, A 783 / 910, performance 609 / 783. */
Test(indicator, second_worked_example_gives_its_printed_figures) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 783);
    minutes(&s, CAT_SETUP, 12);
    minutes(&s, CAT_DELAY, 115);
    pieces(&s, 203, 0, INT64_C(180000000000));
    expect(IND_TIME_UTILIZATION, &s, 0.8604);
    expect(IND_EFFECTIVENESS, &s, 0.7778);
}

/* Example 4: 24 h, 8 of them without a shift, 1.66 h of planned stops, 2.08 h of others: up 12.26
 * h. ISO's PBT has neither the idle nor the planned hours: 12.26 / 14.34. SMRP takes the planned
 * stops as lost: 12.26 / 16. */
Test(indicator, fourth_worked_example_gives_both_availabilities) {
    struct sums s = {0};
    s.q[QTY_TIME + CAT_NOT_SCHEDULED] = 8 * INT64_C(3600000);
    s.q[QTY_TIME + CAT_PLANNED_DOWN] = 5976000;
    s.q[QTY_TIME + CAT_DELAY] = 7488000;
    s.q[QTY_TIME + CAT_PRODUCTION] = 44136000;
    expect(IND_TIME_UTILIZATION, &s, 0.8550);
    expect(IND_AVAILABILITY_SMRP, &s, 0.7663);
}

/* Example 3: run 420 of 480 min, ideal 1 min, 400 made, 380 good. */
Test(indicator, third_worked_example_gives_its_printed_figures) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 420);
    minutes(&s, CAT_DELAY, 60);
    pieces(&s, 380, 20, INT64_C(60000000000));
    expect(IND_TIME_UTILIZATION, &s, 0.875);
    expect(IND_EFFECTIVENESS, &s, 0.9524);
    expect(IND_QUALITY_RATIO, &s, 0.95);
    expect(IND_OEE, &s, 0.7917);
}

/* Unknown time leaves the ratio of known time and opens a range: 300 of 400 known minutes, 80 more
 * unknown: 300/480 = 0.625 and 380/480 = 0.7917; coverage 1 - 80/480 = 0.8333. */
Test(indicator, unknown_time_gives_a_range_and_coverage) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 300);
    minutes(&s, CAT_DELAY, 100);
    minutes(&s, CAT_UNKNOWN, 80);
    struct indicator_value v = indicator_of(IND_TIME_UTILIZATION, &s);
    expect(IND_TIME_UTILIZATION, &s, 0.75);
    cr_expect(fabs(v.low - 0.625) < 1e-9);
    cr_expect(fabs(v.high - 380.0 / 480) < 1e-9);
    cr_expect(fabs(v.coverage - 400.0 / 480) < 1e-9);
}

Test(indicator, unknown_time_outside_the_calendar_lowers_no_coverage) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 60);
    minutes(&s, CAT_UNKNOWN, 60);
    s.q[QTY_UNKNOWN_OFF] = 60 * 60000;
    cr_expect(fabs(indicator_coverage(&s) - 1.0) < 1e-12);
}

Test(indicator, without_denominator_nothing_is_defined) {
    struct sums s = {0};
    s.q[QTY_ENERGY + CAT_DELAY] = 5000000000; /* 5 kWh and no piece */
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        struct indicator_value v = indicator_of((enum indicator)i, &s);
        bool ratio_of_energy = i == IND_STANDBY_RATIO;
        cr_expect_eq(v.defined, ratio_of_energy, "%s", indicator_row((enum indicator)i)->id);
        cr_expect(isfinite(v.denominator));
    }
    struct indicator_value e = indicator_of(IND_ENERGY_PER_GOOD, &s);
    cr_expect(fabs(e.numerator - 5.0) < 1e-12, "idle energy stays visible");
}

/* 12 kWh for 40 good pieces: 0.3 kWh; 3 persons for 2 h: 360 min / 40 = 9 min, 40 / 6 h = 6.667
 * 1/h. */
Test(indicator, consumption_and_labour_are_per_good_unit) {
    struct sums s = {0};
    pieces(&s, 40, 10, 1000000000);
    s.q[QTY_ENERGY + CAT_PRODUCTION] = INT64_C(12000000000);
    s.q[QTY_LABOUR] = 3 * 7200000;
    s.q[QTY_LABOUR_TIME] = 7200000;
    expect(IND_ENERGY_PER_GOOD, &s, 0.3);
    expect(IND_LABOUR_PER_UNIT, &s, 9.0);
    expect(IND_OUTPUT_PER_LABOUR_HOUR, &s, 40.0 / 6);
    expect(IND_SCRAP_RATIO, &s, 0.2);
}

Test(indicator, every_id_is_found_again_and_has_a_full_row) {
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        const struct indicator_row *r = indicator_row((enum indicator)i);
        cr_expect_eq(indicator_find(r->id), i);
        cr_expect(r->name && r->name_vi && r->unit && r->formula && r->numerator_name &&
                  r->denominator_name);
        for (unsigned k = 0; k < i; k++)
            cr_expect(strcmp(r->name_vi, indicator_row((enum indicator)k)->name_vi) != 0);
    }
    cr_expect_eq(indicator_find("nonsense"), INDICATOR_COUNT);
}

Test(indicator, each_class_has_a_lead_of_its_own_class) {
    for (unsigned c = 0; c < CLASS_COUNT; c++)
        cr_expect_eq(indicator_row(indicator_lead((enum norm_class)c))->norm_class, c);
}

/* What was never measured is not zero: an hour of running, 100 pieces by the total alone. The
 * meter, scrap and rework are due the whole hour and were not seen. */
Test(indicator, what_was_never_measured_is_undefined) {
    static const enum indicator silent[] = {IND_ENERGY_PER_GOOD, IND_STANDBY_RATIO, IND_SCRAP_RATIO,
                                            IND_REWORK_RATIO,    IND_QUALITY_RATIO, IND_NEE};
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 60);
    pieces(&s, 100, 0, 1000000000);
    s.q[QTY_ENERGY_DUE] = s.q[QTY_SCRAP_DUE] = s.q[QTY_QUALITY_DUE] = s.q[QTY_REWORK_DUE] = 3600000;
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
        struct indicator_value v = indicator_of(silent[i], &s);
        cr_expect(!v.defined, "%s", indicator_row(silent[i])->id);
        cr_expect(isnan(v.numerator), "%s: no number stands for what is not known",
                  indicator_row(silent[i])->id);
    }
    cr_expect(indicator_of(IND_OEE, &s).defined);
}

/* Seen for 45 of 60 minutes and nothing bad in them: zero is a value, with 75 % coverage. */
Test(indicator, what_was_seen_to_be_nothing_is_zero_with_its_coverage) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 60);
    pieces(&s, 100, 0, 1000000000);
    s.q[QTY_SCRAP_DUE] = s.q[QTY_QUALITY_DUE] = s.q[QTY_ENERGY_DUE] = 3600000;
    s.q[QTY_SCRAP_SEEN] = s.q[QTY_QUALITY_SEEN] = 2700000;
    s.q[QTY_ENERGY_SEEN] = 3600000;
    expect(IND_SCRAP_RATIO, &s, 0);
    expect(IND_QUALITY_RATIO, &s, 1);
    expect(IND_ENERGY_PER_GOOD, &s, 0);
    cr_expect(fabs(indicator_of(IND_SCRAP_RATIO, &s).coverage - 0.75) < 1e-12);
    cr_expect(fabs(indicator_of(IND_ENERGY_PER_GOOD, &s).coverage - 1) < 1e-12);
    cr_expect(fabs(indicator_of(IND_TIME_UTILIZATION, &s).coverage - 1) < 1e-12);
    s.q[QTY_TIME + CAT_UNKNOWN] = 3600000; /* half of two hours is known: the less of both counts */
    cr_expect(fabs(indicator_of(IND_SCRAP_RATIO, &s).coverage - 0.5) < 1e-12);
}

/* 100 made, 80 good, 20 scrap. 50 kWh of electricity, 30 of them in production, and 12 m3 of gas
 * that stand for 126 kWh: 176 kWh / 100 = 1.76, 0.3, 50 x 20 / 100 = 10; 43 kg / 80 = 0.5375;
 * 12 / 80 = 0.15. */
Test(indicator, carriers_count_with_their_factors) {
    struct sums s = {0};
    pieces(&s, 80, 20, 1000000000);
    s.q[QTY_ENERGY + CAT_PRODUCTION] = INT64_C(30000000000);
    s.q[QTY_ENERGY + CAT_DELAY] = INT64_C(20000000000);
    s.q[QTY_CARRIER + CARRIER_GAS] = 12000000;
    s.q[QTY_TOTAL_ENERGY] = INT64_C(176000000000);
    s.q[QTY_CO2] = 43000000;
    s.q[QTY_CARRIER_DUE + 2 * CARRIER_STEAM] = 60000;
    expect(IND_COMPREHENSIVE_ENERGY, &s, 1.76);
    expect(IND_DIRECT_ENERGY_PER_UNIT, &s, 0.3);
    expect(IND_SCRAP_ENERGY, &s, 10);
    expect(IND_CO2_PER_GOOD, &s, 0.5375);
    expect(IND_CARRIER_PER_GOOD + CARRIER_GAS, &s, 0.15);
    cr_expect(!indicator_of(IND_CARRIER_PER_GOOD + CARRIER_WATER, &s).defined, "no meter");
    cr_expect(!indicator_of(IND_CARRIER_PER_GOOD + CARRIER_STEAM, &s).defined, "never seen");
    s.q[QTY_CARRIER_DUE + 2 * CARRIER_STEAM + 1] = 30000;
    expect(IND_CARRIER_PER_GOOD + CARRIER_STEAM, &s, 0);
    cr_expect(fabs(indicator_of(IND_CARRIER_PER_GOOD + CARRIER_STEAM, &s).coverage - 0.5) < 1e-12);
}

/* 30 kWh and 40 kvarh of one machine: 30 / 50. A machine without a reactive meter adds nothing. */
Test(indicator, power_factor_is_of_sums) {
    struct sums s = {0};
    s.q[QTY_ENERGY + CAT_PRODUCTION] = INT64_C(90000000000);
    cr_expect(!indicator_of(IND_POWER_FACTOR, &s).defined, "no meter");
    s.q[QTY_REACTIVE_ENERGY] = INT64_C(30000000000);
    s.q[QTY_REACTIVE] = INT64_C(40000000000);
    s.q[QTY_REACTIVE_DUE] = 7200000;
    s.q[QTY_REACTIVE_SEEN] = 5400000;
    expect(IND_POWER_FACTOR, &s, 0.6);
    cr_expect(fabs(indicator_of(IND_POWER_FACTOR, &s).coverage - 0.75) < 1e-12);
    s.q[QTY_REACTIVE_ENERGY] = s.q[QTY_REACTIVE] = 0;
    cr_expect(!indicator_of(IND_POWER_FACTOR, &s).defined, "nothing flowed");
}

/* 24 and 6 of the currency for 80 good pieces: 0.375. With 1 kWh that no tariff prices it is not
 * known. */
Test(indicator, cost_is_of_all_bands_or_undefined) {
    struct sums s = {0};
    pieces(&s, 80, 20, 1000000000);
    s.q[QTY_ENERGY + CAT_PRODUCTION] = INT64_C(30000000000);
    s.q[QTY_BAND_COST + BAND_PEAK] = 24000000;
    s.q[QTY_BAND_COST + BAND_LOW] = 6000000;
    expect(IND_COST_PER_GOOD, &s, 0.375);
    s.q[QTY_UNPRICED_ENERGY] = 1000000000;
    cr_expect(!indicator_of(IND_COST_PER_GOOD, &s).defined);
}

/* One cell of steam had no factor: the whole is not known, electricity by itself is. */
Test(indicator, what_no_factor_converts_leaves_the_whole_undefined) {
    struct sums s = {0};
    pieces(&s, 80, 20, 1000000000);
    s.q[QTY_ENERGY + CAT_PRODUCTION] = s.q[QTY_TOTAL_ENERGY] = INT64_C(30000000000);
    s.q[QTY_CO2] = 15000000;
    s.q[QTY_TOTAL_UNRATED] = 1;
    cr_expect(!indicator_of(IND_COMPREHENSIVE_ENERGY, &s).defined);
    expect(IND_CO2_PER_GOOD, &s, 0.1875);
    s.q[QTY_CO2_UNRATED] = 1;
    cr_expect(!indicator_of(IND_CO2_PER_GOOD, &s).defined);
    expect(IND_ENERGY_PER_GOOD, &s, 0.375);
}

Test(indicator, a_plant_has_what_its_file_names) {
    struct plant p = {.carrier = {[CARRIER_GAS] = {.name = "Gas", .unit = "m3"}}};
    cr_expect(indicator_applies(&p, IND_OEE));
    cr_expect(indicator_applies(&p, IND_CARRIER_PER_GOOD + CARRIER_GAS));
    cr_expect(!indicator_applies(&p, IND_CARRIER_PER_GOOD + CARRIER_STEAM));
    cr_expect_str_eq(indicator_unit(&p, IND_CARRIER_PER_GOOD + CARRIER_GAS), "m3");
    cr_expect_str_eq(indicator_unit(&p, IND_OEE), "1");
    cr_expect(indicator_qty_applies(&p, QTY_PQ));
    cr_expect(indicator_qty_applies(&p, QTY_CO2));
    for (unsigned c = 0; c < CARRIER_OTHERS; c++) {
        const bool has = c == CARRIER_GAS;
        cr_expect_eq(indicator_qty_applies(&p, (enum qty)(QTY_CARRIER + c)), has);
        cr_expect_eq(indicator_qty_applies(&p, (enum qty)(QTY_CARRIER_RUN + c)), has);
        cr_expect_eq(indicator_qty_applies(&p, (enum qty)(QTY_CARRIER_IDLE + c)), has);
        cr_expect_eq(indicator_qty_applies(&p, (enum qty)(QTY_CARRIER_DUE + 2 * c)), has);
        cr_expect_eq(indicator_qty_applies(&p, (enum qty)(QTY_CARRIER_DUE + 2 * c + 1)), has);
    }
}

/* Holiday: an hour outside the calendar is not an hour without data. */
Test(indicator, without_planned_busy_time_there_is_no_coverage) {
    struct sums s = {0};
    minutes(&s, CAT_NOT_SCHEDULED, 60);
    cr_expect(isnan(indicator_coverage(&s)));
    cr_expect(isnan(indicator_of(IND_TIME_UTILIZATION, &s).coverage));
}

/* 30 min of a product with PRI 1 s, 1,800 made, and 30 min of one without: E and OEE are 1 of the
 * first half hour, not 0.5 of the whole. */
Test(indicator, products_without_ideal_cycle_dilute_nothing) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 30);
    pieces(&s, 1800, 0, 1000000000);
    minutes(&s, CAT_PRODUCTION, 60);
    s.q[QTY_PQ] += 1800 * 1000000;
    s.q[QTY_GQ] += 1800 * 1000000;
    cr_expect(!indicator_unpriced(&s));
    s.q[QTY_PQ_UNPRICED] = 1800 * 1000000;
    expect(IND_EFFECTIVENESS, &s, 1);
    expect(IND_OEE, &s, 1);
    cr_expect(indicator_unpriced(&s));
}

/* 590 made, of which 100 scrap in a gap of unknown time: 490 / 590, beside 100 / 590; OEE is of
 * those of known time alone, 490 s of 3,600 s. NEE takes the same quality. */
Test(indicator, quality_is_of_all_pieces_and_oee_of_known_time) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 60);
    pieces(&s, 490, 0, 1000000000);
    s.q[QTY_PQ_UNKNOWN] = 100 * 1000000;
    s.q[QTY_SQ_UNKNOWN] = 100 * 1000000;
    expect(IND_QUALITY_RATIO, &s, 490.0 / 590);
    expect(IND_SCRAP_RATIO, &s, 100.0 / 590);
    expect(IND_OEE, &s, 490.0 / 3600);
    expect(IND_NEE, &s, 490.0 / 3600 * 490 / 590);
}

/* Three machines ran an hour each; the last one's 2,520 pieces are the line's. */
Test(indicator, throughput_is_per_hour_of_the_outputs) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 180);
    s.q[QTY_PQ] = INT64_C(2520) * 1000000;
    s.q[QTY_ORDER_TIME] = 3600000;
    expect(IND_THROUGHPUT, &s, 2520);
}

/* 50 inspected, 47 passed; 5 scrap where 3 are planned: 166.67 %. */
Test(indicator, first_pass_and_planned_scrap) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 60);
    pieces(&s, 115, 5, 1000000000);
    s.q[QTY_INSPECTED] = 50 * 1000000;
    s.q[QTY_FIRST_GOOD] = 47 * 1000000;
    s.q[QTY_PLANNED_SQ] = 5 * 1000000;
    s.q[QTY_PLANNED_SCRAP] = 3 * 1000000;
    expect(IND_FIRST_PASS_YIELD, &s, 0.94);
    expect(IND_ACTUAL_TO_PLANNED_SCRAP, &s, 1.6667);
    s.q[QTY_INSPECTED] = s.q[QTY_FIRST_GOOD] = 0;
    cr_expect(!indicator_of(IND_FIRST_PASS_YIELD, &s).defined, "nobody inspected");
}

/* One person at two machines for an hour: 20 min of her work, 5 min at a machine that is not heard
 * of: 20 / 55. Two machine hours in one of hers. */
Test(indicator, workers_and_their_machines) {
    struct sums s = {0};
    s.q[QTY_LABOUR] = 3600000;
    s.q[QTY_LABOUR_WORK] = 1200000;
    s.q[QTY_LABOUR_UNKNOWN] = 300000;
    s.q[QTY_LABOUR_TIME] = 7200000;
    expect(IND_WORKER_EFFICIENCY, &s, 0.3636);
    expect(IND_MACHINES_PER_WORKER, &s, 2);
    s.q[QTY_LABOUR] = 0;
    cr_expect(!indicator_of(IND_MACHINES_PER_WORKER, &s).defined, "nobody was there");
}

/* Six people for eight hours where seven are normed: 48 of 56 h. For a quarter of the time nobody
 * told how many there are. */
Test(indicator, manning_is_who_is_there_against_the_norm) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 480);
    s.q[QTY_MANNING_DUE] = 40 * INT64_C(3600000);
    s.q[QTY_MANNING_SEEN] = 30 * INT64_C(3600000);
    s.q[QTY_MANNED] = 48 * INT64_C(3600000);
    s.q[QTY_MANNING_NORM] = 56 * INT64_C(3600000);
    expect(IND_MANNING, &s, 0.8571);
    const struct indicator_value v = indicator_of(IND_MANNING, &s);
    cr_expect_float_eq(v.numerator, 48, 1e-12);
    cr_expect_float_eq(v.denominator, 56, 1e-12);
    cr_expect_float_eq(v.coverage, 0.75, 1e-12);
    s.q[QTY_MANNED] = 0;
    expect(IND_MANNING, &s, 0);
    s.q[QTY_MANNING_SEEN] = s.q[QTY_MANNING_NORM] = 0;
    cr_expect(!indicator_of(IND_MANNING, &s).defined, "nobody told how many there were");
    cr_expect(isnan(indicator_of(IND_MANNING, &s).numerator));
}

/* 400 min run, 20 of micro-stops, 60 of other delay, 18,000 pieces of 1 s: A 400/480, E 300/400;
 * told the other way 420/480 and 300/420. A x E is 300/480 both times. */
Test(indicator, micro_stops_as_speed_loss_move_the_loss_and_not_the_product) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 400);
    minutes(&s, CAT_DELAY, 80);
    s.q[QTY_DELAY + CAUSE_MICRO_STOP] = 20 * 60000;
    pieces(&s, 18000, 0, 1000000000);
    s.q[QTY_PRICED_MICRO] = 20 * 60000;
    expect(IND_TIME_UTILIZATION, &s, 0.8333);
    expect(IND_EFFECTIVENESS, &s, 0.75);
    expect(IND_AVAILABILITY_MICRO, &s, 0.875);
    expect(IND_EFFECTIVENESS_MICRO, &s, 0.7143);
    expect(IND_OEE, &s, 0.625);
}

/* Three failures begun in 30 h of production and 3 of setup: 11 h; two over after 90 min: 0.75 h.
 */
Test(indicator, failures_have_means_with_their_divisors) {
    struct sums s = {0};
    minutes(&s, CAT_PRODUCTION, 30 * 60);
    minutes(&s, CAT_SETUP, 180);
    s.q[QTY_FAILURES] = 3;
    s.q[QTY_REPAIRS] = 2;
    s.q[QTY_REPAIR_TIME] = 90 * 60000;
    expect(IND_MTBF, &s, 11);
    expect(IND_MTTR, &s, 0.75);
    cr_expect(fabs(indicator_of(IND_MTBF, &s).denominator - 3) < 1e-12);
    s.q[QTY_FAILURES] = s.q[QTY_REPAIRS] = 0;
    cr_expect(!indicator_of(IND_MTBF, &s).defined && !indicator_of(IND_MTTR, &s).defined);
}
