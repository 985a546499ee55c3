/* A schema with every type of row, for the tests of this folder. */
#ifndef PB_CONF_SAMPLE_H
#define PB_CONF_SAMPLE_H

#include "conf/conf.h"

struct sample_server {
    char *url, *password;
    int64_t keep_alive_ms;
    uint16_t port;
};

struct sample_unit {
    struct ident id;
    struct conf_pos pos, rated_pos;
    int64_t rated_uw;
    int mode;
    bool rated_given;
};

struct sample_source {
    struct conf_pos pos;
    struct ident name;
    int64_t *registers;
    size_t register_n;
};

struct sample {
    bool enabled;
    int64_t count, cache_bytes, energy_uwh, ratio_ppm, price_millionths;
    int16_t offset;
    int32_t shift_min;
    int64_t since_ms, from_ms;
    char *title, *data;
    struct sample_server server;
    struct sample_server backup;
    bool backup_given;
    struct sample_unit *units;
    size_t unit_n;
    struct sample_source *sources;
    size_t source_n;
    char **tags;
    size_t tag_n;
    struct conf_pair *states;
    size_t state_n;
};

extern const struct conf_schema sample_schema;

/* Loads a text; what the report says goes to said[], which ends with a NUL. */
enum { SAMPLE_SAID = 32768 };
enum err sample_load(const char *yaml, struct sample *out, char said[SAMPLE_SAID]);
/* The least a sample must hold. */
#define SAMPLE_LEAST "server: {url: \"mqtt://b\"}\n"

#endif
