#include "views/entry.h"

#include <stdio.h>
#include <stdlib.h>

#include "calendar/calendar.h"
#include "views/field.h"
#include "json/json.h"

#define UTC_LEAST_MS INT64_C(-62167219200000) /* of years with four digits */
#define UTC_MOST_MS INT64_C(253402300799999)

struct form { /* a command being read */
    const struct json_value *root;
    const struct plant *plant;
    struct act *act;
    struct act_refusal *why;
    int64_t now_ms;
    bool from, to;
};

static enum err refuse(struct act_refusal *why, const char *field, const char *text) {
    why->field = field;
    snprintf(why->why, sizeof why->why, "%s", text);
    return ERR_FORMAT;
}

/* --- values ----------------------------------------------------------------------------------- */

static enum err take_text(const struct form *f, const char *key, struct span *out) {
    const struct json_value *v = json_find(f->root, key);
    if (json_kind(v) == JSON_KIND_NULL)
        return ERR_OK;
    return json_string_of(v, out) ? refuse(f->why, key, "a text is expected.") : ERR_OK;
}

/* A number, or the same as text; places as json_decimal_of() has them. */
static enum err take_decimal(const struct form *f, const char *key, int places, int64_t *out) {
    const struct json_value *v = json_find(f->root, key);
    struct span text;
    if (json_kind(v) == JSON_KIND_NULL)
        return refuse(f->why, key, "it is missing.");
    if (json_string_of(v, &text) == ERR_OK) {
        struct json_value *number = NULL;
        enum err err = json_parse(text, NULL, &number, NULL);
        if (!err)
            err = json_decimal_of(number, places, out);
        json_close(number);
        return err ? refuse(f->why, key, "a number is expected, such as 12.5.") : ERR_OK;
    }
    return json_decimal_of(v, places, out) ? refuse(f->why, key, "a number is expected.") : ERR_OK;
}

/* Persons and numbers of entries: part of one is none. */
static enum err take_whole(const struct form *f, const char *key, int64_t *out) {
    enum { MILLION = 1000000 };
    int64_t millionths = 0;
    enum err err = take_decimal(f, key, 6, &millionths);
    if (!err && millionths % MILLION)
        return refuse(f->why, key, "a whole number is expected.");
    *out = millionths / MILLION;
    return err;
}

static enum err take_time(const struct form *f, const char *key, int64_t *out, bool *given) {
    const struct json_value *v = json_find(f->root, key);
    struct span text;
    *given = json_kind(v) != JSON_KIND_NULL;
    if (!*given || (json_int64_of(v, out) == ERR_OK && *out >= UTC_LEAST_MS && *out <= UTC_MOST_MS))
        return ERR_OK;
    if (json_string_of(v, &text) == ERR_OK && utc_parse(text, out) == ERR_OK)
        return ERR_OK;
    return refuse(f->why, key, "a time is expected, such as 2026-11-23T06:00:00Z.");
}

/* --- shifts ----------------------------------------------------------------------------------- */

static uint32_t unit_of(const struct form *f) {
    char id[IDENT_MAX + 1] = "";
    if (f->act->unit.n == 0 || f->act->unit.n > IDENT_MAX)
        return UINT32_MAX;
    memcpy(id, f->act->unit.p, f->act->unit.n);
    return plant_find_unit(f->plant, id);
}

static enum err find_shift(struct form *f, struct span text) {
    const uint32_t unit = unit_of(f);
    if (unit == UINT32_MAX)
        return refuse(f->why, "unit", "a shift is one of a unit, and the plant has no such unit.");
    enum err err = calendar_find_shift(f->plant, f->plant->unit[unit].calendar, text,
                                       &f->act->t0_ms, &f->act->t1_ms);
    if (err)
        return refuse(f->why, "shift",
                      err == ERR_FORMAT ? "a shift is written 2026-11-19/early."
                                        : "no shift of that name began on that date.");
    f->from = f->to = true;
    return ERR_OK;
}

