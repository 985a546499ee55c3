/* Why a unit is in its state now: what its signals tell, what map, thresholds or rules make of
 * that, what calendar and order make of the machine's state. And its signals, each with value,
 * quality and age. It tells what the core came to; it decides nothing itself. */
#include "engine/present.h"

#include <stdio.h>

#include "base/decimal.h"
#include "calendar/calendar.h"
#include "cell/mtconnect.h"
#include "views/field.h"
#include "views/history.h"
#include "views/views.h"

enum { SHOWN = 96, SIGNALS_MAX = 1000 };

/* --- signals ------------------------------------------------------------------------------------
 */

/* The unit that a person reads an amount in, and its decimal places against the base unit. */
static const struct shown_unit {
    const char *base, *unit;
    int places;
} units[] = {{"uWh", "kWh", 9}, {"uW", "kW", 9},  {"uvarh", "kvarh", 9},
             {"um3", "m3", 6},  {"ukg", "kg", 6}, {"ms", "s", 3}};

static struct shown_unit unit_of(const struct core_signal *s) {
    if (s->type == POINT_GAUGE)
        return (struct shown_unit){s->base, s->base, 6};
    if (s->type == POINT_POWER)
        return units[1];
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].base, s->base) == 0)
            return units[i];
    return (struct shown_unit){s->base, "", s->type == POINT_STATE ? 0 : 6};
}

/* As a person reads it; "": nothing is known. What happened once has no value that holds. */
static void value_text(const struct core_signal *s, char out[SHOWN]) {
    out[0] = 0;
    if (!s->known || s->type == POINT_EVENT || s->type == POINT_INTERVAL)
        return;
    if (s->text.n)
        (void)snprintf(out, SHOWN, "%.*s", (int)s->text.n, (const char *)s->text.p);
    else if (s->type == POINT_STATE)
        (void)snprintf(out, SHOWN, "%lld", (long long)s->raw);
    else
        decimal_format(s->value, unit_of(s).places, out);
}

static const char *quality_name(uint8_t q) {
    static const char *const name[QUALITY_COUNT] = {"good", "uncertain", "bad"};
    return q < QUALITY_COUNT ? name[q] : "bad";
}

/* A value that came well and does not hold was refused here. */
static const char *reason_of(const struct core_signal *s) {
    const bool finished = s->type == POINT_EVENT || s->type == POINT_INTERVAL;
    if (s->quality == QUALITY_BAD)
        return s->why == BATCH_WHY_NONE ? NULL : batch_why_name((enum batch_why)s->why);
    return s->known || finished ? NULL : "implausible";
}

static bool is_old(const struct view_in *in, const struct core_signal *s) {
    return s->sticky ? !s->online : view_stale(in, s->asof_ms);
}

static void age_of(struct json_writer *w, const struct view_in *in, const struct core_signal *s) {
    json_writer_key(w, "age_ms");
    if (s->heard)
        json_writer_int64(w, in->now.wall_ms - s->t_ms);
    else
        json_writer_null(w);
}

static void put_signal(struct json_writer *w, const struct view_in *in, uint32_t unit, size_t i) {
    const struct plant *p = core_plant(in->core);
    const int64_t now_ms = in->now.wall_ms;
    struct core_signal s;
    char value[SHOWN];
    core_signal(in->core, unit, i, &s);
    value_text(&s, value);
    const struct shown_unit of = unit_of(&s);
    const struct plant_gauge *g = s.of->gauge ? &p->gauge[s.of->gauge - 1] : NULL;
    json_writer_begin_object(w);
    field_text(w, "role", plant_role_name((enum plant_role)s.of->role));
    field_text(w, "gauge", g ? g->id.s : NULL);
    field_text(w, "name", g ? g->name : NULL);
    field_text(w, "meter", s.of->meter ? p->meter[s.of->meter - 1].id.s : NULL);
    field_text(w, "agent", s.of->agent.s);
    field_text(w, "point", s.of->point);
    field_text(w, "type", s.heard || s.misfit ? point_type_name((enum point_type)s.type) : NULL);
    field_text(w, "value", value[0] ? value : NULL);
    field_text(w, "unit", g && g->unit_text[0] ? g->unit_text : of.unit);
    field_text(w, "quality", s.heard ? (reason_of(&s) ? "bad" : quality_name(s.quality)) : NULL);
    field_text(w, "reason", s.heard ? reason_of(&s) : NULL);
    field_time(w, "at", s.heard ? s.t_ms : INT64_MIN);
    age_of(w, in, &s);
    field_time(w, "asof", s.asof_ms);
    field_bool(w, "stale", is_old(in, &s));
    field_bool(w, "misfit", s.misfit);
    field_bool(w, "commissioning", plant_term_meets(&s.of->commissioning, now_ms, now_ms + 1));
    json_writer_end_object(w);
}

