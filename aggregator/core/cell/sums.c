/* Names of the quantities, and sums as bytes:
 *
 *   varint n           number of pairs, at most QTY_COUNT + 3
 *   n x { varint step  index minus the one before, minus 1 (the first: the index itself)
 *         value }      zigzag varint: 128 bit for index < 2, 64 bit above
 *
 * Index 0 is pri_pq, then pri_gq and priced_pq, then the quantities: one that is appended to them
 * leaves older bytes as they are. Values are not 0 and indexes rise, so sums have exactly one form.
 * Whoever stores these bytes guards them with a checksum of the whole record. */
#include "cell/sums.h"

#include "cell/varint128.h"

enum { INDEX_PRI_PQ, INDEX_PRI_GQ, INDEX_PRICED, INDEX_QTY, INDEX_COUNT = INDEX_QTY + QTY_COUNT };

/* A call on its own: zeroed inline, of a size that the compiler knows, they would be slow to be
 * read again. */
void sums_clear(struct sums *s, size_t n) {
    memset(s, 0, n * sizeof *s);
}

bool sums_zero(const struct sums *s) {
    for (unsigned i = 0; i < QTY_COUNT; i++)
        if (s->q[i] != 0)
            return false;
    return s->pri_pq == 0 && s->pri_gq == 0 && s->priced_pq == 0;
}

bool sums_equal(const struct sums *a, const struct sums *b) {
    return memcmp(a->q, b->q, sizeof a->q) == 0 && a->pri_pq == b->pri_pq &&
           a->pri_gq == b->pri_gq && a->priced_pq == b->priced_pq;
}

static int64_t sum_of(const struct sums *s, unsigned first, unsigned n) {
    int64_t sum = 0;

    for (unsigned i = 0; i < n; i++)
        sum = sums_plus(sum, s->q[first + i]);
    return sum;
}

int64_t sums_time(const struct sums *s) {
    return sum_of(s, QTY_TIME, CATEGORY_COUNT);
}

int64_t sums_energy(const struct sums *s) {
    return sum_of(s, QTY_ENERGY, CATEGORY_COUNT);
}

int64_t sums_cost(const struct sums *s) {
    return sum_of(s, QTY_BAND_COST, BAND_COUNT);
}

const char *category_name(enum category c) {
    static const char *const name[CATEGORY_COUNT] = {
        [CAT_UNKNOWN] = "unknown",
        [CAT_NOT_SCHEDULED] = "not_scheduled",
        [CAT_PLANNED_DOWN] = "planned_down",
        [CAT_PRODUCTION] = "production",
        [CAT_SETUP] = "setup",
        [CAT_DELAY] = "delay",
        [CAT_DOWN_NO_ORDER] = "down_no_order",
        [CAT_ENGINEERING] = "engineering",
    };

    return (unsigned)c < CATEGORY_COUNT ? name[c] : "none";
}

enum cause cause_stated(struct span text) {
    if (text.n == 0)
        return CAUSE_UNSTATED;
    for (unsigned i = 0; i < CAUSE_COUNT; i++)
        if (span_equal(text, span_str(cause_name((enum cause)i))))
            return (enum cause)i;
    return CAUSE_OTHER;
}

const char *cause_name(enum cause c) {
    static const char *const name[CAUSE_COUNT] = {
        [CAUSE_UNSTATED] = "unstated",     [CAUSE_FAILURE] = "failure",
        [CAUSE_MICRO_STOP] = "micro_stop", [CAUSE_BLOCKED] = "blocked",
        [CAUSE_STARVED] = "starved",       [CAUSE_MATERIAL] = "material",
        [CAUSE_OPERATOR] = "operator",     [CAUSE_QUALITY] = "quality",
        [CAUSE_ENERGY] = "energy",         [CAUSE_SPEED] = "speed",
        [CAUSE_OTHER] = "other",
    };

    return (unsigned)c < CAUSE_COUNT ? name[c] : "none";
}

