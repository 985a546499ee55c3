/* Which teams worked where. */
#include <stdlib.h>

#include "engine/normed.h"

struct collecting {
    const struct plant *plant;
    struct normed_teams *out;
};

static enum err take(void *user, const struct team_shift *s) {
    struct collecting *x = user;
    struct normed_teams *t = x->out;
    struct normed_team one = {.unit = x->plant->node[s->node].unit};
    if (s->team.n == 0 || !ident_set(&one.team, s->team)) /* a norm has no such team */
        return ERR_OK;
    for (size_t i = t->n; i-- > 0;)
        if (t->at[i].unit == one.unit && ident_equal(&t->at[i].team, &one.team))
            return ERR_OK;
    if (t->n == t->cap) {
        const size_t cap = t->cap ? 2 * t->cap : 32;
        struct normed_team *at = realloc(t->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        t->at = at;
        t->cap = cap;
    }
    t->at[t->n++] = one;
    return ERR_OK;
}

enum err normed_teams(const struct normed_query *q, const struct history_reader *r,
                      struct normed_teams *out) {
    struct normed_words words = {0};
    struct collecting x = {q->plant, out};
    *out = (struct normed_teams){0};
    const enum err err = normed_each(q, r, false, &words, take, &x);
    normed_words_fini(&words);
    return err;
}

void normed_teams_fini(struct normed_teams *t) {
    free(t->at);
    *t = (struct normed_teams){0};
}
