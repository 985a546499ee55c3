/* History against norms as JSON: the head of every answer, and who writes the rest. */
#include <math.h>

#include "views/norms_impl.h"

const char *view_norms_name(enum view_norms_what w) {
    static const char *const name[VIEW_NORMS_COUNT] = {
        [VIEW_NORMS_SUGGEST] = "suggest", [VIEW_NORMS_ATTAINMENT] = "attainment",
        [VIEW_NORMS_TEAMS] = "teams",     [VIEW_NORMS_STATUS] = "status",
        [VIEW_NORMS_REVIEW] = "review",   [VIEW_NORMS_RECORDS] = "records",
        [VIEW_NORMS_LINKS] = "links"};
    return (unsigned)w < VIEW_NORMS_COUNT ? name[w] : "unknown";
}

void norms_key(const struct norms_telling *t, uint32_t node, struct span product,
               struct span team) {
    field_text(t->w, "node", node == UINT32_MAX ? NULL : t->p->node[node].id.s);
    field_span(t->w, "product", product);
    field_span(t->w, "team", team);
}

void norms_norm(const struct norms_telling *t, const struct norm *n, double value) {
    if (!n) {
        field_text(t->w, "norm", NULL);
        return;
    }
    field_object(t->w, "norm");
    field_text(t->w, "id", n->id.s);
    field_text(t->w, "kind", norm_kind_name((enum norm_kind)n->kind));
    field_text(t->w, "origin", norm_origin_name((enum norm_origin)n->origin));
    field_bool(t->w, "binding", n->binding);
    field_measured(t->w, "value", value);
    field_text(t->w, "source", n->source[0] ? n->source : NULL);
    field_text(t->w, "document", n->document[0] ? n->document : NULL);
    field_time(t->w, "valid_from", n->from_ms);
    json_writer_end_object(t->w);
}

static enum err tell(struct norms_telling *t) {
    switch (t->ask->norms.what) {
    case VIEW_NORMS_SUGGEST:
        return norms_suggest(t);
    case VIEW_NORMS_ATTAINMENT:
    case VIEW_NORMS_TEAMS:
        return norms_attainment(t);
    case VIEW_NORMS_STATUS:
        return norms_status(t);
    case VIEW_NORMS_REVIEW:
        return norms_review(t);
    case VIEW_NORMS_RECORDS:
        return norms_records(t);
    case VIEW_NORMS_LINKS:
        return norms_links(t);
    case VIEW_NORMS_COUNT:
        break;
    }
    return ERR_RANGE;
}

static enum err with_ledger(const struct view_history *ask, const struct ledger *l,
                            const struct history_reader *r, struct buf *out) {
    const struct history_query *q = &ask->query;
    const struct view_norms_ask *n = &ask->norms;
    struct json_writer w;
    struct norms_telling t = {.w = &w,
                              .p = q->plant,
                              .ask = ask,
                              .reader = r,
                              .q = {.plant = q->plant,
                                    .ledger = l,
                                    .node = q->node,
                                    .from_ms = q->from_ms,
                                    .to_ms = q->to_ms,
                                    .indicator = ask->indicator,
                                    .product = n->product[0] ? n->product : NULL,
                                    .team = n->team[0] ? n->team : NULL,
                                    .by = n->by,
                                    .method = n->method,
                                    .supplement = n->supplement}};
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    field_text(&w, "what", view_norms_name(n->what));
    field_text(&w, "node", q->plant->node[q->node].id.s);
    field_time(&w, "from", q->from_ms);
    field_time(&w, "to", q->to_ms);
    const enum err err = tell(&t);
    if (err)
        return err;
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}

enum err view_norms_past(const struct view_history *ask, const struct history_reader *r,
                         struct buf *out) {
    struct ledger_conf usual;
    struct normed_cache own = {0}, *cache = r->norms ? r->norms : &own;
    const struct ledger *l = NULL;
    ledger_conf_init(&usual);
    enum err err =
        normed_kept(cache, ask->norms.conf ? ask->norms.conf : &usual, ask->query.plant, r, &l);
    if (!err)
        err = with_ledger(ask, l, r, out);
    normed_cache_fini(&own);
    return err;
}
