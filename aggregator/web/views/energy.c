#include "views/energy.h"

#include <stdlib.h>

#include "views/energy_impl.h"

void view_energy_ask_init(struct view_energy_ask *ask, enum view_energy what) {
    *ask = (struct view_energy_ask){.what = what};
    buf_init(&ask->frozen);
}

void view_energy_ask_fini(struct view_energy_ask *ask) {
    buf_fini(&ask->frozen);
    free(ask->node_no);
    ask->node_no = NULL;
}

const char *view_energy_name(enum view_energy what) {
    static const char *const name[VIEW_ENERGY_COUNT] = {
        [VIEW_ENERGY_DEMAND] = "demand",   [VIEW_ENERGY_BASELINE] = "baseline",
        [VIEW_ENERGY_CUSUM] = "cusum",     [VIEW_ENERGY_REPORT] = "report",
        [VIEW_ENERGY_BALANCE] = "balance",
    };
    return (unsigned)what < VIEW_ENERGY_COUNT ? name[what] : "unknown";
}

/* w: NULL for CSV. */
static enum err tell(const struct view_history *ask, const struct history_reader *r,
                     struct json_writer *w, struct buf *out) {
    switch (ask->energy->what) {
    case VIEW_ENERGY_DEMAND:
        return energy_load(ask, r, w, out);
    case VIEW_ENERGY_BASELINE:
        return energy_baseline(ask, r, w, out);
    case VIEW_ENERGY_CUSUM:
    case VIEW_ENERGY_REPORT:
        return energy_study(ask, r, w, out);
    case VIEW_ENERGY_BALANCE:
        return energy_balance(ask, r, w, out);
    case VIEW_ENERGY_COUNT:
        break;
    }
    return ERR_RANGE;
}

enum err view_energy_past(const struct view_history *ask, const struct history_reader *r,
                          struct buf *out) {
    const struct history_query *q = &ask->query;
    struct json_writer w;
    if (ask->format == VIEW_CSV) {
        const enum err err = tell(ask, r, NULL, out);
        return err ? err : out->failed ? ERR_NOMEM : ERR_OK;
    }
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    field_text(&w, "what", view_energy_name(ask->energy->what));
    field_text(&w, "node", q->plant->node[q->node].id.s);
    field_time(&w, "from", q->from_ms);
    field_time(&w, "to", q->to_ms);
    const enum err err = tell(ask, r, &w, out);
    if (err)
        return err;
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}