/* --- why ----------------------------------------------------------------------------------------
 */

struct why {
    const struct view_in *in;
    const struct plant *p;
    const struct plant_unit *u;
    struct core_present now;
    struct calendar_piece calendar;
    struct core_signal state; /* of ROLE_STATE */
    bool has_state;
    char value[SHOWN]; /* of it */
    int64_t asof_ms;
    bool stale;
    const char *rule; /* of an MTConnect control */
    char power[32];   /* kW; "": not known */
};

static void look_signals(struct why *y, uint32_t unit) {
    struct mtconnect_now control = {.needs_availability = false};
    int64_t power_uw = 0;
    bool power = false;
    for (size_t i = 0; i < y->u->signal_n; i++) {
        struct core_signal s;
        core_signal(y->in->core, unit, i, &s);
        if (s.of->role == ROLE_STATE) {
            y->state = s;
            y->has_state = true;
        }
        if (s.of->role == ROLE_POWER && s.known && !s.of->meter) {
            power_uw += s.value;
            power = true;
        }
        const unsigned at = mtconnect_signal(s.of->role);
        if (at < MTCONNECT_SIGNALS && s.known)
            control.at[at] = mtconnect_word(at, s.text);
        control.needs_availability = control.needs_availability || s.of->role == ROLE_AVAILABILITY;
    }
    if (y->has_state)
        value_text(&y->state, y->value);
    if (y->u->state_source == STATE_MTCONNECT)
        y->rule = mtconnect_rule_name(mtconnect_rule(&control));
    if (power)
        decimal_format(power_uw, 9, y->power);
}

static const struct plant_state_map *map_of(const struct why *y) {
    return y->u->state_source == STATE_MAP && y->u->state_map < y->p->state_map_n
               ? &y->p->state_map[y->u->state_map]
               : NULL;
}

static bool is_listed(const struct why *y) {
    const struct plant_state_map *m = map_of(y);
    return m && (y->state.text.n ? plant_map_has_word(m, y->state.text)
                                 : plant_map_has_code(m, y->state.raw));
}

/* What its map makes of what it tells, whether that is known to hold or not. */
static enum machine_state machine_of(const struct why *y) {
    const struct plant_state_map *m = map_of(y);
    if (!m || !y->state.known)
        return (enum machine_state)y->now.piece.machine;
    return (enum machine_state)(y->state.text.n ? plant_map_word(m, y->state.text)
                                                : plant_map_code(m, y->state.raw));
}

/* Why nobody knows what it does, in the order in which it is looked for. NULL: it is known. */
static const char *blind(const struct why *y) {
    const int64_t now_ms = y->in->now.wall_ms;
    if (y->u->state_source == STATE_NONE)
        return "no_state_source";
    if (y->asof_ms == INT64_MIN)
        return "never_heard";
    if (y->has_state && plant_term_meets(&y->state.of->commissioning, now_ms, now_ms + 1))
        return "commissioning";
    if (y->stale)
        return "silent";
    if (y->has_state && y->state.heard && !y->state.known)
        return "bad";
    if (map_of(y) && y->state.known && !is_listed(y) && map_of(y)->otherwise == MACHINE_UNKNOWN)
        return "not_in_map";
    return y->now.piece.category == CAT_UNKNOWN || !y->now.known ? "told_unknown" : NULL;
}

