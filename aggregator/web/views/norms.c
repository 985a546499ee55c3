/* What the ledger holds, as JSON. */
#include "views/norms.h"

#include <math.h>
#include <stdio.h>

#include "views/csv.h"
#include "views/field.h"

/* --- one norm --------------------------------------------------------------------------------- */

static void put_value(struct json_writer *w, const struct norm_field *f, const void *at) {
    char text[UTC_TEXT];
    switch ((enum norm_field_type)f->type) {
    case FIELD_TEXT:
        json_writer_text(w, *(const char *const *)at);
        return;
    case FIELD_ID:
        json_writer_text(w, ((const struct ident *)at)->s);
        return;
    case FIELD_REAL:
        json_writer_real(w, *(const double *)at);
        return;
    case FIELD_INT:
        json_writer_int64(w, *(const int64_t *)at);
        return;
    case FIELD_BOOL:
        json_writer_bool(w, *(const bool *)at);
        return;
    case FIELD_TIME:
        utc_format(*(const int64_t *)at, text);
        json_writer_text(w, text);
        return;
    case FIELD_WORD:
        json_writer_text(w, f->word(*(const uint8_t *)at));
        return;
    case FIELD_MAP:
    case FIELD_LIST:
        break;
    }
}

static bool any_given(const struct norm_fields *of, const void *base);

static size_t count_of(const struct norm_field *f, const void *base) {
    size_t n = 0;
    memcpy(&n, (const char *)base + f->count_at, sizeof n);
    return n;
}

static bool given(const struct norm_field *f, const void *base) {
    if (f->type == FIELD_MAP)
        return any_given(f->sub, base);
    if (f->type == FIELD_LIST)
        return count_of(f, base) > 0;
    return norm_field_given(f, (const char *)base + f->at);
}

static bool any_given(const struct norm_fields *of, const void *base) {
    for (size_t i = 0; i < of->n; i++)
        if (given(&of->at[i], base))
            return true;
    return false;
}

static void put_fields(struct json_writer *w, const struct norm_fields *of, const void *base) {
    for (size_t i = 0; i < of->n; i++) {
        const struct norm_field *f = &of->at[i];
        if (!given(f, base))
            continue;
        json_writer_key(w, f->key);
        if (f->type == FIELD_MAP) {
            json_writer_begin_object(w);
            put_fields(w, f->sub, base);
            json_writer_end_object(w);
        } else if (f->type == FIELD_LIST) {
            json_writer_begin_array(w);
            for (size_t k = 0; k < count_of(f, base); k++) {
                json_writer_begin_object(w);
                put_fields(w, f->sub, (const char *)base + f->at + k * f->step);
                json_writer_end_object(w);
            }
            json_writer_end_array(w);
        } else {
            put_value(w, f, (const char *)base + f->at);
        }
    }
}

static void put_day(struct json_writer *w, const char *key, const struct ledger *l, int64_t t_ms) {
    char text[16] = "";
    if (t_ms != NORM_NO_TIME && t_ms != NORM_FOR_GOOD)
        ledger_day(l, t_ms, text);
    field_text(w, key, text[0] ? text : NULL);
}

/* A norm begins with a day of the plant, which in UTC is another one. */
static void put_days(struct json_writer *w, const struct ledger *l, const struct norm *n) {
    field_object(w, "days");
    put_day(w, "from", l, n->from_ms);
    put_day(w, "until", l, n->to_ms);
    put_day(w, "due", l, n->due_ms);
    json_writer_end_object(w);
}

void view_norm_etag(const struct ledger *l, const struct norm *n, char etag[VIEW_ETAG]) {
    (void)snprintf(etag, VIEW_ETAG, "\"%s-%llu\"", n->id.s, (unsigned long long)ledger_told(l, n));
}

/* `fields` are the norm's own, as they may be sent back; what follows from dates stands beside. */
static void put_norm(struct json_writer *w, const struct ledger *l, const struct norm *n,
                     int64_t now_ms) {
    struct norm_values v = {0};
    char etag[VIEW_ETAG];
    const bool known = ledger_values(l, n, &v);
    field_text(w, "id", n->id.s);
    field_text(w, "status", norm_state_name(norm_state_at(n, now_ms)));
    field_time(w, "until", n->to_ms == NORM_FOR_GOOD ? INT64_MIN : n->to_ms);
    put_days(w, l, n);
    field_text(w, "superseded_by", n->superseded_by.s[0] ? n->superseded_by.s : NULL);
    const char *by = ledger_imported_by(l, n);
    field_text(w, "imported_by", by[0] ? by : NULL);
    field_bool(w, "overdue", ledger_overdue(n, now_ms));
    field_real(w, "in_indicator_unit", n->kind == NORM_STANDARD ? v.target : v.value,
               known && isfinite(n->kind == NORM_STANDARD ? v.target : v.value));
    field_count(w, "event", ledger_told(l, n));
    view_norm_etag(l, n, etag);
    field_text(w, "etag", etag);
    field_object(w, "fields");
    put_fields(w, &norm_fields, n);
    json_writer_end_object(w);
}

