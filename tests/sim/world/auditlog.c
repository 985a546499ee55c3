#include "simworld/auditlog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "signal/siglog.h"

enum { NAMES_MAX = 64 };

struct reader {
    struct auditlog *out;
    const struct core *core;
    char agent[8][IDENT_MAX + 1];
    char signal[NAMES_MAX][IDENT_MAX + 40];
    struct siglog log;
    int64_t cells_from_ms;
    enum err err;
};

static void take_agent(struct reader *r, const struct store_item *row) {
    struct cursor c = cursor_of(row->value);
    uint64_t no = 0;
    if (cursor_take_varint(&c, &no) || no >= 8 || row->key.n > IDENT_MAX)
        return;
    memcpy(r->agent[no], row->key.p, row->key.n);
}

static void take_signal(struct reader *r, const struct store_item *row) {
    struct cursor c = cursor_of(row->value);
    uint64_t agent = 0, skip;
    int64_t number;
    bool bad = cursor_take_varint(&c, &agent) != ERR_OK;
    for (unsigned i = 0; i < 7 && !bad; i++)
        bad = cursor_take_varint(&c, &skip) != ERR_OK;
    for (unsigned i = 0; i < 2 && !bad; i++)
        bad = cursor_take_svarint(&c, &number) != ERR_OK;
    unsigned id = row->key.p[3];
    if (!bad && id < NAMES_MAX)
        snprintf(r->signal[id], sizeof r->signal[id], "%d/%.30s", r->agent[agent & 7][2] - '0',
                 (const char *)c.p); /* the gateway's digit */
}

static enum err add_text(struct auditlog *l, const char *line) {
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 256;
        char **at = realloc(l->line, cap * sizeof(char *));
        if (!at)
            return ERR_NOMEM;
        l->line = at;
        l->cap = cap;
    }
    l->line[l->n] = strdup(line);
    return l->line[l->n] ? (l->n++, ERR_OK) : ERR_NOMEM;
}

/* A cell as a line: unit, minute, context, then every quantity that is not zero. */
static enum err add_cell(struct reader *r, const char *unit, const struct cell *cell) {
    char at[UTC_TEXT], line[1024];
    struct span product = core_word(r->core, cell->ctx.product);
    struct span team = core_word(r->core, cell->ctx.team);
    utc_format(cell->minute * UTC_MINUTE_MS, at);
    int n = snprintf(line, sizeof line, "cell %s %.16s product=%.*s team=%.*s", unit, at,
                     (int)product.n, product.p ? (const char *)product.p : "", (int)team.n,
                     team.p ? (const char *)team.p : "");
    for (unsigned q = 0; q < QTY_COUNT && n < (int)sizeof line; q++)
        if (cell->sums.q[q])
            n += snprintf(line + n, sizeof line - (size_t)n, " %s=%" PRId64, qty_name((enum qty)q),
                          cell->sums.q[q]);
    return add_text(r->out, line);
}

static enum err add_cells(struct reader *r, const struct store_item *row) {
    struct cells cells;
    cells_init(&cells);
    enum err err = cells_unpack(row->value, &cells);
    for (size_t i = 0; i < cells.n && !err; i++)
        if (cells.at[i].minute * UTC_MINUTE_MS >= r->cells_from_ms)
            err = add_cell(r, (const char *)row->key.p, &cells.at[i]);
    cells_fini(&cells);
    return err;
}

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct reader *r = user;
    r->err = err;
    for (size_t i = 0; i < rows->n && !r->err; i++) {
        if (rows->at[i].table == STORE_AGENT)
            take_agent(r, &rows->at[i]);
        else if (rows->at[i].table == STORE_SIGNAL)
            take_signal(r, &rows->at[i]);
        else if (rows->at[i].table == STORE_CELL)
            r->err = add_cells(r, &rows->at[i]);
        else
            r->err = siglog_unpack(rows->at[i].value, &r->log);
    }
}

static enum err add_line(struct reader *r, const struct siglog_entry *e) {
    static const char *const kinds[] = {"state", "span", "slot", "event", "row", "watch"};
    char from[UTC_TEXT], to[UTC_TEXT], line[256];
    utc_format(e->t0_ms, from);
    utc_format(e->t1_ms, to);
    struct span text =
        e->flags & SIGLOG_TEXT ? core_word(r->core, (uint32_t)e->value) : span_of("", 0);
    snprintf(line, sizeof line, "%s %s flags=%u %s %s value=%" PRId64 " %.*s",
             e->signal < NAMES_MAX ? r->signal[e->signal] : "?", kinds[e->kind], e->flags, from, to,
             e->flags & SIGLOG_TEXT ? 0 : e->value, (int)text.n,
             text.p ? (const char *)text.p : "");
    return add_text(r->out, line);
}

static int by_text(const void *x, const void *y) {
    return strcmp(*(char *const *)x, *(char *const *)y);
}

enum err auditlog_collect(struct station *s, int64_t cells_from_ms, struct auditlog *out) {
    const struct store_range ranges[] = {{.table = STORE_AGENT},
                                         {.table = STORE_SIGNAL},
                                         {.table = STORE_LOG},
                                         {.table = STORE_CELL}};
    struct reader *r = calloc(1, sizeof *r);
    *out = (struct auditlog){0};
    if (!r)
        return ERR_NOMEM;
    r->out = out;
    r->cells_from_ms = cells_from_ms;
    r->core = s->core;
    siglog_init(&r->log);
    enum err err = s->store->ops->load_now(s->store, ranges, 4, on_rows, r);
    if (!err)
        err = r->err;
    siglog_canonical(&r->log);
    for (size_t i = 0; i < r->log.n && !err; i++)
        err = add_line(r, &r->log.at[i]);
    if (out->n)
        qsort(out->line, out->n, sizeof *out->line, by_text);
    siglog_fini(&r->log);
    free(r);
    return err;
}

void auditlog_fini(struct auditlog *l) {
    for (size_t i = 0; i < l->n; i++)
        free(l->line[i]);
    free(l->line);
    *l = (struct auditlog){0};
}

unsigned auditlog_differ(const struct auditlog *run, const struct auditlog *straight,
                         unsigned most) {
    unsigned cells = 0;
    for (size_t i = 0, k = 0; i < run->n || k < straight->n;) {
        int order = i == run->n        ? 1
                    : k == straight->n ? -1
                                       : strcmp(run->line[i], straight->line[k]);
        const char *line = order > 0 ? straight->line[k] : run->line[i];
        cells += order != 0 && strncmp(line, "cell ", 5) == 0;
        if (order != 0 && most > 0)
            fprintf(stderr, "  %s %s\n", order < 0 ? "run only:     " : "straight only:", line);
        most -= order != 0 && most > 0;
        i += order <= 0;
        k += order >= 0;
    }
    return cells;
}