static bool is_changeover(const struct why *y) {
    return y->now.piece.category == CAT_SETUP && y->now.piece.machine == MACHINE_IDLE;
}

/* Only in working time, and of a machine that stands, does the order decide. */
static bool order_matters(const struct why *y) {
    switch ((enum machine_state)y->now.piece.machine) {
    case MACHINE_STOPPED:
    case MACHINE_IDLE:
    case MACHINE_COMPLETE:
    case MACHINE_SETUP:
    case MACHINE_OFF:
        return y->now.piece.calendar == CALENDAR_WORK;
    case MACHINE_UNKNOWN:
    case MACHINE_RUN:
    case MACHINE_SPEED:
    case MACHINE_HELD:
    case MACHINE_BLOCKED:
    case MACHINE_STARVED:
    case MACHINE_FAILED:
    case MACHINE_MAINTAINED:
    case MACHINE_ENGINEERING:
    case MACHINE_STATE_COUNT:
        break;
    }
    return false;
}

/* --- the sentence -------------------------------------------------------------------------------
 */

static void say_machine(const struct why *y, struct buf *b) {
    const char *machine = machine_state_name(machine_of(y));
    switch ((enum plant_state_source)y->u->state_source) {
    case STATE_MAP:
        (void)buf_addf(b, "%s %s: %s", map_of(y) ? map_of(y)->id.s : "map",
                       y->value[0] ? y->value : "not known", machine);
        break;
    case STATE_POWER:
        (void)buf_addf(b, "%s kW (idle above %g, run above %g): %s", y->power[0] ? y->power : "-",
                       (double)y->u->idle_above_uw / 1e9, (double)y->u->run_above_uw / 1e9,
                       machine);
        break;
    case STATE_COUNTS:
        (void)buf_addf(b, "by its pieces: %s", machine);
        break;
    case STATE_MTCONNECT:
        (void)buf_addf(b, "EXECUTION %s, rule %s: %s", y->value[0] ? y->value : "not known",
                       y->rule, machine);
        break;
    case STATE_NONE:
        (void)buf_add_str(b, "nothing tells its state");
        break;
    }
}

static void say_blind(const struct why *y, const char *why, struct buf *b) {
    static const struct {
        const char *id, *says;
    } words[] = {{"no_state_source", "nothing tells its state"},
                 {"never_heard", "nothing was heard of it yet"},
                 {"commissioning", "its state signal is in commissioning"},
                 {"silent", "its source is silent"},
                 {"bad", "its state reads bad"},
                 {"not_in_map", "its map does not name that"},
                 {"told_unknown", "that says nothing of it"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].id, why) == 0)
            (void)buf_addf(b, "%s", words[i].says);
    if (strcmp(why, "silent") == 0 && y->now.piece.category != CAT_UNKNOWN)
        (void)buf_addf(b, ", it was last %s", category_name((enum category)y->now.piece.category));
}

static void say_order(const struct why *y, struct buf *b) {
    if (is_changeover(y))
        (void)buf_add_str(b, " + a changeover");
    else if (!order_matters(y))
        return;
    else if (!y->now.order_open)
        (void)buf_add_str(b, " + no order is open");
    else if (!y->now.order_told)
        (void)buf_add_str(b, " + an order is taken to be open");
    else
        (void)buf_addf(b, " + order %.*s waits", (int)y->now.order.n, (const char *)y->now.order.p);
}

/* "packml 4: idle + working time + order O-17 waits: delay" */
static void say(const struct why *y, struct buf *b) {
    static const char *const calendar[] = {[CALENDAR_OFF] = "no shift",
                                           [CALENDAR_WORK] = "working time",
                                           [CALENDAR_BREAK] = "a break",
                                           [CALENDAR_PLANNED] = "a planned stop"};
    const char *why = blind(y);
    if (y->u->state_source != STATE_NONE && y->asof_ms != INT64_MIN) {
        say_machine(y, b);
        (void)buf_add_str(b, why ? "; " : "");
    }
    if (why) {
        say_blind(y, why, b);
        return;
    }
    if (y->now.piece.machine != MACHINE_RUN || y->now.piece.calendar != CALENDAR_WORK)
        (void)buf_addf(b, " + %s", calendar[y->now.piece.calendar & 3]);
    say_order(y, b);
    (void)buf_addf(b, ": %s", category_name((enum category)y->now.piece.category));
    if (y->now.piece.category == CAT_DELAY && y->now.piece.cause != CAUSE_UNSTATED)
        (void)buf_addf(b, ", %s", cause_name((enum cause)y->now.piece.cause));
    if (y->now.reason.n)
        (void)buf_addf(b, " (stated: %.*s)", (int)y->now.reason.n, (const char *)y->now.reason.p);
}

