#include "simworld/auditlog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "signal/siglog.h"

enum { NAMES_MAX = 64 };

struct reader {
    struct auditlog *out;
    bool lines;
    struct cells cells;
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

static void copy_text(char out[AUDITLOG_TEXT], struct span text) {
    size_t n = text.n < AUDITLOG_TEXT - 1 ? text.n : AUDITLOG_TEXT - 1;
    if (n)
        memcpy(out, text.p, n);
    out[n] = 0;
}

/* The array with room for one more, or NULL. */
static void *grown(void *at, size_t n, size_t *cap, size_t each) {
    if (n < *cap)
        return at;
    size_t more = *cap ? *cap * 2 : 256;
    void *fresh = realloc(at, more * each);
    if (fresh)
        *cap = more;
    return fresh;
}

static enum err add_sums(struct auditlog *l, const struct sums *s) {
    if (l->sums_n && sums_equal(&l->sums[l->sums_n - 1], s))
        return ERR_OK;
    struct sums *at = grown(l->sums, l->sums_n, &l->sums_cap, sizeof *at);
    if (!at)
        return ERR_NOMEM;
    l->sums = at;
    l->sums[l->sums_n++] = *s;
    return ERR_OK;
}

static enum err keep_cell(struct reader *r, const char *unit, const struct cell *cell) {
    struct auditlog *l = r->out;
    struct auditlog_cell *at = grown(l->cell, l->cell_n, &l->cell_cap, sizeof *at);
    l->cell = at ? at : l->cell;
    if (!at || add_sums(l, &cell->sums))
        return ERR_NOMEM;
    struct auditlog_cell *a = &l->cell[l->cell_n++];
    a->minute = cell->minute;
    a->shift = cell->ctx.shift;
    a->shift_day = cell->ctx.shift_day;
    a->sums = l->sums_n - 1;
    copy_text(a->unit, span_str(unit));
    copy_text(a->product, core_word(r->core, cell->ctx.product));
    copy_text(a->order, core_word(r->core, cell->ctx.order));
    copy_text(a->team, core_word(r->core, cell->ctx.team));
    return ERR_OK;
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
    const char *unit = (const char *)row->key.p;
    r->cells.n = 0;
    enum err err = cells_unpack(row->value, &r->cells);
    for (size_t i = 0; i < r->cells.n && !err; i++) {
        if (r->cells.at[i].minute * UTC_MINUTE_MS < r->cells_from_ms)
            continue;
        err = keep_cell(r, unit, &r->cells.at[i]);
        if (!err && r->lines)
            err = add_cell(r, unit, &r->cells.at[i]);
    }
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
    static const char *const kinds[] = {"state", "span", "slot", "event", "row", "watch", "break"};
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

static int by_cell(const void *x, const void *y) {
    const struct auditlog_cell *a = x, *b = y;
    int order = strcmp(a->unit, b->unit);
    if (!order)
        order = (a->minute > b->minute) - (a->minute < b->minute);
    if (!order)
        order = strcmp(a->product, b->product);
    if (!order)
        order = strcmp(a->order, b->order);
    if (!order)
        order = strcmp(a->team, b->team);
    if (!order)
        order = (a->shift > b->shift) - (a->shift < b->shift);
    return order ? order : (a->shift_day > b->shift_day) - (a->shift_day < b->shift_day);
}

/* As the store holds them, all but those of one minute are in order. */
static void sort_cells(struct auditlog *l) {
    for (size_t i = 1; i < l->cell_n; i++) {
        if (by_cell(&l->cell[i - 1], &l->cell[i]) > 0) {
            qsort(l->cell, l->cell_n, sizeof *l->cell, by_cell);
            return;
        }
    }
}

static enum err sort_lines(struct reader *r) {
    enum err err = ERR_OK;
    siglog_canonical(&r->log);
    for (size_t i = 0; i < r->log.n && !err; i++)
        err = add_line(r, &r->log.at[i]);
    if (r->out->n)
        qsort(r->out->line, r->out->n, sizeof *r->out->line, by_text);
    return err;
}

enum err auditlog_collect(struct station *s, bool lines, int64_t cells_from_ms,
                          struct auditlog *out) {
    const struct store_range ranges[] = {{.table = STORE_CELL},
                                         {.table = STORE_AGENT},
                                         {.table = STORE_SIGNAL},
                                         {.table = STORE_LOG}};
    struct reader *r = calloc(1, sizeof *r);
    *out = (struct auditlog){0};
    if (!r)
        return ERR_NOMEM;
    r->out = out;
    r->cells_from_ms = cells_from_ms;
    r->core = s->core;
    r->lines = lines;
    siglog_init(&r->log);
    cells_init(&r->cells);
    enum err err = s->store->ops->load_now(s->store, ranges, lines ? 4 : 1, on_rows, r);
    if (!err)
        err = r->err;
    sort_cells(out);
    if (!err && lines)
        err = sort_lines(r);
    siglog_fini(&r->log);
    cells_fini(&r->cells);
    free(r);
    return err;
}

void auditlog_fini(struct auditlog *l) {
    for (size_t i = 0; i < l->n; i++)
        free(l->line[i]);
    free(l->line);
    free(l->cell);
    free(l->sums);
    *l = (struct auditlog){0};
}

unsigned auditlog_differ(const struct auditlog *run, const struct auditlog *straight) {
    unsigned bad = 0;
    for (size_t i = 0, k = 0; i < run->cell_n || k < straight->cell_n;) {
        int order = i == run->cell_n        ? 1
                    : k == straight->cell_n ? -1
                                            : by_cell(&run->cell[i], &straight->cell[k]);
        bad += order != 0 ||
               !sums_equal(&run->sums[run->cell[i].sums], &straight->sums[straight->cell[k].sums]);
        i += order <= 0;
        k += order >= 0;
    }
    return bad;
}

void auditlog_print(const struct auditlog *run, const struct auditlog *straight, unsigned most) {
    for (size_t i = 0, k = 0; (i < run->n || k < straight->n) && most > 0;) {
        int order = i == run->n        ? 1
                    : k == straight->n ? -1
                                       : strcmp(run->line[i], straight->line[k]);
        const char *line = order > 0 ? straight->line[k] : run->line[i];
        if (order != 0)
            fprintf(stderr, "  %s %s\n", order < 0 ? "run only:     " : "straight only:", line);
        most -= order != 0;
        i += order <= 0;
        k += order >= 0;
    }
}
