/* oracle_play PLANT: carries out a script of deliveries on the aggregator's real core over a store
 * in memory, then prints every stored window and cell, one JSON object a line. The script comes on
 * standard input, one act a line:
 *
 *   start WALL MONO RANDOM    a process begins on what the store holds
 *   kill WRITTEN              kill -9: so many of the commits under way still reach the disk
 *   tick WALL MONO            the clocks stand there and the core is told so
 *   hand 0|1                  1: commits and loads wait for `step`
 *   step N                    at most N of them are answered
 *   msg TOPIC HEX             a message of the bus
 *   settle                    everything received is computed and committed
 *
 * It knows nothing of the numbers; tests/oracle/run.py compares them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/gauges.h"
#include "plantfile/plantfile.h"
#include "simkit/station.h"

struct player {
    struct station station;
    struct plant *plant;
    struct buf bytes;
    unsigned long line;
    enum err err;
};

/* --- the script --------------------------------------------------------------------------------
 */

static enum err read_all(const char *path, struct buf *out) {
    char part[65536];
    size_t n;
    FILE *f = fopen(path, "rb");
    if (!f)
        return ERR_NOT_FOUND;
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        buf_add(out, part, n);
    fclose(f);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

static enum err load_plant(const char *path, struct plant **out) {
    struct buf text, words;
    struct conf_report report;
    buf_init(&text);
    buf_init(&words);
    conf_report_init(&report);
    enum err err = read_all(path, &text);
    if (!err)
        err = plantfile_load(buf_span(&text), path, clock_zone_bytes, &report, out);
    if (err && !conf_report_format(&report, &words))
        fwrite(words.p, 1, words.n, stderr);
    conf_report_fini(&report);
    buf_fini(&text);
    buf_fini(&words);
    return err;
}

static int nibble(char c) {
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

static enum err message(struct player *p, char *topic) {
    char *hex = strchr(topic, ' ');
    if (!hex)
        return ERR_FORMAT;
    *hex++ = 0;
    buf_reset(&p->bytes);
    for (; hex[0] && hex[1]; hex += 2)
        buf_add_byte(&p->bytes, (uint8_t)(nibble(hex[0]) << 4 | nibble(hex[1])));
    return station_message(&p->station, topic, buf_span(&p->bytes));
}

static enum err steps(struct player *p, unsigned long n) {
    while (n-- > 0 && station_store_step(&p->station))
        ;
    return p->station.failed;
}

static enum err start(struct player *p, char *args) {
    struct core_now now;
    char *end = args;
    now.wall_ms = strtoll(end, &end, 10);
    now.mono_ms = strtoll(end, &end, 10);
    return station_start(&p->station, now, strtoull(end, NULL, 10));
}

static enum err tick(struct player *p, char *args) {
    struct core_now now;
    char *end = args;
    now.wall_ms = strtoll(end, &end, 10);
    now.mono_ms = strtoll(end, &end, 10);
    return station_tick(&p->station, now);
}

static enum err act(struct player *p, char *line) {
    char *args = strchr(line, ' ');
    if (args)
        *args++ = 0;
    else
        args = line + strlen(line);
    if (strcmp(line, "msg") == 0)
        return message(p, args);
    if (strcmp(line, "tick") == 0)
        return tick(p, args);
    if (strcmp(line, "step") == 0)
        return steps(p, strtoul(args, NULL, 10));
    if (strcmp(line, "start") == 0)
        return start(p, args);
    if (strcmp(line, "settle") == 0)
        return station_settle(&p->station);
    if (strcmp(line, "kill") == 0)
        station_kill(&p->station, strtoul(args, NULL, 10));
    else if (strcmp(line, "hand") == 0)
        p->station.by_hand = args[0] == '1';
    else
        return ERR_FORMAT;
    return ERR_OK;
}

static enum err perform(struct player *p) {
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    enum err err = ERR_OK;
    while (!err && (n = getline(&line, &cap, stdin)) > 0) {
        if (line[n - 1] == '\n')
            line[n - 1] = 0;
        p->line++;
        err = act(p, line);
    }
    free(line);
    return err;
}

/* --- what came out -----------------------------------------------------------------------------
 */

static void print_text(const char *name, struct span s) {
    printf(",\"%s\":\"%.*s\"", name, (int)s.n, s.n ? (const char *)s.p : "");
}

/* 128 bits in decimal; the sums stay far below 10^36. */
static void print_wide(const char *name, i128 v) {
    const i128 half = (i128)1000000000000000000;
    const i128 size = v < 0 ? -v : v;
    if (v == 0)
        return;
    printf(",\"%s\":%s", name, v < 0 ? "-" : "");
    if (size >= half)
        printf("%" PRId64 "%018" PRId64, (int64_t)(size / half), (int64_t)(size % half));
    else
        printf("%" PRId64, (int64_t)size);
}

static void print_sums(const struct sums *s) {
    printf(",\"sums\":{\"\":0");
    for (unsigned q = 0; q < QTY_COUNT; q++)
        if (s->q[q])
            printf(",\"%s\":%" PRId64, qty_name((enum qty)q), s->q[q]);
    print_wide("pri_pq", s->pri_pq);
    print_wide("pri_gq", s->pri_gq);
    print_wide("priced_pq", s->priced_pq);
    printf("}");
}

/* Every bit of a ratio: hexadecimal floats. null where it is undefined. */
static void print_ratios(const struct sums *s) {
    printf(",\"ratios\":{");
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        const struct indicator_value v = indicator_of((enum indicator)i, s);
        printf("%s\"%s\":[\"%a\",\"%a\",\"%a\",", i ? "," : "",
               indicator_row((enum indicator)i)->id, v.numerator, v.denominator, v.coverage);
        if (v.defined)
            printf("\"%a\",\"%a\",\"%a\"]", v.value, v.low, v.high);
        else
            printf("null,null,null]");
    }
    printf("}");
}

static enum err print_window(struct player *p, const struct store_item *row) {
    const struct core *core = p->station.core;
    struct window w = {0};
    enum err err = window_key_unpack(row->key, &w.key);
    if (!err)
        err = window_unpack(row->value, &w);
    if (err)
        return err;
    const uint32_t node = core_node_of(core, w.key.node);
    printf("{\"window\":\"%s\",\"node\":\"%s\",\"start\":%" PRId64 ",\"end\":%" PRId64
           ",\"open\":%d,\"life\":%u,\"revision\":%" PRIu32,
           window_kind_name((enum window_kind)w.key.kind),
           node < p->plant->node_n ? p->plant->node[node].id.s : "?", w.key.start_ms, w.end_ms,
           row->table == STORE_OPEN, w.life, w.revision);
    print_text("product", core_word(core, w.key.product));
    print_text("team", core_word(core, w.key.team));
    print_sums(&w.sums);
    print_ratios(&w.sums);
    printf("}\n");
    return ERR_OK;
}

static enum err print_cells(struct player *p, const struct store_item *row) {
    const struct core *core = p->station.core;
    struct cells cells;
    cells_init(&cells);
    enum err err = cells_unpack(row->value, &cells);
    for (size_t i = 0; i < cells.n && !err; i++) {
        const struct cell *c = &cells.at[i];
        printf("{\"cell\":\"%s\",\"minute\":%" PRId64 ",\"shift\":%d,\"shift_day\":%" PRId32,
               (const char *)row->key.p, c->minute,
               c->ctx.shift == UINT32_MAX ? -1 : (int)c->ctx.shift, c->ctx.shift_day);
        print_text("product", core_word(core, c->ctx.product));
        print_text("order", core_word(core, c->ctx.order));
        print_text("team", core_word(core, c->ctx.team));
        print_sums(&c->sums);
        printf("}\n");
    }
    cells_fini(&cells);
    return err;
}

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct player *p = user;
    p->err = err;
    for (size_t i = 0; i < rows->n && !p->err; i++)
        p->err = rows->at[i].table == STORE_CELL ? print_cells(p, &rows->at[i])
                                                 : print_window(p, &rows->at[i]);
}

