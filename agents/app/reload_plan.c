#include "agent_app/reload_plan.h"

#include <stdlib.h>

static size_t find(const struct agent_conf *c, const struct ident *id, size_t near) {
    for (size_t i = 0; i < c->source_n; i++) {
        const size_t at = (near + i) % c->source_n; /* mostly at the same place */
        if (ident_equal(&c->sources[at].id, id))
            return at;
    }
    return RELOAD_NONE;
}

static enum err compare(const struct source_conf *old, const struct source_conf *now, bool *same) {
    struct conf_changes found = {0};
    struct buf text;
    buf_init(&text);
    enum err rc = conf_changes(&source_conf_schema, old, now, &text, &found);
    buf_fini(&text);
    *same = found.n == 0 && old->files == now->files;
    return rc;
}

enum err reload_plan_init(struct reload_plan *p, const struct agent_conf *old,
                          const struct agent_conf *now) {
    enum err rc = ERR_OK;
    *p = (struct reload_plan){.n = now->source_n, .dropped_n = old->source_n};
    p->from = calloc(now->source_n + 1, sizeof *p->from);
    p->kept = calloc(now->source_n + 1, sizeof *p->kept);
    if (!p->from || !p->kept)
        rc = ERR_NOMEM;
    for (size_t i = 0; i < p->n && !rc; i++) {
        const size_t at = find(old, &now->sources[i].id, i);
        p->from[i] = at;
        if (at == RELOAD_NONE) {
            p->added_n++;
            continue;
        }
        rc = compare(&old->sources[at], &now->sources[i], &p->kept[i]);
        p->kept_n += p->kept[i];
        p->changed_n += !p->kept[i];
        p->dropped_n--;
    }
    if (rc)
        reload_plan_fini(p);
    return rc;
}

void reload_plan_fini(struct reload_plan *p) {
    free(p->from);
    free(p->kept);
    *p = (struct reload_plan){0};
}

size_t reload_plan_keeps(const struct reload_plan *p, size_t i) {
    for (size_t k = 0; k < p->n; k++)
        if (p->from[k] == i)
            return p->kept[k] ? k : RELOAD_NONE;
    return RELOAD_NONE;
}

enum err reload_fixed(const struct agent_conf *old, const struct agent_conf *now, struct buf *names,
                      size_t *n) {
    return conf_fixed_changes(&agent_schema, old, now, names, n);
}
