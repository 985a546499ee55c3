/* Norms as JSON: the command form that the command line, the API and the page share; norms, which
 * one is in force and why, and the audit. */
#ifndef PB_VIEWS_NORMS_H
#define PB_VIEWS_NORMS_H

#include "norm/field.h"
#include "views/views.h"
#include "json/json.h"

/* A command as it was sent. Its texts borrow from the tree and from `texts`. */
struct norm_form {
    struct ledger_command command;
    struct norm norm;
    struct norm_texts texts;
    struct buf said; /* what is set: command.said */
    struct json_value *root;
};

/* Reads one command:
 *
 *   action   text   draft, propose, answer, trial, result, consult, publish, choose, submit,
 * return, approve, withdraw, import id       text   of the norm; without it a new one gets a name
 *   who, why, evidence, key, owner   texts
 *   accept   bool   of an answer; true without it
 *   at, due  times  RFC 3339, or a date as its midnight in the plant's zone
 *   norm     object fields of the norm as norms.c writes them, for all that it has
 *   set      object path to text, such as {"scope.node": "press-1", "value": "0.85"}: put over
 *                   `norm`, or over what the ledger has of it
 *
 * ERR_FORMAT, ERR_RANGE: *why says what is wrong; ERR_NOMEM. norm_form_fini() in any case. */
enum err norm_form_read(struct span json, const struct plant *p, const struct ledger *l,
                        struct norm_form *out, struct ledger_refusal *why);
void norm_form_fini(struct norm_form *f);
/* Fields of a norm as norms.c writes them, put over *n. */
enum err norm_form_fields(const struct json_value *fields, const struct zone *zone, struct norm *n,
                          struct norm_texts *texts, struct ledger_refusal *why);

/* What came of it: n, id, state, repeated, warnings, related. */
void view_norm_answer(struct json_writer *w, const struct ledger_answer *a);

struct view_norms {           /* what is asked for */
    uint32_t node;            /* norms of this node and below; UINT32_MAX: of all */
    enum indicator indicator; /* INDICATOR_COUNT: of all */
    unsigned states;          /* set of enum norm_state as of now; 0: all */
    bool overdue;
    size_t from, limit;
};
/* {"norms": [...], "events": how many there are in all, "next": n or null}. */
void view_norms(struct json_writer *w, const struct ledger *l, const struct view_norms *ask,
                int64_t now_ms);
enum { VIEW_ETAG = 72 };
/* The tag of a norm as it stands: another one with each event of it. */
void view_norm_etag(const struct ledger *l, const struct norm *n, char etag[VIEW_ETAG]);
/* One, with what was done to it. */
void view_norm_whole(struct json_writer *w, const struct ledger *l, const struct norm *n,
                     int64_t now_ms);

struct view_norm_why {
    uint32_t node;
    enum indicator indicator;                          /* INDICATOR_COUNT: quantity */
    const char *quantity, *product, *operation, *team; /* NULL: none */
    int64_t t_ms;
};
/* The norm in force and the others that were not chosen, with reasons. */
void view_norm_why(struct json_writer *w, const struct ledger *l, const struct plant *p,
                   const struct view_norm_why *ask);

/* {"events": [...], "next": n or null}: `limit` events from number `from` on. */
void view_norm_audit(struct json_writer *w, const struct ledger *l, uint64_t from, size_t limit);
/* The same as a file: JSON lines, an event a line; CSV, a change a line, with a head on the first
 * page. ERR_NOMEM. */
enum err view_norm_audit_file(struct buf *out, const struct ledger *l, uint64_t from, size_t limit,
                              bool csv);
/* One event as an object. */
void view_norm_event(struct json_writer *w, const struct ledger_event *e);

#endif
