/* Another table of points while the process runs: an epoch of its own, since within one a point's
 * id and description never change. What leaves the table goes where a start puts what it found
 * (`before`), so that declaring a point again is the same here and there. */
#include "journal/journal_impl.h"

size_t journal_points(const struct journal *j) {
    return j->now.points.n;
}

enum point_type journal_point_type(const struct journal *j, uint16_t point) {
    return (enum point_type)j->now.points.at[point].type;
}

static enum err copy_point(struct lasttab *to, const struct lasttab *from, uint16_t id,
                           uint16_t *fresh) {
    struct reading r;
    enum err rc = lasttab_add(to, &from->points.at[id], fresh);
    if (rc || !lasttab_get(from, id, &r))
        return rc;
    r.point = *fresh;
    return lasttab_put_key(to, &r);
}

/* A source that goes on has vouched without a break. */
static void copy_cover(struct lasttab *to, const struct lasttab *from) {
    for (size_t i = 0; i < to->cover_n && i < from->cover_n; i++) {
        const uint32_t point = to->cover[i].point;
        if (point == 0)
            continue;
        to->cover[i] = from->cover[i];
        to->cover[i].point = point;
    }
}

static enum err divide(const struct journal *j, const struct journal_keep *keep,
                       struct lasttab *now, struct lasttab *before, uint16_t *renumbered) {
    uint16_t id;
    enum err rc = ERR_OK;
    for (size_t i = 0; i < j->now.points.n && !rc; i++) {
        const bool kept = keep->keeps(keep->user, j->now.points.at[i].source);
        rc = copy_point(kept ? now : before, &j->now, (uint16_t)i, &id);
        renumbered[i] = kept ? id : JOURNAL_NO_POINT;
    }
    for (size_t i = 0; i < j->before.points.n && !rc; i++) {
        const char *name = j->before.points.at[i].name;
        if (lasttab_find(now, name, &id) || lasttab_find(before, name, &id))
            continue;
        rc = copy_point(before, &j->before, (uint16_t)i, &id);
        if (rc == ERR_FULL) /* more names than there can be points: the oldest are given up */
            return ERR_OK;
    }
    return rc;
}

enum err journal_renew(struct journal *j, uint64_t epoch, const struct journal_keep *keep,
                       uint16_t *renumbered) {
    struct lasttab now, before;
    if (!journal_idle(j) || j->broken || epoch == 0 || epoch == j->open_epoch)
        return ERR_BUSY;
    lasttab_init(&now);
    lasttab_init(&before);
    enum err rc = divide(j, keep, &now, &before, renumbered);
    if (rc) {
        lasttab_fini(&now);
        lasttab_fini(&before);
        return rc;
    }
    copy_cover(&now, &j->now);
    lasttab_fini(&j->now);
    lasttab_fini(&j->before);
    j->now = now;
    j->before = before;
    journal_begin_epoch(j, epoch);
    return ERR_OK;
}
