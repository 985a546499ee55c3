/* What people enter, as JSON: the command form that the command line, the API and the page share,
 * and the list of what was entered. */
#ifndef PB_VIEWS_ENTRY_H
#define PB_VIEWS_ENTRY_H

#include "views/views.h"

/* Reads one entry in its command form:
 *
 *   key    text   drawn by who enters it; the same entry under the same key counts once
 *   kind   text   order, product, team, headcount, cause, good, scrap, rework, material, energy,
 *                 factor, replaced, note, void
 *   unit   text   id of the unit; not for factor, replaced and void
 *   value  number amount (pieces, material), reading of the register (kWh), persons; text is taken,
 *                 too ("12.5")
 *   text   text   order, product (empty: none), team or cause
 *   from, to, at  RFC 3339 or ms; at: both; without: now. Orders and the like without `to` hold for
 *                 good
 *   shift  text   2026-11-19/early instead of from and to
 *   product, reason, note, who   texts
 *   signal text   agent/point of a factor or a replaced meter; factor text "2/1"
 *   old_end, new_start  numbers: what the old meter showed last, the new one first
 *   entry  number the one that does not hold (void)
 *
 * A key that the kind has no use for is refused. The act's texts borrow from `root`, which the
 * caller closes with json_close(); *root may be set on failure, too. ERR_FORMAT, ERR_RANGE: *why
 * says what is wrong. ERR_NOMEM. */
struct json_value;
enum err view_entry_read(struct span json, const struct plant *p, int64_t now_ms,
                         struct json_value **root, struct act *out, struct act_refusal *why);

struct view_entries {       /* what is asked for */
    uint32_t unit;          /* UINT32_MAX: all */
    int64_t from_ms, to_ms; /* what concerns this time */
    uint64_t before;        /* older than the entry of this number; 0: all */
    size_t limit;           /* newest first */
};
enum { VIEW_PLAN_ETAG = 32 };
/* What If-Match wants of who plans anew what entry n has planned: in quotes. */
void view_plan_etag(uint64_t n, char etag[VIEW_PLAN_ETAG]);
void view_entry(struct json_writer *w, const struct core_act *x);
void view_entries(struct json_writer *w, const struct core *core, const struct view_entries *ask);

#endif
