#include "mqtt/mqlast.h"

#include "mqtt/mqseen.h"
#include "sources/position.h"

void mqlast_init(struct mqlast *l) {
    *l = (struct mqlast){.floor_ms = MQSEEN_NONE};
    for (size_t i = 0; i < MQLAST_ROWS; i++)
        l->rows[i].t_ms = MQSEEN_NONE;
}

enum { HEAD = 3, NUMBERS = HEAD + 2 * MQLAST_ROWS };

enum err mqlast_parse(struct mqlast *l, struct span text, int64_t *until_ms) {
    int64_t v[NUMBERS];
    if (position_parse(text, v, NUMBERS) != ERR_OK || v[0] != 1)
        return ERR_FORMAT;
    mqlast_init(l);
    l->floor_ms = v[2];
    for (size_t i = 0; i < MQLAST_ROWS; i++) {
        const int64_t name = v[HEAD + 2 * i], t_ms = v[HEAD + 2 * i + 1];
        if (t_ms == POSITION_NONE)
            continue;
        if (name < 0 || name > UINT32_MAX)
            return ERR_FORMAT;
        l->rows[i] = (struct mqlast_row){(uint32_t)name, t_ms};
    }
    *until_ms = v[1];
    return ERR_OK;
}

void mqlast_format(const struct mqlast *l, int64_t until_ms, struct buf *out) {
    position_add(out, 1);
    position_add(out, until_ms);
    position_add(out, l->floor_ms);
    for (size_t i = 0; i < MQLAST_ROWS; i++) {
        const struct mqlast_row *r = &l->rows[i];
        position_add(out, r->t_ms == MQSEEN_NONE ? POSITION_NONE : r->name);
        position_add(out, r->t_ms);
    }
}

void mqlast_add(struct mqlast *l, uint32_t name, int64_t t_ms) {
    size_t at = 0;
    while (at < MQLAST_ROWS - 1 && (l->rows[at].t_ms == MQSEEN_NONE || l->rows[at].name != name))
        at++;
    const struct mqlast_row was = l->rows[at];
    if (was.name != name && was.t_ms > l->floor_ms) /* a free row is of no time */
        l->floor_ms = was.t_ms;
    memmove(&l->rows[1], &l->rows[0], at * sizeof l->rows[0]);
    l->rows[0] = (struct mqlast_row){name, t_ms};
}

int64_t mqlast_find(const struct mqlast *l, uint32_t name) {
    for (size_t i = 0; i < MQLAST_ROWS; i++)
        if (l->rows[i].t_ms != MQSEEN_NONE && l->rows[i].name == name)
            return l->rows[i].t_ms;
    return l->floor_ms;
}
