#include "simkit/line_plant.h"

#include <stdlib.h>

static const struct plant_state_row code_row[] = {
    {NULL, MACHINE_RUN, MACHINE_RUN},         {NULL, MACHINE_SPEED, MACHINE_SPEED},
    {NULL, MACHINE_HELD, MACHINE_HELD},       {NULL, MACHINE_BLOCKED, MACHINE_BLOCKED},
    {NULL, MACHINE_STARVED, MACHINE_STARVED}, {NULL, MACHINE_FAILED, MACHINE_FAILED},
    {NULL, MACHINE_STOPPED, MACHINE_STOPPED}, {NULL, MACHINE_IDLE, MACHINE_IDLE},
    {NULL, MACHINE_SETUP, MACHINE_SETUP},     {NULL, MACHINE_MAINTAINED, MACHINE_MAINTAINED},
};
static const struct plant_state_map map = {
    .id = {"codes"}, .row = code_row, .row_n = sizeof code_row / sizeof *code_row};

static const struct plant_product product[] = {{.id = {"bolt"}, .name = "Bolt"},
                                               {.id = {"nut"}, .name = "Nut"}};
static const struct plant_ideal ideal[] = {{0, INT64_C(10000000000), INT64_MIN},
                                           {1, INT64_C(20000000000), INT64_MIN}};

static const int32_t pause[] = {600, 615};
static const struct plant_shift shift[] = {
    {.id = {"early"},
     .name = "Early",
     .start_min = 360,
     .end_min = 840,
     .days = 0x3f,
     .break_min = pause,
     .break_n = 1},
    {.id = {"late"}, .name = "Late", .start_min = 840, .end_min = 1320, .days = 0x3f},
};
static const struct ident early_team[] = {{"red"}, {"blue"}}, late_team[] = {{"blue"}, {"red"}};
static const struct plant_rota rota[] = {
    {.shift = 0, .first_day = 20605, .days_each = 7, .team = early_team, .team_n = 2},
    {.shift = 1, .first_day = 20605, .days_each = 7, .team = late_team, .team_n = 2},
};
static const struct plant_calendar calendar = {
    .id = {"main"}, .from_ms = INT64_MIN, .shift = shift, .shift_n = 2, .rota = rota, .rota_n = 2};

/* A meter has no stated rate: it is learned from its steps. */
#define SIGNAL(agent_id, name, of_unit, what, smallest)                                            \
    {                                                                                              \
        .agent = {agent_id}, .point = name, .unit = of_unit, .role = what, .num = 1, .den = 1,     \
        .max_rate_per_h = (what) == ROLE_ENERGY ? 0 : INT64_C(36000000000),                        \
        .gap_limit_ms = 1800000, .quantum = smallest                                               \
    }

static const struct plant_signal signal[] = {
    SIGNAL("gw1", "state", 0, ROLE_STATE, 1),     SIGNAL("gw1", "total", 0, ROLE_TOTAL, 1000000),
    SIGNAL("gw1", "energy", 0, ROLE_ENERGY, 1),   SIGNAL("gw1", "order", 0, ROLE_ORDER, 1),
    SIGNAL("gw1", "product", 0, ROLE_PRODUCT, 1), SIGNAL("gw1", "team", 0, ROLE_TEAM, 1),
    SIGNAL("gw2", "state", 1, ROLE_STATE, 1),     SIGNAL("gw2", "good", 1, ROLE_GOOD, 1000000),
    SIGNAL("gw2", "scrap", 1, ROLE_SCRAP, 1),     SIGNAL("gw2", "energy", 1, ROLE_ENERGY, 1),
    SIGNAL("gw2", "power", 1, ROLE_POWER, 1),
};
static const uint32_t press_signal[] = {0, 1, 2, 3, 4, 5}, pack_signal[] = {6, 7, 8, 9, 10};

