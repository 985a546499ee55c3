/* Our table of indicators against that of ISO 22400-2, row by row. The facts below (class, formula,
 * trend) were written by hand from the machine-readable table of hsu-aut, version 2.0.0; where that
 * file lies beside the tree, they are held against it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "window/indicator.h"

#define OURS_NONE INDICATOR_COUNT

enum { HIGH = 'h', LOW = 'l', OTHER = '-' };

struct fact {
    const char *name;    /* class of the table */
    const char *formula; /* right of "=", as printed; "": an image or none */
    char better;
    enum indicator ours;
    const char *why; /* why our formula is another one, or why there is none */
};

#define UNKNOWN_OUT "unknown time is no planned busy time that we can judge: INDICATORS section 1"
#define NO_STOCK "stocks and transports are not read"
#define NO_SAMPLE "needs measured values of pieces, which are not read"

static const struct fact facts[] = {
    {"ActualToPlannedScrapRatio", "SQ / PSQ", LOW, IND_ACTUAL_TO_PLANNED_SCRAP, ""},
    {"AllocationEfficiency", "AUBT / PBT", HIGH, IND_ALLOCATION_EFFICIENCY, UNKNOWN_OUT},
    {"AllocationRatio", "AUBT / AOET", OTHER, OURS_NONE,
     "queues between operations are not read: AOET of a unit is its busy time, so this is 1"},
    {"Availability", "APT / PBT", HIGH, IND_TIME_UTILIZATION, UNKNOWN_OUT},
    {"ComprehensiveEnergyConsumption", "", LOW, IND_COMPREHENSIVE_ENERGY,
     "the table prints no formula; ours is that of INDICATORS section 4"},
    {"CorrectiveMaintenanceRatio", "CMT / (CMT + PMT)", LOW, OURS_NONE,
     "what a repair took is known of failures, not of maintenance work"},
    {"CriticalMachineCapabilityIndex", "", HIGH, OURS_NONE, NO_SAMPLE},
    {"CriticalProcessCapabilityIndex", "", HIGH, OURS_NONE, NO_SAMPLE},
    {"Effectiveness", "PRU * PQ / APT", HIGH, IND_EFFECTIVENESS,
     "a sum over products; PRI is the name of 2014; time of products without it dilutes nothing"},
    {"EquipmentLoadRate", "PQ / EPC", OTHER, OURS_NONE, "capacity is what norms are for"},
    {"FallOfRatio", "SQ / PQ of the first production order sequence", LOW, OURS_NONE,
     "orders have no sequence of operations here; scrap goes to the unit that made it"},
    {"FinishedGoodsRatio", "GQ / CM", HIGH, OURS_NONE,
     "its reciprocal, material per unit, is what plants set norms for"},
    {"FirstPassYield", "GP / IP", HIGH, IND_FIRST_PASS_YIELD, ""},
    {"IntegratedGoodsRatio", "IGQ / CM", HIGH, OURS_NONE, NO_STOCK},
    {"InventoryTurns", "Throughput / average inventory", HIGH, OURS_NONE, NO_STOCK},
    {"MachineCapabilityIndex", "(USL - LSL) / (6 * s)", HIGH, OURS_NONE, NO_SAMPLE},
    {"MeanOperationTimeBetweenFailures", "", HIGH, IND_MTBF,
     "the mean as two sums: time counts where it passed, a failure where it began"},
    {"MeanTimeToFailure", "", HIGH, OURS_NONE,
     "of what is repaired it is the time between failures, as the table itself says"},
    {"MeanTimeToRestoration", "", LOW, IND_MTTR,
     "the mean as two sums: time counts where it passed, a repair where it ended"},
    {"NetEquipmentEffectiveness", "AUPT / PBT * Effectiveness * Quality rate", HIGH, IND_NEE,
     UNKNOWN_OUT "; of the time of products with PRI, so that E and Q speak of the same"},
    {"OtherLossRatio", "OL / CM", LOW, OURS_NONE, NO_STOCK},
    {"OverallEquipmentEffectiveness", "Availability * Effectiveness * Quality rate", HIGH, IND_OEE,
     "the three multiplied out, so that it adds over products and units"},
    {"ProcessCapabilityIndex", "(USL - LSL) / (6 * s\xcb\x86 )", HIGH, OURS_NONE, NO_SAMPLE},
    {"ProductionLossRatio", "PL / CM", LOW, OURS_NONE, NO_STOCK},
    {"ProductionProcessRate", "APT / AOET", HIGH, OURS_NONE,
     "queues between operations are not read: on a unit it is the utilization efficiency"},
    {"QualityRatio", "GQ / PQ", HIGH, IND_QUALITY_RATIO, ""},
    {"ReworkRatio", "RQ / PQ", LOW, IND_REWORK_RATIO, ""},
    {"ScrapRatio", "SQ / PQ", LOW, IND_SCRAP_RATIO, ""},
    {"SetUpRate", "ASUT / AUPT", LOW, IND_SETUP_RATIO, "AUST is the same word, as of 2014"},
    {"StorageAndTransportationLossRatio", "STL / CM", LOW, OURS_NONE, NO_STOCK},
    {"TechnicalEfficiency", "APT / (APT + ADET)", HIGH, IND_TECHNICAL_EFFICIENCY, ""},
    {"ThroughputRate", "PQ / AOET", HIGH, IND_THROUGHPUT, ""},
    {"UtilizationEfficiency", "APT / AUBT", HIGH, IND_UTILIZATION_EFFICIENCY, ""},
    {"WorkerEfficiency", "APWT / APAT", HIGH, IND_WORKER_EFFICIENCY,
     "work in unknown time is not known to be work: INDICATORS section 1"},
};
enum { FACTS = sizeof facts / sizeof *facts };