static const char *const qty_names[QTY_COUNT] = {
    [QTY_TIME + CAT_UNKNOWN] = "time_unknown",
    [QTY_TIME + CAT_NOT_SCHEDULED] = "time_not_scheduled",
    [QTY_TIME + CAT_PLANNED_DOWN] = "time_planned_down",
    [QTY_TIME + CAT_PRODUCTION] = "time_production",
    [QTY_TIME + CAT_SETUP] = "time_setup",
    [QTY_TIME + CAT_DELAY] = "time_delay",
    [QTY_TIME + CAT_DOWN_NO_ORDER] = "time_down_no_order",
    [QTY_TIME + CAT_ENGINEERING] = "time_engineering",
    [QTY_UNKNOWN_OFF] = "time_unknown_off",
    [QTY_UNPLANNED_RUN] = "time_unplanned_run",
    [QTY_DELAY + CAUSE_UNSTATED] = "delay_unstated",
    [QTY_DELAY + CAUSE_FAILURE] = "delay_failure",
    [QTY_DELAY + CAUSE_MICRO_STOP] = "delay_micro_stop",
    [QTY_DELAY + CAUSE_BLOCKED] = "delay_blocked",
    [QTY_DELAY + CAUSE_STARVED] = "delay_starved",
    [QTY_DELAY + CAUSE_MATERIAL] = "delay_material",
    [QTY_DELAY + CAUSE_OPERATOR] = "delay_operator",
    [QTY_DELAY + CAUSE_QUALITY] = "delay_quality",
    [QTY_DELAY + CAUSE_ENERGY] = "delay_energy",
    [QTY_DELAY + CAUSE_SPEED] = "delay_speed",
    [QTY_DELAY + CAUSE_OTHER] = "delay_other",
    [QTY_ENERGY + CAT_UNKNOWN] = "energy_unknown",
    [QTY_ENERGY + CAT_NOT_SCHEDULED] = "energy_not_scheduled",
    [QTY_ENERGY + CAT_PLANNED_DOWN] = "energy_planned_down",
    [QTY_ENERGY + CAT_PRODUCTION] = "energy_production",
    [QTY_ENERGY + CAT_SETUP] = "energy_setup",
    [QTY_ENERGY + CAT_DELAY] = "energy_delay",
    [QTY_ENERGY + CAT_DOWN_NO_ORDER] = "energy_down_no_order",
    [QTY_ENERGY + CAT_ENGINEERING] = "energy_engineering",
    [QTY_ENERGY_GAP] = "energy_gap",
    [QTY_PQ] = "pq",
    [QTY_GQ] = "gq",
    [QTY_SQ] = "sq",
    [QTY_RQ] = "rq",
    [QTY_PQ_UNKNOWN] = "pq_unknown",
    [QTY_GQ_UNKNOWN] = "gq_unknown",
    [QTY_SQ_UNKNOWN] = "sq_unknown",
    [QTY_RQ_UNKNOWN] = "rq_unknown",
    [QTY_LABOUR] = "labour",
    [QTY_LABOUR_TIME] = "labour_time",
    [QTY_WORK] = "work",
    [QTY_MATERIAL] = "material",
    [QTY_FAILURES] = "failures",
    [QTY_STOPS] = "stops",
    [QTY_ENERGY_DUE] = "energy_due",
    [QTY_ENERGY_SEEN] = "energy_seen",
    [QTY_COUNT_DUE] = "count_due",
    [QTY_COUNT_SEEN] = "count_seen",
    [QTY_SCRAP_DUE] = "scrap_due",
    [QTY_SCRAP_SEEN] = "scrap_seen",
    [QTY_QUALITY_DUE] = "quality_due",
    [QTY_QUALITY_SEEN] = "quality_seen",
    [QTY_REWORK_DUE] = "rework_due",
    [QTY_REWORK_SEEN] = "rework_seen",
    [QTY_ORDER_TIME] = "order_time",
    [QTY_PRICED_RUN] = "priced_run",
    [QTY_PRICED_SETUP] = "priced_setup",
    [QTY_PRICED_TIME] = "priced_time",
    [QTY_PQ_UNPRICED] = "pq_unpriced",
    [QTY_CARRIER + CARRIER_GAS] = "gas",
    [QTY_CARRIER + CARRIER_STEAM] = "steam",
    [QTY_CARRIER + CARRIER_WATER] = "water",
    [QTY_CARRIER + CARRIER_AIR] = "air",
    [QTY_CARRIER + CARRIER_HEAT] = "heat",
    [QTY_CARRIER + CARRIER_FUEL] = "fuel",
    [QTY_CARRIER_RUN + CARRIER_GAS] = "gas_production",
    [QTY_CARRIER_RUN + CARRIER_STEAM] = "steam_production",
    [QTY_CARRIER_RUN + CARRIER_WATER] = "water_production",
    [QTY_CARRIER_RUN + CARRIER_AIR] = "air_production",
    [QTY_CARRIER_RUN + CARRIER_HEAT] = "heat_production",
    [QTY_CARRIER_RUN + CARRIER_FUEL] = "fuel_production",
    [QTY_CARRIER_IDLE + CARRIER_GAS] = "gas_idle",
    [QTY_CARRIER_IDLE + CARRIER_STEAM] = "steam_idle",
    [QTY_CARRIER_IDLE + CARRIER_WATER] = "water_idle",
    [QTY_CARRIER_IDLE + CARRIER_AIR] = "air_idle",
    [QTY_CARRIER_IDLE + CARRIER_HEAT] = "heat_idle",
    [QTY_CARRIER_IDLE + CARRIER_FUEL] = "fuel_idle",
    [QTY_CARRIER_DUE + 2 * CARRIER_GAS] = "gas_due",
    [QTY_CARRIER_DUE + 2 * CARRIER_GAS + 1] = "gas_seen",
    [QTY_CARRIER_DUE + 2 * CARRIER_STEAM] = "steam_due",
    [QTY_CARRIER_DUE + 2 * CARRIER_STEAM + 1] = "steam_seen",
    [QTY_CARRIER_DUE + 2 * CARRIER_WATER] = "water_due",
    [QTY_CARRIER_DUE + 2 * CARRIER_WATER + 1] = "water_seen",
    [QTY_CARRIER_DUE + 2 * CARRIER_AIR] = "air_due",
    [QTY_CARRIER_DUE + 2 * CARRIER_AIR + 1] = "air_seen",
    [QTY_CARRIER_DUE + 2 * CARRIER_HEAT] = "heat_due",
    [QTY_CARRIER_DUE + 2 * CARRIER_HEAT + 1] = "heat_seen",
    [QTY_CARRIER_DUE + 2 * CARRIER_FUEL] = "fuel_due",
    [QTY_CARRIER_DUE + 2 * CARRIER_FUEL + 1] = "fuel_seen",
    [QTY_TOTAL_ENERGY] = "total_energy",
    [QTY_TOTAL_UNRATED] = "total_unrated",
    [QTY_TOTAL_DUE] = "total_due",
    [QTY_TOTAL_SEEN] = "total_seen",
    [QTY_CO2] = "co2",
    [QTY_CO2_UNRATED] = "co2_unrated",
    [QTY_REACTIVE] = "reactive",
    [QTY_REACTIVE_ENERGY] = "reactive_energy",
    [QTY_REACTIVE_DUE] = "reactive_due",
    [QTY_REACTIVE_SEEN] = "reactive_seen",
    [QTY_BAND_ENERGY + BAND_PEAK] = "bought_peak",
    [QTY_BAND_ENERGY + BAND_NORMAL] = "bought_normal",
    [QTY_BAND_ENERGY + BAND_LOW] = "bought_low",
    [QTY_BAND_ENERGY + BAND_SPECIAL] = "bought_special",
    [QTY_BAND_COST + BAND_PEAK] = "cost_peak",
    [QTY_BAND_COST + BAND_NORMAL] = "cost_normal",
    [QTY_BAND_COST + BAND_LOW] = "cost_low",
    [QTY_BAND_COST + BAND_SPECIAL] = "cost_special",
    [QTY_BAND_CO2 + BAND_PEAK] = "co2_peak",
    [QTY_BAND_CO2 + BAND_NORMAL] = "co2_normal",
    [QTY_BAND_CO2 + BAND_LOW] = "co2_low",
    [QTY_BAND_CO2 + BAND_SPECIAL] = "co2_special",
    [QTY_UNPRICED_ENERGY] = "unpriced_energy",
    [QTY_IMPORT] = "import",
    [QTY_EXPORT] = "export",
    [QTY_GENERATION] = "generation",
    [QTY_STORAGE_IN] = "storage_in",
    [QTY_STORAGE_OUT] = "storage_out",
    [QTY_INSPECTED] = "inspected",
    [QTY_FIRST_GOOD] = "first_good",
    [QTY_PASS_DUE] = "pass_due",
    [QTY_PASS_SEEN] = "pass_seen",
    [QTY_PLANNED_SCRAP] = "planned_scrap",
    [QTY_PLANNED_SQ] = "planned_sq",
    [QTY_LABOUR_WORK] = "labour_work",
    [QTY_LABOUR_UNKNOWN] = "labour_unknown",
    [QTY_PRICED_MICRO] = "priced_micro",
    [QTY_REPAIR_TIME] = "repair_time",
    [QTY_REPAIRS] = "repairs",
    [QTY_MANNING_DUE] = "manning_due",
    [QTY_MANNING_SEEN] = "manning_seen",
    [QTY_MANNED] = "manned",
    [QTY_MANNING_NORM] = "manning_norm",
    [QTY_BREACH] = "breach",
    [QTY_BREACH_OF + BREACH_MAINTENANCE] = "breach_maintenance",
    [QTY_BREACH_OF + BREACH_MATERIAL] = "breach_material",
    [QTY_BREACH_OF + BREACH_PROCEDURE] = "breach_procedure",
    [QTY_BREACH_OF + BREACH_TOOL] = "breach_tool",
    [QTY_BREACH_OF + BREACH_SUPPLY] = "breach_supply",
    [QTY_BREACH_OF + BREACH_STAFFING] = "breach_staffing",
    [QTY_BREACH_OF + BREACH_SAFETY] = "breach_safety",
    [QTY_BREACH_OF + BREACH_OTHER] = "breach_other",
    [QTY_UNPROVEN] = "breach_unknown",
};