void view_norm_answer(struct json_writer *w, const struct ledger_answer *a) {
    json_writer_begin_object(w);
    field_count(w, "event", a->n);
    field_text(w, "id", a->id.s);
    field_text(w, "state", norm_state_name((enum norm_state)a->state));
    field_bool(w, "repeated", a->repeated);
    field_array(w, "warnings");
    for (size_t i = 0; i < a->warning_n; i++)
        json_writer_text(w, a->warning[i]);
    json_writer_end_array(w);
    field_array(w, "related");
    for (size_t i = 0; i < a->related_n; i++)
        json_writer_text(w, a->related[i].s);
    json_writer_end_array(w);
    json_writer_end_object(w);
}

/* --- lists ------------------------------------------------------------------------------------ */

/* A norm of the site concerns every node; one of a node that is gone none. */
static bool concerns(const struct ledger *l, const struct norm *n, const struct view_norms *ask) {
    return ask->node == UINT32_MAX || ledger_concerns(l, n, ask->node);
}

static bool is_asked(const struct ledger *l, const struct norm *n, const struct view_norms *ask,
                     int64_t now_ms) {
    return (ask->indicator == INDICATOR_COUNT || n->indicator == ask->indicator) &&
           (!ask->states || ask->states & 1u << norm_state_at(n, now_ms)) &&
           (!ask->overdue || ledger_overdue(n, now_ms)) && concerns(l, n, ask);
}

void view_norms(struct json_writer *w, const struct ledger *l, const struct view_norms *ask,
                int64_t now_ms) {
    size_t i = ask->from, told = 0;
    json_writer_begin_object(w);
    field_array(w, "norms");
    for (; i < ledger_count(l) && told < ask->limit; i++) {
        const struct norm *n = ledger_at(l, i);
        if (!is_asked(l, n, ask, now_ms))
            continue;
        json_writer_begin_object(w);
        put_norm(w, l, n, now_ms);
        json_writer_end_object(w);
        told++;
    }
    json_writer_end_array(w);
    field_count(w, "events", ledger_last(l));
    json_writer_key(w, "next");
    if (i < ledger_count(l))
        json_writer_int64(w, (int64_t)i);
    else
        json_writer_null(w);
    json_writer_end_object(w);
}

/* Of a document its name: where it lay on somebody's disk, as older tools wrote it down, is nobody
 * else's concern. */
static const char *why_of(const struct ledger_event *e, char room[256]) {
    static const char lead[] = "imported from ";
    const char *why = e->why ? e->why : "", *slash = strrchr(why, '/');
    if (e->action != LEDGER_IMPORT || !slash || strncmp(why, lead, sizeof lead - 1) != 0)
        return e->why;
    (void)snprintf(room, 256, "%s%s", lead, slash + 1);
    return room;
}

