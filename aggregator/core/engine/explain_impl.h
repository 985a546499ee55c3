/* What the files of explanations share. Nothing else includes this. */
#ifndef PB_ENGINE_EXPLAIN_IMPL_H
#define PB_ENGINE_EXPLAIN_IMPL_H

#include "engine/explain.h"
#include "engine/parts.h"

struct explain_job {
    const struct explain_query *q;
    const struct history_reader *reader;
    struct explain *out;
    struct explain_items all; /* as they were told, those of no use, too */
    const void *last;         /* what the newest item comes from */
    uint8_t last_kind;        /* enum cell_source_kind */
    int64_t last_from_ms;
    size_t context;     /* the one found last: cells of one follow each other */
    uint32_t unit;      /* whose cells are being read */
    bool pieces, timed; /* its pieces count at the node; the indicator is made of time */
    enum err err;
};

/* explain.c: a new item without parts; its part of the sums; the part of an order, product and
 * team. ERR_FULL, ERR_NOMEM. */
enum err explain_put(struct explain_job *j, struct explain_items *l, const struct explain_item *x);
void explain_add_part(const struct explain_job *j, struct explain_items *l, size_t item,
                      const struct sums *s);
enum err explain_add_context(struct explain_job *j, const struct context *ctx,
                             const struct sums *s);
/* explain_logs.c: the unit's cells anew, told booking by booking. out->from_logs stays false if the
 * window reaches behind the logs. */
enum err explain_trace(struct explain_job *j);

#endif