/* The wide plant: behind those above. One point may count at two units. */
static const struct plant_signal wide_signal[] = {
    SIGNAL("gw1", "air", 0, ROLE_AIR, 1),
    SIGNAL("gw1", "reactive", 0, ROLE_REACTIVE, 1),
    SIGNAL("gw2", "crew", 0, ROLE_HEADCOUNT, 1),
    SIGNAL("gw2", "crew", 1, ROLE_HEADCOUNT, 1),
    SIGNAL("gw2", "inspected", 1, ROLE_INSPECTED, 1000000),
    SIGNAL("gw2", "passed", 1, ROLE_PASSED, 1000000),
    SIGNAL("gw2", "export", 1, ROLE_EXPORT, 1),
    SIGNAL("gw2", "hall", 0, ROLE_AIR, 1),
    SIGNAL("gw2", "hall", 1, ROLE_AIR, 1),
    SIGNAL("gw1", "extra", 0, ROLE_GAUGE, 1),
    SIGNAL("gw2", "level", 1, ROLE_GAUGE, 1),
};
enum {
    NARROW_N = sizeof signal / sizeof *signal,
    WIDE_N = sizeof wide_signal / sizeof *wide_signal
};
static const uint32_t wide_press[] = {0, 1, 2, 3, 4, 5, 11, 12, 13, 18, 20},
                      wide_pack[] = {6, 7, 8, 9, 10, 14, 15, 16, 17, 19, 21};
/* The air of the hall, less that of the press, by running time; the packer has the rest. */
static const uint32_t hall_unit[] = {1, 0}, hall_less[] = {0}, press_mate[] = {1},
                      pack_mate[] = {0};
static const int64_t hall_watts[] = {20, 30};
static const struct plant_meter meter[] = {{.id = {"hall"},
                                            .unit = hall_unit,
                                            .weight = hall_watts,
                                            .unit_n = 2,
                                            .by_run = true,
                                            .rest = 1,
                                            .less = hall_less,
                                            .less_n = 1}};
static const struct plant_gauge gauge[] = {
    {.id = {"temperature"},
     .name = "Temperature",
     .unit_text = "degC",
     .unit = 0,
     .signal = 20,
     .low = -40000000,
     .high = 150000000},
    {.id = {"level"}, .name = "Level", .unit_text = "m", .unit = 1, .signal = 21}};
/* The heat of the press is one of the packer, too. */
static const struct ident of_pack[] = {{"pack"}};
static const struct plant_condition condition[] = {{.id = {"cool"},
                                                    .name = "Cool",
                                                    .owner = "Maintenance",
                                                    .kind = BREACH_SUPPLY,
                                                    .gauge = {"temperature"},
                                                    .at = 0,
                                                    .low = INT64_MIN,
                                                    .high = 80000000,
                                                    .hold_ms = 90000},
                                                   {.id = {"full"},
                                                    .name = "Full",
                                                    .owner = "Stores",
                                                    .kind = BREACH_MATERIAL,
                                                    .of = of_pack,
                                                    .of_n = 1,
                                                    .gauge = {"level"},
                                                    .at = UINT32_MAX,
                                                    .low = -5000000,
                                                    .high = 5000000}};
static const struct plant_factor air_factor[] = {{INT64_MIN, 110000, 60000},
                                                 {SIM_DAY0 + 9 * UTC_HOUR_MS, 120000, -1}},
                                 grid_factor[] = {{INT64_MIN, 1000000, 400000}};
static const struct plant_band_time band[] = {{BAND_PEAK, 0x1f, 480, 720},
                                              {BAND_LOW, 0x7f, 1320, 360}};
static const struct plant_tariff tariff[] = {{.from_ms = INT64_MIN,
                                              .price = {300000, 200000, 100000, 0},
                                              .time = band,
                                              .time_n = 2,
                                              .otherwise = BAND_NORMAL}};

#define UNIT(name_id, text, at, signals)                                                           \
    {                                                                                              \
        .id = {name_id}, .name = text, .node = at, .state_source = STATE_MAP,                      \
        .micro_stop_ms = 300000, .total_has_scrap = true, .default_product = 0,                    \
        .default_headcount = 2, .ideal = ideal, .ideal_n = 2, .signal = signals,                   \
        .signal_n = sizeof signals / sizeof *signals                                               \
    }

static const uint32_t line_output[] = {3}, site_output[] = {1};
static const struct plant_node node[] = {
    {.id = {"site"},
     .name = "Site",
     .level = LEVEL_SITE,
     .parent = UINT32_MAX,
     .unit = UINT32_MAX,
     .output = site_output,
     .output_n = 1},
    {.id = {"line"},
     .name = "Line",
     .level = LEVEL_LINE,
     .parent = 0,
     .unit = UINT32_MAX,
     .output = line_output,
     .output_n = 1},
    {.id = {"press"}, .name = "Press", .level = LEVEL_UNIT, .parent = 1, .unit = 0},
    {.id = {"pack"}, .name = "Pack", .level = LEVEL_UNIT, .parent = 1, .unit = 1},
};

static const struct plant_manning manning[] = {{2, INT64_MIN}};