void view_norm_event(struct json_writer *w, const struct ledger_event *e) {
    char why[256];
    json_writer_begin_object(w);
    field_count(w, "event", e->n);
    field_time(w, "when", e->at_ms);
    field_text(w, "who", e->who);
    field_text(w, "action", ledger_action_name((enum ledger_action)e->action));
    field_text(w, "norm", e->id.s);
    field_text(w, "from",
               e->from == NORM_STATE_COUNT ? NULL : norm_state_name((enum norm_state)e->from));
    field_text(w, "to", norm_state_name((enum norm_state)e->to));
    field_text(w, "why", why_of(e, why));
    field_text(w, "evidence", e->evidence);
    field_array(w, "changes");
    for (size_t i = 0; i < e->change_n; i++) {
        json_writer_begin_object(w);
        field_text(w, "field", e->change[i].path);
        field_text(w, "from", e->change[i].from);
        field_text(w, "to", e->change[i].to);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
    json_writer_end_object(w);
}

void view_norm_audit(struct json_writer *w, const struct ledger *l, uint64_t from, size_t limit) {
    uint64_t n = from ? from : 1;
    json_writer_begin_object(w);
    field_array(w, "events");
    for (size_t told = 0; n <= ledger_last(l) && told < limit; n++, told++)
        view_norm_event(w, ledger_event(l, n));
    json_writer_end_array(w);
    json_writer_key(w, "next");
    if (n <= ledger_last(l))
        json_writer_int64(w, (int64_t)n);
    else
        json_writer_null(w);
    json_writer_end_object(w);
}

static void csv_field(struct buf *out, const char *text, const char *behind) {
    csv_text(out, span_str(text));
    (void)buf_add_str(out, behind);
}

/* What an event with nothing changed would leave out is its own line, too. */
static void csv_change(struct buf *out, const struct ledger_event *e,
                       const struct ledger_change *c) {
    char when[UTC_TEXT], why[256];
    utc_format(e->at_ms, when);
    (void)buf_addf(out, "%llu,%s,", (unsigned long long)e->n, when);
    csv_field(out, e->who, ",");
    csv_field(out, ledger_action_name((enum ledger_action)e->action), ",");
    csv_field(out, e->id.s, ",");
    csv_field(out, e->from == NORM_STATE_COUNT ? "" : norm_state_name((enum norm_state)e->from),
              ",");
    csv_field(out, norm_state_name((enum norm_state)e->to), ",");
    csv_field(out, why_of(e, why), ",");
    csv_field(out, e->evidence, ",");
    csv_field(out, c ? c->path : "", ",");
    csv_field(out, c ? c->from : "", ",");
    csv_field(out, c ? c->to : "", "\n");
}

static void csv_event(struct buf *out, const struct ledger_event *e) {
    for (size_t i = 0; i < e->change_n; i++)
        csv_change(out, e, &e->change[i]);
    if (e->change_n == 0)
        csv_change(out, e, NULL);
}

enum err view_norm_audit_file(struct buf *out, const struct ledger *l, uint64_t from, size_t limit,
                              bool csv) {
    struct json_writer w;
    if (csv && from <= 1)
        (void)buf_add_str(out, "event,when,who,action,norm,state_from,state_to,why,evidence,field,"
                               "from,to\n");
    for (uint64_t n = from ? from : 1; n <= ledger_last(l) && limit; n++, limit--) {
        if (csv) {
            csv_event(out, ledger_event(l, n));
            continue;
        }
        json_writer_init(&w, out);
        view_norm_event(&w, ledger_event(l, n));
        (void)buf_add_byte(out, '\n');
    }
    return out->failed ? ERR_NOMEM : ERR_OK;
}

void view_norm_whole(struct json_writer *w, const struct ledger *l, const struct norm *n,
                     int64_t now_ms) {
    json_writer_begin_object(w);
    put_norm(w, l, n, now_ms);
    field_array(w, "history");
    for (uint64_t i = 1; i <= ledger_last(l); i++)
        if (ident_equal(&ledger_event(l, i)->id, &n->id))
            view_norm_event(w, ledger_event(l, i));
    json_writer_end_array(w);
    json_writer_end_object(w);
}

/* --- which one, and why ------------------------------------------------------------------------
 */

static void put_loser(struct json_writer *w, const struct ledger_loser *x) {
    json_writer_begin_object(w);
    field_text(w, "id", x->norm->id.s);
    field_text(w, "because", ledger_loss_text((enum ledger_loss)x->why));
    json_writer_end_object(w);
}

void view_norm_why(struct json_writer *w, const struct ledger *l, const struct plant *p,
                   const struct view_norm_why *ask) {
    const struct ledger_scope of = {ask->node, ask->product, ask->operation, ask->team};
    struct ledger_why why;
    const struct norm *n = ask->indicator == INDICATOR_COUNT
                               ? ledger_in_force_of(l, ask->quantity, &of, ask->t_ms, &why)
                               : ledger_in_force(l, ask->indicator, &of, ask->t_ms, &why);
    json_writer_begin_object(w);
    field_text(w, "node", p->node[ask->node].id.s);
    field_text(w, "indicator",
               ask->indicator == INDICATOR_COUNT ? NULL : indicator_row(ask->indicator)->id);
    field_text(w, "quantity", ask->indicator == INDICATOR_COUNT ? ask->quantity : NULL);
    field_text(w, "product", ask->product);
    field_text(w, "operation", why.operation && *why.operation ? why.operation : NULL);
    field_text(w, "team", ask->team);
    field_time(w, "at", ask->t_ms);
    json_writer_key(w, "norm");
    if (n) {
        json_writer_begin_object(w);
        put_norm(w, l, n, ask->t_ms);
        json_writer_end_object(w);
    } else {
        json_writer_null(w);
    }
    field_bool(w, "bound", why.bound);
    field_bool(w, "plan_required", why.plan_required);
    field_count(w, "others", why.loser_n);
    field_array(w, "not_chosen");
    for (size_t i = 0; i < why.loser_n && i < LEDGER_LOSERS_MAX; i++)
        put_loser(w, &why.loser[i]);
    json_writer_end_array(w);
    json_writer_end_object(w);
}