/* How each agent's records were judged by the process that ran last. */
static void print_agents(const struct core *core) {
    for (size_t i = 0; i < core_agents(core); i++) {
        struct core_agent_view v;
        core_agent_view(core, i, &v);
        printf("{\"agent\":\"%s\",\"applied\":%" PRIu64 ",\"duplicates\":%" PRIu64
               ",\"gaps\":%" PRIu64 ",\"stale\":%" PRIu64 ",\"clones\":%" PRIu64
               ",\"refused\":%" PRIu64 ",\"draining\":%d}\n",
               v.id->s, v.applied, v.duplicates, v.gaps, v.stale, v.clones, v.refused, v.draining);
    }
}

static enum err load_now(void *user, const struct store_range *range, size_t n,
                         void (*done)(void *user, enum err err, const struct store_rows *rows),
                         void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

/* Minutes of which something is known, as far as a world reaches. */
static void print_gauge(const struct plant *p, uint32_t gauge, int64_t first,
                        const struct gauge_span *minute, size_t n) {
    const struct plant_gauge *g = &p->gauge[gauge];
    for (size_t i = 0; i < n; i++) {
        const struct gauge_span *s = &minute[i];
        if (s->known_ms == 0)
            continue;
        printf("{\"gauge\":\"%s/%s\",\"minute\":%" PRId64 ",\"sums\":{\"\":0",
               p->unit[g->unit].id.s, g->id.s, first + (int64_t)i);
        print_wide("twice", s->twice);
        print_wide("known", s->known_ms);
        print_wide("least", s->least);
        print_wide("greatest", s->greatest);
        printf("}}\n");
    }
}

static enum err print_gauges(struct player *p) {
    enum { DAYS = 20, MINUTES = DAYS * 24 * 60 };
    const struct history_reader reader = {.load = load_now, .user = p->station.store};
    struct gauge_span *minute = calloc(MINUTES, sizeof *minute);
    enum err err = minute ? ERR_OK : ERR_NOMEM;
    for (uint32_t g = 0; g < p->plant->gauge_n && !err; g++) {
        struct gauges_query q = {.plant = p->plant, .gauge = &g, .gauge_n = 1};
        q.to_ms = utc_floor(p->station.now.wall_ms, UTC_MINUTE_MS) + UTC_DAY_MS;
        q.from_ms = q.to_ms - DAYS * UTC_DAY_MS;
        core_gauge_agents(p->station.core, q.agents);
        memset(minute, 0, MINUTES * sizeof *minute);
        err = gauges_read(&q, &reader, minute);
        if (!err)
            print_gauge(p->plant, g, q.from_ms / UTC_MINUTE_MS, minute, MINUTES);
    }
    free(minute);
    return err;
}

static enum err dump(struct player *p) {
    const struct store_range ranges[] = {
        {.table = STORE_WINDOW}, {.table = STORE_OPEN}, {.table = STORE_CELL}};
    struct store *store = p->station.store;
    print_agents(p->station.core);
    enum err err = store->ops->load_now(store, ranges, 3, on_rows, p);
    if (!err && !p->err)
        err = print_gauges(p);
    return err ? err : p->err;
}

int main(int argc, char **argv) {
    struct player p = {0};
    if (argc != 2) {
        fprintf(stderr, "usage: oracle_play PLANT <SCRIPT\n");
        return 2;
    }
    enum err err = load_plant(argv[1], &p.plant);
    if (err) {
        fprintf(stderr, "oracle_play: %s: %s\n", argv[1], err_name(err));
        return 3;
    }
    buf_init(&p.bytes);
    err = station_init(&p.station, p.plant);
    if (!err) {
        err = perform(&p);
        if (!err)
            err = dump(&p);
        station_fini(&p.station);
    }
    if (err)
        fprintf(stderr, "oracle_play: line %lu: %s\n", p.line, err_name(err));
    buf_fini(&p.bytes);
    plant_close(p.plant);
    return err ? 1 : 0;
}
