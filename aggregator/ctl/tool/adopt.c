#include "ctl/adopt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"

/* Where a point goes. Units and lines of the plant stand in its order, new units behind them by
 * name. */
enum place { PLACE_UNIT, PLACE_LINE, PLACE_NEW };

struct row {
    const struct adopt_point *x;
    enum place place;
    uint32_t at;     /* index in plant.unit or plant.node */
    struct ident id; /* of a new unit */
    struct adopt_guess guess;
    const struct adopt_point *other; /* of this listing, has the role already */
    bool taken;                      /* of the plant, somebody tells it already */
    bool alone;                      /* a control's, where nothing says that it is one */
    struct ident gauge;              /* its id there */
};

struct listing {
    const struct plant *p;
    struct row *row;
    size_t n;
    struct buf *out;
};

static void put(const struct listing *l, const char *text) {
    (void)buf_add_str(l->out, text);
}

/* --- where it goes ------------------------------------------------------------------------------
 */

/* A unit of that id is there, or may be made. */
static struct ident free_id(const struct plant *p, struct ident id) {
    const uint32_t node = plant_find_node(p, id.s);
    if (node == UINT32_MAX || p->node[node].unit != UINT32_MAX)
        return id;
    const size_t n = strlen(id.s) < IDENT_MAX - 5 ? strlen(id.s) : IDENT_MAX - 5;
    memcpy(id.s + n, "-unit", sizeof "-unit");
    return id;
}

static bool is_of_line(uint8_t role) {
    return role == ROLE_ORDER || role == ROLE_PRODUCT || role == ROLE_TEAM;
}

static void place(const struct plant *p, struct row *r) {
    struct ident first = r->x->agent;
    const char *tail = adopt_tail(r->x->name);
    if (r->x->hint[0]) {
        first = adopt_ident(r->x->hint);
    } else if (tail > r->x->name) {
        char head[POINT_NAME_MAX + 1];
        (void)snprintf(head, sizeof head, "%.*s", (int)strcspn(r->x->name, "/.:"), r->x->name);
        first = adopt_ident(head);
    }
    const uint32_t node = plant_find_node(p, first.s);
    if (node != UINT32_MAX && p->node[node].level == LEVEL_LINE && is_of_line(r->guess.role)) {
        r->place = PLACE_LINE;
        r->at = node;
        return;
    }
    r->id = free_id(p, first);
    r->at = plant_find_unit(p, r->id.s);
    r->place = r->at == UINT32_MAX ? PLACE_NEW : PLACE_UNIT;
}

static int by_place(const void *a, const void *b) {
    const struct row *x = a, *y = b;
    int order = (int)x->place - (int)y->place;
    if (!order && x->place != PLACE_NEW)
        order = (x->at > y->at) - (x->at < y->at);
    if (!order)
        order = strcmp(x->id.s, y->id.s);
    if (!order)
        order = strcmp(x->x->agent.s, y->x->agent.s);
    return order ? order : strcmp(x->x->name, y->x->name);
}

static bool same_place(const struct row *x, const struct row *y) {
    return x->place == y->place && x->at == y->at && ident_equal(&x->id, &y->id);
}

/* --- what is there already ----------------------------------------------------------------------
 */

static bool unit_has(const struct plant *p, uint32_t unit, uint8_t role) {
    const struct plant_unit *u = &p->unit[unit];
    bool has = (u->entered & ROLE_BIT(role)) || (role == ROLE_HEADCOUNT && u->crew_sum > 0);
    for (size_t i = 0; i < u->signal_n; i++)
        has = has || p->signal[u->signal[i]].role == role;
    return has;
}

static bool place_has(const struct plant *p, const struct row *r) {
    bool has = r->place == PLACE_UNIT && unit_has(p, r->at, r->guess.role);
    for (uint32_t u = 0; r->place == PLACE_LINE && u < p->unit_n; u++)
        has = has || (p->node[p->unit[u].node].parent == r->at && unit_has(p, u, r->guess.role));
    return has;
}

static bool gauge_is_free(const struct listing *l, const struct row *r) {
    if (r->place == PLACE_UNIT && plant_find_gauge(l->p, r->at, span_str(r->gauge.s)) != UINT32_MAX)
        return false;
    for (const struct row *x = l->row; x < r; x++)
        if (same_place(x, r) && ident_equal(&x->gauge, &r->gauge))
            return false;
    return true;
}

static void name_gauge(const struct listing *l, struct row *r) {
    const struct ident plain = adopt_ident(adopt_tail(r->x->name));
    r->gauge = plain;
    for (unsigned k = 2; !gauge_is_free(l, r); k++) {
        char number[16];
        (void)snprintf(number, sizeof number, "-%u", k);
        const size_t most = IDENT_MAX - strlen(number), n = strlen(plain.s);
        (void)memcpy(r->gauge.s + (n < most ? n : most), number, strlen(number) + 1);
    }
}