const char *qty_name(enum qty q) {
    return (unsigned)q < QTY_COUNT ? qty_names[q] : "none";
}

enum { PAIR_BYTES_MAX = 2 + VARINT128_MAX };

static uint8_t *varint_put(uint8_t *at, uint64_t v) {
    for (; v >= 0x80; v >>= 7)
        *at++ = (uint8_t)(v | 0x80);
    *at++ = (uint8_t)v;
    return at;
}

enum err sums_pack(const struct sums *s, struct buf *out) {
    const i128 wide[INDEX_QTY] = {
        [INDEX_PRI_PQ] = s->pri_pq, [INDEX_PRI_GQ] = s->pri_gq, [INDEX_PRICED] = s->priced_pq};
    size_t n = 0;
    unsigned next = 0;

    for (unsigned i = 0; i < QTY_COUNT; i++)
        n += s->q[i] != 0;
    for (unsigned i = 0; i < INDEX_QTY; i++)
        n += wide[i] != 0;
    enum err e = buf_reserve(out, (n + 1) * PAIR_BYTES_MAX);
    if (e != ERR_OK)
        return e;
    uint8_t *at = varint_put(out->p + out->n, n);
    for (unsigned i = 0; i < INDEX_COUNT; i++) {
        const i128 v = i < INDEX_QTY ? wide[i] : s->q[i - INDEX_QTY];
        if (v == 0)
            continue;
        at = varint_put(at, i - next);
        at = varint128_put(at, v);
        next = i + 1;
    }
    out->n = (size_t)(at - out->p);
    return ERR_OK;
}

