/* What the files that tell of history against norms share. Nothing else includes this. */
#ifndef PB_VIEWS_NORMS_IMPL_H
#define PB_VIEWS_NORMS_IMPL_H

#include "views/field.h"
#include "views/history.h"

struct norms_telling {
    struct json_writer *w;
    const struct plant *p;
    const struct view_history *ask;
    struct normed_query q;
    const struct history_reader *reader;
};

/* Members node, product and team, as far as they are of one. */
void norms_key(const struct norms_telling *t, uint32_t node, struct span product, struct span team);
/* Member "norm": id, value or band in the indicator's unit, since when; null. */
void norms_norm(const struct norms_telling *t, const struct norm *n, double value);

/* Each writes its members of the answer; errors of engine/normed.h. */
enum err norms_suggest(struct norms_telling *t);
enum err norms_attainment(struct norms_telling *t);
enum err norms_status(struct norms_telling *t);
enum err norms_review(struct norms_telling *t);
enum err norms_records(struct norms_telling *t);
enum err norms_links(struct norms_telling *t);

#endif
