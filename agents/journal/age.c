/* How old is the oldest record that is not durable? The file's head tells when a segment was begun;
 * within what this process writes, marks tell more finely: one a second, and when a long outage has
 * filled their room every second one goes and the next come half as often. So the answer is too
 * old by a second, or in a long outage by a sixty-fourth of it, and never too young. */
#include "journal/journal_impl.h"

enum { SPACING_MS = 1000 };

/* Is the mark of (epoch, seq) or of something before it? Epochs that are not listed are gone, but
 * for the open one, which is listed after its first record. */
static bool mark_reaches(const struct journal *j, const struct mark *m, uint64_t epoch,
                         uint64_t seq) {
    if (m->epoch == epoch)
        return m->seq <= seq;
    for (size_t i = 0; i < j->epoch_n; i++) {
        if (j->epochs[i].epoch == m->epoch)
            return true;
        if (j->epochs[i].epoch == epoch && !journal_find_epoch(j, m->epoch))
            return m->epoch != j->open_epoch;
        if (j->epochs[i].epoch == epoch)
            return false;
    }
    return true;
}

static const struct journal_epoch *oldest_epoch(const struct journal *j) {
    for (size_t i = 0; i < j->epoch_n; i++)
        if (j->epochs[i].durable < j->epochs[i].last)
            return &j->epochs[i];
    return NULL;
}

/* The first seq that is held and not durable. */
static uint64_t first_of(const struct journal_epoch *e) {
    return e->durable + 1 > e->base ? e->durable + 1 : e->base;
}

static void thin(struct journal *j) {
    size_t n = 0;
    for (size_t i = 0; i < j->mark_n; i += 2)
        j->marks[n++] = j->marks[i];
    j->mark_n = n;
    j->mark_spacing_ms *= 2;
}

/* Of the marks before the oldest record only the last one matters. */
static void forget_marks(struct journal *j) {
    const struct journal_epoch *e = oldest_epoch(j);
    size_t k = 0;
    while (k + 1 < j->mark_n && (!e || mark_reaches(j, &j->marks[k + 1], e->epoch, first_of(e))))
        k++;
    j->mark_n -= k;
    memmove(j->marks, j->marks + k, j->mark_n * sizeof *j->marks);
    if (j->mark_n <= 1)
        j->mark_spacing_ms = SPACING_MS;
}

void journal_mark(struct journal *j, uint64_t seq) {
    const struct mark *last = j->mark_n ? &j->marks[j->mark_n - 1] : NULL;
    if (last && last->epoch == j->open_epoch && j->mono_ms - last->mono_ms < j->mark_spacing_ms)
        return;
    forget_marks(j);
    if (j->mark_n == JOURNAL_MARKS_MAX)
        thin(j);
    j->marks[j->mark_n++] = (struct mark){j->open_epoch, seq, j->mono_ms, j->wall_ms};
}

/* When the segment with this record was begun. */
static int64_t segment_begun_ms(const struct journal *j, uint64_t epoch, uint64_t seq) {
    const struct segment *best = NULL;
    for (size_t i = 0; i < j->segment_n; i++) {
        const struct segment *s = &j->segments[i];
        if (!s->bad && s->epoch == epoch && s->first <= seq && (!best || s->first > best->first))
            best = s;
    }
    return best ? best->begun_ms : INT64_MIN;
}

int64_t journal_oldest_ms(const struct journal *j) {
    const struct journal_epoch *e = oldest_epoch(j);
    if (!e)
        return INT64_MIN;
    uint64_t seq = first_of(e);
    int64_t t_ms = segment_begun_ms(j, e->epoch, seq);
    for (size_t i = 0; i < j->mark_n && mark_reaches(j, &j->marks[i], e->epoch, seq); i++)
        if (j->marks[i].epoch == e->epoch && j->marks[i].wall_ms > t_ms)
            t_ms = j->marks[i].wall_ms;
    return t_ms == INT64_MIN ? j->wall_ms : t_ms;
}

uint64_t journal_backlog_records(const struct journal *j) {
    uint64_t sum = 0;
    for (size_t i = 0; i < j->epoch_n; i++)
        if (j->epochs[i].durable < j->epochs[i].last)
            sum += j->epochs[i].last + 1 - first_of(&j->epochs[i]);
    return sum;
}