static enum err take_times(struct form *f) {
    struct act *a = f->act;
    struct span shift = {0};
    int64_t at = 0;
    bool moment = false;
    enum err err = take_time(f, "from", &a->t0_ms, &f->from);
    if (!err)
        err = take_time(f, "to", &a->t1_ms, &f->to);
    if (!err)
        err = take_time(f, "at", &at, &moment);
    if (!err)
        err = take_text(f, "shift", &shift);
    if (err)
        return err;
    if ((moment || shift.n) && (f->from || f->to))
        return refuse(f->why, "from", "give from and to, or at, or shift.");
    if (shift.n)
        return find_shift(f, shift);
    if (!f->from)
        a->t0_ms = moment ? at : f->now_ms;
    a->undated = !f->from && !moment;
    bool good = act_is_context((enum act_kind)a->kind) || a->kind == ACT_FACTOR ||
                (a->kind == ACT_PLAN && a->text.n);
    if (!f->to)
        a->t1_ms = good ? ACT_FOR_GOOD : a->t0_ms;
    return ERR_OK;
}

/* --- by kind ---------------------------------------------------------------------------------- */

static enum err take_signal(struct form *f) {
    struct span signal = {0};
    enum err err = take_text(f, "signal", &signal);
    if (err)
        return err;
    const uint8_t *slash = signal.n ? memchr(signal.p, '/', signal.n) : NULL;
    if (!slash)
        return refuse(f->why, "signal", "a signal is written agent/point.");
    f->act->agent = span_of(signal.p, (size_t)(slash - signal.p));
    f->act->point = span_of(slash + 1, signal.n - f->act->agent.n - 1);
    return ERR_OK;
}

/* As the meter shows it: kWh of energy, pieces or whatever else of the others. */
static enum err take_replaced(struct form *f) {
    struct ident agent;
    char point[ACT_TEXT_MAX + 1] = "";
    int places = 6;
    enum err err = take_signal(f);
    if (err)
        return err;
    if (f->act->point.n && f->act->point.n <= ACT_TEXT_MAX && ident_set(&agent, f->act->agent)) {
        memcpy(point, f->act->point.p, f->act->point.n);
        uint32_t at = plant_find_signal(f->plant, &agent, point);
        places = at != UINT32_MAX && f->plant->signal[at].role == ROLE_ENERGY ? 9 : 6;
    }
    err = take_decimal(f, "old_end", places, &f->act->value);
    return err ? err : take_decimal(f, "new_start", places, &f->act->value2);
}

/* "2/1"; "0.5" is not a fraction. */
static enum err take_factor(struct form *f) {
    struct span text = {0};
    char copy[48];
    char *end = NULL;
    enum err err = take_text(f, "factor", &text);
    if (!err)
        err = take_signal(f);
    if (err)
        return err;
    snprintf(copy, sizeof copy, "%.*s", (int)(text.n < 40 ? text.n : 40), (const char *)text.p);
    f->act->value = strtoll(copy, &end, 10);
    if (end == copy || *end != '/')
        return refuse(f->why, "factor", "a factor is a fraction of whole numbers, such as 2/1.");
    const char *second = end + 1;
    f->act->value2 = strtoll(second, &end, 10);
    return end == second || *end
               ? refuse(f->why, "factor", "a factor is a fraction of whole numbers, such as 2/1.")
               : ERR_OK;
}

static enum err take_value(struct form *f) {
    struct act *a = f->act;
    switch ((enum act_kind)a->kind) {
    case ACT_GOOD:
    case ACT_SCRAP:
    case ACT_REWORK:
    case ACT_MATERIAL:
    case ACT_PLAN:
        return take_decimal(f, "value", 6, &a->value);
    case ACT_ENERGY:
        return take_decimal(f, "value", 9, &a->value);
    case ACT_HEADCOUNT:
        return take_whole(f, "value", &a->value);
    case ACT_VOID:
        return take_whole(f, "entry", &a->value);
    case ACT_FACTOR:
        return take_factor(f);
    case ACT_REPLACE:
        return take_replaced(f);
    case ACT_ORDER:
    case ACT_PRODUCT:
    case ACT_TEAM:
    case ACT_CAUSE:
    case ACT_BREACH:
    case ACT_HANDOVER:
        return json_find(f->root, "text") ? ERR_OK
                                          : refuse(f->why, "text", "it is missing; empty is none.");
    case ACT_NOTE:
    case ACT_KIND_COUNT:
        break;
    }
    return ERR_OK;
}