static enum err widen(struct plant *p, struct plant_unit *units) {
    struct plant_signal *all = plant_alloc(p, sizeof signal + sizeof wide_signal);
    if (!all)
        return ERR_NOMEM;
    memcpy(all, signal, sizeof signal);
    memcpy(all + NARROW_N, wide_signal, sizeof wide_signal);
    all[NARROW_N + WIDE_N - 4].meter = all[NARROW_N + WIDE_N - 3].meter = 1;
    all[NARROW_N + WIDE_N - 2].gauge = 1;
    all[NARROW_N + WIDE_N - 1].gauge = 2;
    p->gauge = gauge;
    p->gauge_n = sizeof gauge / sizeof *gauge;
    p->condition = condition;
    p->condition_n = sizeof condition / sizeof *condition;
    p->signal = all;
    p->signal_n = NARROW_N + WIDE_N;
    p->meter = meter;
    p->meter_n = 1;
    units[0].mate = units[0].watcher = press_mate;
    units[1].mate = units[1].watcher = pack_mate;
    units[0].mate_n = units[0].watcher_n = units[1].mate_n = units[1].watcher_n = 1;
    units[0].signal = wide_press;
    units[0].signal_n = sizeof wide_press / sizeof *wide_press;
    units[1].signal = wide_pack;
    units[1].signal_n = sizeof wide_pack / sizeof *wide_pack;
    units[0].crew_sum = units[1].crew_sum = 3;
    units[0].crew_weight = units[1].crew_before = 2;
    units[1].crew_weight = 1;
    units[0].manning = units[1].manning = manning;
    units[0].manning_n = units[1].manning_n = sizeof manning / sizeof *manning;
    p->has_manning = true;
    units[1].entered &= ~ROLE_BIT(ROLE_HEADCOUNT);
    p->carrier[CARRIER_AIR] = (struct plant_carrier){
        "air", "m3", "um3", 1, 1, air_factor, sizeof air_factor / sizeof *air_factor};
    p->carrier[CARRIER_ELECTRICITY] =
        (struct plant_carrier){"electricity",
                               "kWh",
                               "uWh",
                               1,
                               1000,
                               grid_factor,
                               sizeof grid_factor / sizeof *grid_factor};
    p->has_flows = true;
    p->currency = "EUR";
    p->tariff = tariff;
    p->tariff_n = 1;
    return ERR_OK;
}

static enum err open_plant(bool wide, struct plant **out) {
    static const struct plant_unit unit[] = {UNIT("press", "Press", 2, press_signal),
                                             UNIT("pack", "Pack", 3, pack_signal)};
    struct plant *p = NULL;
    enum err err = plant_open(&p);
    if (err)
        return err;
    struct plant_unit *units = plant_alloc(p, sizeof unit);
    if (!units || zone_open_utc(&p->zone)) {
        plant_close(p);
        return ERR_NOMEM;
    }
    memcpy(units, unit, sizeof unit);
    units[1].assume_order = true; /* pack has no order signal */
    units[0].entered = ROLE_BIT(ROLE_SCRAP) | ROLE_BIT(ROLE_MATERIAL);
    units[1].entered = ROLE_BIT(ROLE_PRODUCT) | ROLE_BIT(ROLE_HEADCOUNT);
    p->site = (struct ident){"site"};
    p->zone_name = "UTC";
    p->node = node;
    p->node_n = sizeof node / sizeof *node;
    p->unit = units;
    p->unit_n = SIM_UNITS;
    p->signal = signal;
    p->signal_n = sizeof signal / sizeof *signal;
    p->product = product;
    p->product_n = 2;
    p->state_map = &map;
    p->state_map_n = 1;
    p->calendar = &calendar;
    p->calendar_n = 1;
    p->settle_ms = 300000;
    p->settle_late_ms = 900000;
    p->power_slot_ms = 10000;
    p->keep_logs_ms = 35 * UTC_DAY_MS;
    p->keep_cells_ms = 400 * UTC_DAY_MS;
    p->keep_windows_ms = 3650 * UTC_DAY_MS;
    err = wide ? widen(p, units) : ERR_OK;
    if (!err)
        err = plant_index(p);
    if (wide && err == ERR_EXISTS)
        err = ERR_OK; /* the crew's point counts at both units, and the hall's */
    if (err)
        plant_close(p);
    else
        *out = p;
    return err;
}

enum err line_plant_open(struct plant **out) {
    return open_plant(false, out);
}

enum err line_plant_open_wide(struct plant **out) {
    return open_plant(true, out);
}
