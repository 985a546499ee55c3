#include "sample.h"

#include <stdio.h>

#define AT(member) .field = CONF_FIELD(struct sample, member)

static const struct conf_row server_row[] = {
    {.key = "url",
     .type = CONF_URL,
     .field = CONF_FIELD(struct sample_server, url),
     .required = true,
     .help = "Where it listens."},
    {.key = "password",
     .type = CONF_TEXT,
     .field = CONF_FIELD(struct sample_server, password),
     .min = 8,
     .secret = true,
     .help = "Shared secret."},
    {.key = "keep_alive",
     .type = CONF_DURATION,
     .min = 1000,
     .max = 600000,
     .fallback = "60 s",
     .field = CONF_FIELD(struct sample_server, keep_alive_ms),
     .reloadable = true,
     .help = "Longest silence."},
    {.key = "port",
     .type = CONF_INT,
     .min = 1,
     .max = 65535,
     .fallback = "1883",
     .field = CONF_FIELD(struct sample_server, port),
     .help = "TCP port."},
};
static const struct conf_schema server_schema = CONF_SCHEMA(struct sample_server, server_row);

static const struct conf_word mode_word[] = {{"auto", 1, "runs alone"}, {"manual", 2, NULL}};
static const struct conf_row unit_row[] = {
    {.key = "rated",
     .type = CONF_POWER,
     .min = 1,
     .field = CONF_FIELD(struct sample_unit, rated_uw),
     .given = CONF_FIELD(struct sample_unit, rated_given),
     .pos = CONF_FIELD(struct sample_unit, rated_pos),
     .help = "Power at full load."},
    {.key = "mode",
     .type = CONF_ENUM,
     .words = mode_word,
     .word_n = 2,
     .fallback = "auto",
     .field = CONF_FIELD(struct sample_unit, mode),
     .reloadable = true,
     .help = "Who | steers."},
};
static const struct conf_schema unit_schema = {.rows = unit_row,
                                               .row_n = 2,
                                               .size = sizeof(struct sample_unit),
                                               .id = CONF_FIELD(struct sample_unit, id),
                                               .pos = CONF_FIELD(struct sample_unit, pos)};

static const struct conf_row source_row[] = {
    {.key = "name",
     .type = CONF_ID,
     .field = CONF_FIELD(struct sample_source, name),
     .required = true,
     .help = "Its id."},
    {.key = "registers",
     .type = CONF_SCALARS,
     .item = CONF_INT,
     .max = 65535,
     .least = 1,
     .most = 4,
     .field = CONF_FIELD(struct sample_source, registers),
     .count = CONF_FIELD(struct sample_source, register_n),
     .help = "Addresses."},
};
static const struct conf_schema source_schema = {.rows = source_row,
                                                 .row_n = 2,
                                                 .size = sizeof(struct sample_source),
                                                 .pos = CONF_FIELD(struct sample_source, pos)};

static const struct conf_row sample_row[] = {
    {.key = "enabled", .type = CONF_BOOL, AT(enabled), .fallback = "true", .help = "Works at all."},
    {.key = "count", .type = CONF_INT, AT(count), .unit = "pieces", .help = "How many."},
    {.key = "offset", .type = CONF_INT, AT(offset), .help = "A small number."},
    {.key = "cache", .type = CONF_BYTES, AT(cache_bytes), .fallback = "1 MiB", .help = "Memory."},
    {.key = "energy", .type = CONF_ENERGY, AT(energy_uwh), .help = "A day's energy."},
    {.key = "ratio", .type = CONF_RATIO, AT(ratio_ppm), .max = 1000000, .help = "A share."},
    {.key = "price", .type = CONF_AMOUNT, AT(price_millionths), .unit = "EUR", .help = "Per kWh."},
    {.key = "shift", .type = CONF_TIME_OF_DAY, AT(shift_min), .max = 1440, .help = "Shift start."},
    {.key = "since", .type = CONF_DATE, AT(since_ms), .help = "First day."},
    {.key = "from", .type = CONF_UTC, AT(from_ms), .help = "First instant."},
    {.key = "title",
     .type = CONF_TEXT,
     AT(title),
     .max = 10,
     .reloadable = true,
     .help = "A name."},
    {.key = "data", .type = CONF_PATH, AT(data), .fallback = "/tmp", .help = "A folder."},
    {.key = "server",
     .type = CONF_MAP,
     .sub = &server_schema,
     AT(server),
     .required = true,
     .help = "The broker."},
    {.key = "backup",
     .type = CONF_MAP,
     .sub = &server_schema,
     AT(backup),
     .given = CONF_FIELD(struct sample, backup_given),
     .help = "Another one."},
    {.key = "units",
     .type = CONF_KEYED,
     .sub = &unit_schema,
     AT(units),
     .count = CONF_FIELD(struct sample, unit_n),
     .help = "Machines."},
    {.key = "sources",
     .type = CONF_LIST,
     .sub = &source_schema,
     AT(sources),
     .count = CONF_FIELD(struct sample, source_n),
     .help = "Inputs."},
    {.key = "tags",
     .type = CONF_SCALARS,
     .item = CONF_TEXT,
     AT(tags),
     .reloadable = true,
     .count = CONF_FIELD(struct sample, tag_n),
     .help = "Labels."},
    {.key = "states",
     .type = CONF_PAIRS,
     AT(states),
     .count = CONF_FIELD(struct sample, state_n),
     .help = "Codes and words."},
};
const struct conf_schema sample_schema = CONF_SCHEMA(struct sample, sample_row);

enum err sample_load(const char *yaml, struct sample *out, char said[SAMPLE_SAID]) {
    struct conf_report r;
    struct buf text;

    conf_report_init(&r);
    buf_init(&text);
    const enum err e = conf_load(span_str(yaml), "f.yaml", &sample_schema, out, &r);
    (void)conf_report_format(&r, &text);
    (void)snprintf(said, SAMPLE_SAID, "%.*s", (int)text.n, text.n > 0 ? (const char *)text.p : "");
    buf_fini(&text);
    conf_report_fini(&r);
    return e;
}