static enum err take_kind(struct form *f) {
    const char *candidate[ACT_KIND_COUNT];
    struct span name = {0};
    enum act_kind kind = ACT_KIND_COUNT;
    char word[IDENT_MAX + 1];
    enum err err = take_text(f, "kind", &name);
    if (err)
        return err;
    if (act_kind_of(name, &kind) == ERR_OK) {
        f->act->kind = (uint8_t)kind;
        return ERR_OK;
    }
    for (unsigned k = 0; k < ACT_KIND_COUNT; k++)
        candidate[k] = act_kind_name((enum act_kind)k);
    snprintf(word, sizeof word, "%.*s", (int)(name.n < IDENT_MAX ? name.n : IDENT_MAX),
             name.p ? (const char *)name.p : "");
    const char *near = ident_nearest(word, candidate, ACT_KIND_COUNT);
    f->why->field = "kind";
    snprintf(f->why->why, sizeof f->why->why, "%s is no kind of entry%s%s%s", word,
             near ? "; did you mean " : ".", near ? near : "", near ? "?" : "");
    return ERR_FORMAT;
}

#define KIND(name) (1U << ACT_##name)
#define AMOUNTS (KIND(GOOD) | KIND(SCRAP) | KIND(REWORK) | KIND(MATERIAL))
#define NAMED                                                                                      \
    (KIND(ORDER) | KIND(PRODUCT) | KIND(TEAM) | KIND(CAUSE) | KIND(BREACH) | KIND(HANDOVER))
#define SIGNALS (KIND(FACTOR) | KIND(REPLACE))
#define EVERY ((1U << ACT_KIND_COUNT) - 1)
#define TIMED (EVERY & ~KIND(VOID))

static const struct key {
    const char *name;
    unsigned kinds; /* that have it */
} keys[] = {{"key", EVERY},
            {"kind", EVERY},
            {"unit", TIMED & ~SIGNALS},
            {"text", NAMED},
            {"order", KIND(PLAN)},
            {"value", AMOUNTS | KIND(ENERGY) | KIND(HEADCOUNT) | KIND(PLAN)},
            {"from", TIMED},
            {"to", TIMED},
            {"at", TIMED},
            {"shift", TIMED},
            {"product", AMOUNTS | KIND(PLAN)},
            {"reason", AMOUNTS | KIND(BREACH)},
            {"note", EVERY},
            {"who", EVERY},
            {"signal", SIGNALS},
            {"entry", KIND(VOID)},
            {"factor", KIND(FACTOR)},
            {"old_end", KIND(REPLACE)},
            {"new_start", KIND(REPLACE)}};
enum { KEYS = sizeof keys / sizeof *keys };

static enum err check_key(const struct form *f, const char *name) {
    const char *candidate[KEYS];
    for (unsigned k = 0; k < KEYS; k++) {
        candidate[k] = keys[k].name;
        if (strcmp(name, keys[k].name) == 0)
            return ERR_OK;
    }
    const char *near = ident_nearest(name, candidate, KEYS);
    f->why->field = "";
    snprintf(f->why->why, sizeof f->why->why, "%.31s: an entry has no \"%.40s\"%s%s%s", name, name,
             near ? "; did you mean " : ".", near ? near : "", near ? "?" : "");
    return ERR_FORMAT;
}

static enum err check_keys(const struct form *f) {
    struct json_walk walk = {0};
    enum err err = ERR_OK;
    if (json_kind(f->root) != JSON_KIND_OBJECT)
        return refuse(f->why, "", "an entry is one JSON object.");
    while (!err && json_next(f->root, &walk))
        err = check_key(f, (const char *)walk.key.p);
    return err;
}

/* What an entry of its kind can't mean is not dropped in silence. */
static enum err check_meant(const struct form *f) {
    for (unsigned k = 0; k < KEYS; k++) {
        bool given = json_kind(json_find(f->root, keys[k].name)) != JSON_KIND_NULL;
        if (!given || keys[k].kinds >> f->act->kind & 1)
            continue;
        f->why->field = keys[k].name;
        snprintf(f->why->why, sizeof f->why->why, "an entry of the kind %s has none.",
                 act_kind_name((enum act_kind)f->act->kind));
        return ERR_FORMAT;
    }
    return ERR_OK;
}

static enum err take_texts(struct form *f) {
    const struct {
        const char *key;
        struct span *out;
    } row[] = {{"key", &f->act->key},         {"unit", &f->act->unit},     {"text", &f->act->text},
               {"product", &f->act->product}, {"reason", &f->act->reason}, {"note", &f->act->note},
               {"who", &f->act->who},         {"order", &f->act->text}};
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof row / sizeof *row && !err; i++)
        err = take_text(f, row[i].key, row[i].out);
    return err;
}