/* An MTConnect control tells its EXECUTION, too. */
static bool is_of_control(const struct listing *l, const struct row *r) {
    bool control = r->place == PLACE_UNIT && l->p->unit[r->at].state_source == STATE_MTCONNECT;
    for (size_t i = 0; i < l->n && r->place == PLACE_NEW; i++)
        control = control || (l->row[i].guess.role == ROLE_STATE && same_place(&l->row[i], r));
    return control;
}

static void judge(struct listing *l, struct row *r) {
    if (r->guess.role == ROLE_GAUGE) {
        name_gauge(l, r);
        return;
    }
    r->alone = plant_role_is_control(r->guess.role) && !is_of_control(l, r);
    r->taken = r->guess.role != ROLE_NONE && place_has(l->p, r);
    for (const struct row *x = l->row; x < r && r->guess.role != ROLE_NONE; x++)
        if (same_place(x, r) && x->guess.role == r->guess.role && !x->other && !x->taken &&
            !x->alone)
            r->other = x->x;
}

static bool is_open(const struct row *r) {
    return r->guess.role == ROLE_NONE || r->taken || r->other || r->alone;
}

/* --- lines --------------------------------------------------------------------------------------
 */

/* Every name of a point is one word of YAML, but for those that YAML would take for something else.
 */
static void put_name(const struct listing *l, const char *text) {
    const char c = text[0];
    const bool plain = ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) &&
                       text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789_./-")] == 0 &&
                       strcmp(text, "null") != 0;
    if (plain) {
        put(l, text);
        return;
    }
    (void)buf_add_byte(l->out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            (void)buf_add_byte(l->out, '\\');
        (void)buf_add_byte(l->out, (uint8_t)*text < ' ' ? '?' : (uint8_t)*text);
    }
    (void)buf_add_byte(l->out, '"');
}

/* Behind a '#': nothing of it may end the line. */
static void put_remark(const struct listing *l, const char *text) {
    for (; *text; text++)
        (void)buf_add_byte(l->out, (uint8_t)*text < ' ' ? '?' : (uint8_t)*text);
}

/* "counter, uWh, last 17 at 2026-..." */
static void put_facts(const struct listing *l, const struct adopt_point *x) {
    char when[UTC_TEXT];
    put(l, point_type_name((enum point_type)x->type));
    if (x->base[0]) {
        put(l, ", ");
        put_remark(l, x->base);
    }
    if (!x->last[0]) {
        put(l, ", never read\n");
        return;
    }
    utc_format(x->t_ms, when);
    put(l, ", last ");
    put_remark(l, x->last);
    (void)buf_addf(l->out, " at %s\n", when);
}

static void put_legal(const struct listing *l, const struct adopt_point *x) {
    bool any = false;
    for (unsigned role = ROLE_STATE; role < ROLE_GAUGE; role++) {
        if (!adopt_fits(l->p, (uint8_t)role, x))
            continue;
        (void)buf_addf(l->out, "%s%s", any ? ", " : "what is it? it may be: ",
                       plant_role_name((enum plant_role)role));
        any = true;
    }
    put(l, any ? "; " : "no role takes such a point; ");
}

static void put_why(const struct listing *l, const struct row *r) {
    if (r->guess.role == ROLE_NONE) {
        put_legal(l, r->x);
    } else if (r->alone) {
        put(l, "guess; it needs state: {from: mtconnect} and an EXECUTION as state; ");
    } else if (r->taken) {
        (void)buf_addf(l->out, "guess: another %s; one is there already; ",
                       plant_role_name((enum plant_role)r->guess.role));
    } else if (r->other) {
        (void)buf_addf(l->out, "guess: another %s beside ",
                       plant_role_name((enum plant_role)r->guess.role));
        put_remark(l, r->other->name);
        put(l, "; ");
    } else if (!r->guess.sure) {
        put(l, "guess; ");
    }
}

/* What is not decided is a comment, so that the file stays right. A unit that is there counts: what
 * is new of it is put in commissioning by itself. */
static void put_signal(const struct listing *l, const struct row *r, const char *indent) {
    const bool gauge = r->guess.role == ROLE_GAUGE, open = !gauge && is_open(r);
    put(l, indent);
    if (open)
        put(l, "# ");
    put(l, gauge                        ? r->gauge.s
           : r->guess.role == ROLE_NONE ? "role"
                                        : plant_role_name((enum plant_role)r->guess.role));
    (void)buf_addf(l->out, ": {agent: %s, point: ", r->x->agent.s);
    put_name(l, r->x->name);
    if (gauge && r->x->base[0]) {
        put(l, ", unit: \"");
        for (const char *s = r->x->base; *s; s++) {
            if (*s == '"' || *s == '\\')
                (void)buf_add_byte(l->out, '\\');
            (void)buf_add_byte(l->out, (uint8_t)*s < ' ' ? '?' : (uint8_t)*s);
        }
        put(l, "\"");
    }
    if (!gauge && r->place != PLACE_NEW)
        put(l, ", commissioning: true");
    put(l, "} # ");
    if (!gauge)
        put_why(l, r);
    put_facts(l, r->x);
}