static enum err value_take(struct cursor *c, unsigned index, struct sums *s) {
    i128 v;
    const enum err e = varint128_take(c, &v);

    if (e != ERR_OK)
        return e;
    const bool fits = v >= INT64_MIN && v <= INT64_MAX;
    if (v == 0 || (index > INDEX_PRI_GQ && !fits))
        return ERR_FORMAT;
    switch (index) {
    case INDEX_PRICED:
        s->priced_pq = (int64_t)v;
        break;
    case INDEX_PRI_PQ:
        s->pri_pq = v;
        break;
    case INDEX_PRI_GQ:
        s->pri_gq = v;
        break;
    default:
        s->q[index - INDEX_QTY] = (int64_t)v;
        break;
    }
    return ERR_OK;
}

enum err sums_unpack(struct cursor *c, struct sums *out) {
    struct cursor at = *c;
    struct sums s = {0};
    uint64_t n, step, index = 0;
    enum err e = cursor_take_varint(&at, &n);

    if (e != ERR_OK)
        return e;
    if (n > INDEX_COUNT)
        return ERR_FORMAT;
    for (uint64_t i = 0; i < n; i++, index++) {
        e = cursor_take_varint(&at, &step);
        if (e != ERR_OK)
            return e;
        if (step >= INDEX_COUNT - index)
            return ERR_FORMAT;
        index += step;
        e = value_take(&at, (unsigned)index, &s);
        if (e != ERR_OK)
            return e;
        if (index + 1 == INDEX_COUNT && i + 1 < n)
            return ERR_FORMAT;
    }
    *out = s;
    *c = at;
    return ERR_OK;
}