static void why_of(struct json_writer *w, const struct why *y) {
    static const char *const source[] = {"none", "map", "power", "counts", "mtconnect"};
    const struct cell_piece *x = &y->now.piece;
    const bool power = y->u->state_source == STATE_POWER;
    struct buf text;
    buf_init(&text);
    say(y, &text);
    field_object(w, "why");
    field_text(w, "source", source[y->u->state_source % 5]);
    field_text(w, "map", map_of(y) ? map_of(y)->id.s : NULL);
    field_text(w, "value", y->value[0] ? y->value : NULL);
    json_writer_key(w, "listed");
    if (map_of(y) && y->state.known)
        json_writer_bool(w, is_listed(y));
    else
        json_writer_null(w);
    field_text(w, "power_kw", power && y->power[0] ? y->power : NULL);
    field_real(w, "idle_above_kw", (double)y->u->idle_above_uw / 1e9, power);
    field_real(w, "run_above_kw", (double)y->u->run_above_uw / 1e9, power);
    field_real(w, "hysteresis_kw", (double)y->u->power_hysteresis_uw / 1e9, power);
    field_text(w, "rule", y->rule);
    field_text(w, "machine", machine_state_name(machine_of(y)));
    field_text(w, "calendar", view_calendar_name(x->calendar));
    field_text(w, "shift", y->calendar.shift_id ? y->calendar.shift_id->s : NULL);
    field_time(w, "until", y->calendar.to_ms == INT64_MAX ? INT64_MIN : y->calendar.to_ms);
    field_bool(w, "order_matters", order_matters(y));
    field_bool(w, "order_told", y->now.order_told);
    field_bool(w, "order_open", y->now.order_open);
    field_span(w, "order", y->now.order);
    field_bool(w, "changeover", is_changeover(y));
    field_text(w, "state", category_name((enum category)x->category));
    field_text(w, "cause", x->category == CAT_DELAY ? cause_name((enum cause)x->cause) : NULL);
    field_span(w, "stated", y->now.reason);
    field_text(w, "blind", blind(y));
    field_span(w, "text", buf_span(&text));
    json_writer_end_object(w);
    buf_fini(&text);
}

void view_present(struct json_writer *w, const struct view_in *in, uint32_t unit) {
    const struct plant *p = core_plant(in->core);
    struct core_unit_view v;
    struct why y = {.in = in, .p = p, .u = &p->unit[unit]};
    core_unit_view(in->core, unit, &v);
    core_present(in->core, unit, &y.now);
    y.asof_ms = v.asof_ms;
    y.stale = view_stale(in, v.asof_ms);
    y.calendar = calendar_at(p, y.u->calendar, in->now.wall_ms);
    look_signals(&y, unit);
    json_writer_begin_object(w);
    field_time(w, "now", in->now.wall_ms);
    view_node_ids(w, p, y.u->node, in->now.wall_ms);
    field_text(w, "state", category_name((enum category)v.category));
    field_time(w, "since", y.now.known && v.since_ms > 0 ? v.since_ms : INT64_MIN);
    field_time(w, "asof", v.asof_ms);
    field_bool(w, "stale", y.stale);
    field_bool(w, "online", v.online);
    why_of(w, &y);
    field_array(w, "signals");
    for (size_t i = 0; i < y.u->signal_n && i < SIGNALS_MAX; i++)
        put_signal(w, in, unit, i);
    json_writer_end_array(w);
    json_writer_end_object(w);
}