static void put_kind(const struct listing *l, const struct row *r, size_t n, bool gauges,
                     const char *key, const char *indent) {
    bool begun = false;
    for (size_t i = 0; i < n; i++) {
        if ((r[i].guess.role == ROLE_GAUGE) != gauges)
            continue;
        if (!begun)
            put(l, key);
        begun = true;
        put_signal(l, &r[i], indent);
    }
}

static const char SIGNALS[] = "              ";

static void put_unit(const struct listing *l, const struct row *r, size_t n) {
    const struct plant_unit *u = &l->p->unit[r->at];
    (void)buf_addf(l->out, "\n# --- %s is in the plant file\n", u->id.s);
    put_kind(l, r, n, false, "# below its `signals:`\n", SIGNALS);
    put_kind(l, r, n, true, "# below its `gauges:`\n", SIGNALS);
}

static void put_line(const struct listing *l, const struct row *r, size_t n) {
    (void)buf_addf(l->out, "\n# --- %s is a line of the plant file\n", l->p->node[r->at].id.s);
    put_kind(l, r, n, false, "# below its `signals:`\n", "          ");
}

/* Lines whose units the same agent reads. */
static void put_lines_of(const struct listing *l, const struct ident *agent) {
    const struct plant *p = l->p;
    bool any = false;
    for (uint32_t n = 0; n < p->node_n; n++) {
        bool reads = false;
        for (size_t i = 0; i < p->signal_n && p->node[n].level == LEVEL_LINE; i++)
            reads = reads || (p->node[p->unit[p->signal[i].unit].node].parent == n &&
                              ident_equal(&p->signal[i].agent, agent));
        if (!reads)
            continue;
        (void)buf_addf(l->out, "%s%s", any ? ", " : "; its gateway reads others of ",
                       p->node[n].id.s);
        any = true;
    }
}

static bool tells(const struct row *r, size_t n, uint8_t role) {
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any = any || (r[i].guess.role == role && !is_open(&r[i]));
    return any;
}

static void put_new(const struct listing *l, const struct row *r, size_t n) {
    (void)buf_addf(l->out, "\n# --- %s is new: below `units:` of a line", r->id.s);
    put_lines_of(l, &r->x->agent);
    (void)buf_addf(
        l->out,
        "\n          %s:\n            name: %s\n            commissioning: true # later: "
        "{accepted: \"2026-01-31T06:00:00Z\"}\n",
        r->id.s, r->id.s);
    if (tells(r, n, ROLE_STATE))
        (void)buf_addf(l->out,
                       "            state: {from: %s} # guess: see `plantbus reference plant`\n",
                       tells(r, n, ROLE_AVAILABILITY) ? "mtconnect" : "map, map: packml");
    put_kind(l, r, n, false, "            signals:\n", SIGNALS);
    put_kind(l, r, n, true, "            gauges:\n", SIGNALS);
}

static void put_all(const struct listing *l) {
    static void (*const by[])(const struct listing *, const struct row *, size_t) = {
        [PLACE_UNIT] = put_unit, [PLACE_LINE] = put_line, [PLACE_NEW] = put_new};
    for (size_t i = 0, end; i < l->n; i = end) {
        for (end = i + 1; end < l->n && same_place(&l->row[i], &l->row[end]);)
            end++;
        by[l->row[i].place](l, &l->row[i], end - i);
    }
}

void adopt_print(const struct plant *p, struct adopt_point *point, size_t n, struct buf *out) {
    if (n == 0) {
        (void)buf_add_str(out, "# every signal that gateways send has a place\n");
        return;
    }
    struct listing l = {.p = p, .row = calloc(n, sizeof *l.row), .n = n, .out = out};
    if (!l.row) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        l.row[i] = (struct row){.x = &point[i], .guess = adopt_guess(p, &point[i])};
        place(p, &l.row[i]);
    }
    qsort(l.row, n, sizeof *l.row, by_place);
    for (size_t i = 0; i < n; i++)
        judge(&l, &l.row[i]);
    (void)buf_addf(out,
                   "# %zu signal%s that gateways send and no unit uses. What is new is in "
                   "commissioning: it is shown,\n# and counts nowhere until it is accepted. "
                   "Look at each guess; what is a comment nobody could guess.\n",
                   n, n == 1 ? "" : "s");
    put_all(&l);
    free(l.row);
}