Test(iso22400, every_row_of_ours_that_names_the_standard_has_one_there) {
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        const struct indicator_row *row = indicator_row((enum indicator)i);
        unsigned found = 0;
        for (unsigned k = 0; k < FACTS; k++)
            found += facts[k].ours == i;
        cr_expect_eq(found, row->iso[0] ? 1u : 0u, "%s: %u rows, iso is \"%s\"", row->id, found,
                     row->iso);
    }
}

Test(iso22400, formulas_agree_or_the_difference_is_explained) {
    for (unsigned k = 0; k < FACTS; k++) {
        const struct fact *f = &facts[k];
        if (f->ours == OURS_NONE) {
            cr_expect(f->why[0], "%s: why is it not ours?", f->name);
            continue;
        }
        const struct indicator_row *row = indicator_row(f->ours);
        const bool same = strcmp(row->formula, f->formula) == 0;
        cr_expect(same != (f->why[0] != 0), "%s: \"%s\" and \"%s\", explained by \"%s\"", f->name,
                  row->formula, f->formula, f->why);
    }
}

Test(iso22400, higher_and_lower_mean_the_same) {
    for (unsigned k = 0; k < FACTS; k++)
        if (facts[k].ours != OURS_NONE)
            cr_expect_eq(indicator_row(facts[k].ours)->direction,
                         facts[k].better == HIGH ? HIGH_IS_BETTER : LOW_IS_BETTER, "%s",
                         facts[k].name);
}

/* --- the table itself ---------------------------------------------------------------------------
 */

static const char table_path[] = PB_TOP "/../shared/data/iso22400-2_ontology_hsu.owl";

static char *table_text(void) {
    FILE *f = fopen(table_path, "rb");
    char *text = NULL;
    long n = 0;
    if (!f)
        return NULL;
    if (fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) > 0 && fseek(f, 0, SEEK_SET) == 0)
        text = calloc(1, (size_t)n + 1);
    if (text && fread(text, 1, (size_t)n, f) != (size_t)n) {
        free(text);
        text = NULL;
    }
    fclose(f);
    return text;
}

/* The element of this name inside [from, to): what stands between its tags; "" without it. */
static void element(const char *from, const char *to, const char *name, char *out, size_t cap) {
    char open[64], close[64];
    snprintf(open, sizeof open, "<ISO22400-21:%s", name);
    snprintf(close, sizeof close, "</ISO22400-21:%s>", name);
    out[0] = 0;
    const char *a = strstr(from, open);
    if (!a || a >= to)
        return;
    a = strchr(a, '>') + 1;
    const char *b = strstr(a, close);
    cr_assert(b && b < to && (size_t)(b - a) < cap);
    memcpy(out, a, (size_t)(b - a));
    out[b - a] = 0;
}

/* The next indicator of the table: a class below one of these four. */
static const char *next_indicator(const char *at, const char **end, char *name, size_t cap) {
    static const char *const above[] = {"#Production\"", "#Quality\"", "#Inventory\"",
                                        "#Maintenance\""};
    while ((at = strstr(at, "<owl:Class rdf:about=\""))) {
        const char *tag = strchr(at, '>');
        const char *hash = memchr(at, '#', (size_t)(tag - at));
        *end = tag[-1] == '/' ? tag : strstr(tag, "\n    </owl:Class>");
        cr_assert(hash && *end);
        snprintf(name, cap, "%.*s", (int)strcspn(hash + 1, "\""), hash + 1);
        for (unsigned i = 0; i < 4; i++) {
            char below[128];
            snprintf(below, sizeof below,
                     "<rdfs:subClassOf rdf:resource=\"http://www.w3id.org/hsu-aut/ISO22400-2%s",
                     above[i]);
            const char *found = strstr(at, below);
            if (found && found < *end)
                return at;
        }
        at = *end;
    }
    return NULL;
}

static char better_of(const char *trend) {
    if (strncmp(trend, "If ", 3) == 0)
        return OTHER; /* both ways */
    return strstr(trend, "lower") ? LOW : strstr(trend, "higher") ? HIGH : OTHER;
}

Test(iso22400, facts_are_those_of_the_machine_readable_table) {
    char *text = table_text();
    unsigned seen = 0;
    if (!text) {
        fprintf(stderr, "skipped: no %s\n", table_path);
        return;
    }
    char name[96];
    const char *end = NULL;
    for (const char *at = text; (at = next_indicator(at, &end, name, sizeof name)); at = end) {
        const struct fact *f = NULL;
        char formula[256], trend[1024];
        for (unsigned k = 0; k < FACTS; k++)
            f = strcmp(facts[k].name, name) == 0 ? &facts[k] : f;
        cr_assert(f, "%s is not among the facts", name);
        element(at, end, "formula", formula, sizeof formula);
        element(at, end, "ratingTrend", trend, sizeof trend);
        const char *right = strstr(formula, " = ");
        cr_expect_str_eq(right ? right + 3 : formula, f->formula, "%s", name);
        /* Of the process rate the first of two trends is a remark. */
        if (strcmp(name, "ProductionProcessRate") != 0 && strcmp(name, "AllocationRatio") != 0)
            cr_expect_eq(better_of(trend), f->better, "%s: %s", name, trend);
        seen++;
    }
    cr_expect_eq(seen, (unsigned)FACTS, "every fact is of the table");
    free(text);
}