enum err view_entry_read(struct span json, const struct plant *p, int64_t now_ms,
                         struct json_value **root, struct act *out, struct act_refusal *why) {
    struct json_error at = {0};
    *out = (struct act){0};
    *root = NULL;
    *why = (struct act_refusal){.field = ""};
    enum err err = json_parse(json, NULL, root, &at);
    if (err == ERR_NOMEM)
        return err;
    if (err) {
        snprintf(why->why, sizeof why->why, "line %u, column %u: %s", at.line, at.column, at.text);
        return ERR_FORMAT;
    }
    struct form f = {.root = *root, .plant = p, .act = out, .why = why, .now_ms = now_ms};
    err = check_keys(&f);
    if (!err)
        err = take_kind(&f);
    if (!err)
        err = check_meant(&f);
    if (!err)
        err = take_texts(&f);
    if (!err)
        err = take_value(&f);
    return err ? err : take_times(&f);
}

/* --- the list --------------------------------------------------------------------------------- */

static void field_value(struct json_writer *w, const struct act *a) {
    enum act_kind kind = (enum act_kind)a->kind;
    json_writer_key(w, "value");
    if (act_is_amount(kind) || kind == ACT_PLAN)
        json_writer_decimal(w, a->value, 6);
    else if (kind == ACT_ENERGY)
        json_writer_decimal(w, a->value, 9);
    else if (kind == ACT_HEADCOUNT || act_is_signal(kind))
        json_writer_int64(w, a->value);
    else
        json_writer_null(w);
}

void view_plan_etag(uint64_t n, char etag[VIEW_PLAN_ETAG]) {
    (void)snprintf(etag, VIEW_PLAN_ETAG, "\"plan-%llu\"", (unsigned long long)n);
}

void view_entry(struct json_writer *w, const struct core_act *x) {
    const struct act *a = x->act;
    char etag[VIEW_PLAN_ETAG];
    json_writer_begin_object(w);
    field_count(w, "entry", x->n);
    field_text(w, "kind", act_kind_name((enum act_kind)a->kind));
    field_span(w, "unit", a->unit);
    if (a->kind != ACT_VOID) {
        field_time(w, "from", a->t0_ms);
        field_time(w, "to", a->t1_ms == ACT_FOR_GOOD ? INT64_MIN : a->t1_ms);
    }
    if (a->kind == ACT_VOID) {
        json_writer_key(w, "voids");
        json_writer_int64(w, a->value);
    } else {
        field_value(w, a);
    }
    if (act_is_signal((enum act_kind)a->kind)) {
        field_int(w, a->kind == ACT_FACTOR ? "divisor" : "new_start", a->value2);
        field_span(w, "agent", a->agent);
        field_span(w, "point", a->point);
    }
    field_span(w, "text", a->text);
    field_span(w, "product", a->product);
    field_span(w, "reason", a->reason);
    field_span(w, "note", a->note);
    field_span(w, "who", a->who);
    field_time(w, "entered", a->entered_ms);
    field_span(w, "key", a->key);
    json_writer_key(w, "voided_by");
    if (x->voided_by)
        json_writer_int64(w, (int64_t)x->voided_by);
    else
        json_writer_null(w);
    if (a->kind == ACT_PLAN) {
        view_plan_etag(x->n, etag);
        field_text(w, "etag", etag);
    }
    json_writer_end_object(w);
}

static bool asked_for(const struct core *core, const struct core_act *x,
                      const struct view_entries *ask) {
    const struct plant *p = core_plant(core);
    bool unit =
        ask->unit == UINT32_MAX || span_equal(x->act->unit, span_str(p->unit[ask->unit].id.s));
    bool time =
        x->act->kind == ACT_VOID || (x->act->t0_ms <= ask->to_ms && x->act->t1_ms >= ask->from_ms);
    bool older = ask->before == 0 || x->n < ask->before;
    return x->durable && unit && time && older;
}

void view_entries(struct json_writer *w, const struct core *core, const struct view_entries *ask) {
    struct core_act x;
    size_t told = 0;
    json_writer_begin_object(w);
    field_array(w, "entries");
    for (size_t i = core_acts(core); i-- > 0 && told < ask->limit;) {
        core_act_view(core, i, &x);
        if (!asked_for(core, &x, ask))
            continue;
        view_entry(w, &x);
        told++;
    }
    json_writer_end_array(w);
    json_writer_end_object(w);
}
