/* The source over a recording: takes rows from the file, gives them the time of the chosen clock,
 * declares points as contents ask for them, and tells readings as far as the owner takes them. Its
 * position is told in csv_place.c. */
#include "sources/csv.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "base/utc.h"
#include "sources/csv_source.h"
#include "sources/position.h"

enum {
    READINGS_PER_POLL = 5000,
    FULL_WAIT_MS = 200,
    FOLLOW_MS = 1000,
    STEPS_TOLD = 3,
    JUMP_STEPS = 100
};

#define NONE POSITION_NONE

static void refuse(const struct source_out *out, const struct csv_fault *fault) {
    out->refused(out->user, fault->reason, fault->place);
}

/* --- points -------------------------------------------------------------------------------------
 */

static enum err declare(struct csv *s, const struct csv_column *k, const char *name,
                        const struct source_out *out, uint16_t *id) {
    struct point p = k->quantity.shape;

    snprintf(p.name, sizeof p.name, "%s", name);
    if (k->hint.n > 0 && csv_template_fill(&s->plan, &k->hint, s->file.fields, s->file.field_n,
                                           p.hint, sizeof p.hint) != ERR_OK)
        p.hint[0] = '\0';
    if (!point_check(&p))
        return ERR_RANGE;
    const enum err e = out->add_point(out->user, &p, id);
    return e == ERR_OK ? names_add(&s->names, span_str(name), *id) : e;
}

/* The point of the column in the row at hand. ERR_FORMAT with *fault when it can't have one. */
static enum err find_point(struct csv *s, const struct csv_column *k, const struct source_out *out,
                           uint16_t *id, struct csv_fault *fault) {
    char name[POINT_NAME_MAX + 1];
    enum err e =
        csv_template_fill(&s->plan, &k->point, s->file.fields, s->file.field_n, name, sizeof name);

    if (e == ERR_OK) {
        const struct name_row *row = names_find(&s->names, span_str(name));
        if (row != NULL) {
            *id = (uint16_t)row->number;
            return ERR_OK;
        }
        if (s->names.n >= s->names.most) {
            csv_fault_set(fault, "points", s->file.line, k->index,
                          ": expected at most %zu points (points_max)", s->names.most);
            return ERR_FORMAT;
        }
        e = declare(s, k, name, out, id);
    }
    if (e != ERR_RANGE)
        return e;
    csv_fault_set(fault, "name", s->file.line, k->index, ": expected contents for %s",
                  k->conf->point);
    return ERR_FORMAT;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static const char *midnight_hint(const struct csv *s, int64_t step_ms) {
    const int64_t period = s->conf->period_ms;

    if (step_ms != period - UTC_DAY_MS && step_ms != period + UTC_DAY_MS)
        return "";
    return s->conf->midnight == CSV_MIDNIGHT_AS_WRITTEN
               ? "; 00:00 seems to stand for 24:00 of its date: try midnight: end-of-day"
               : "; 00:00 seems to begin its date: try midnight: as-written";
}

/* Rows of one length should follow each other at that step; a wrong guess of what the stamps mean
 * shows here. */
static void check_step(struct csv *s, const struct csv_time *t, const struct source_out *out) {
    struct csv_fault fault;

    if (s->conf->rows != CSV_INTERVALS || s->conf->period_ms == 0 || s->past.stamp_ms == NONE ||
        s->plan.stamp.form == STAMP_ROW)
        return;
    const int64_t step = t->stamp_ms - s->past.stamp_ms;
    if (step == s->conf->period_ms)
        return;
    if (++s->irregular > STEPS_TOLD)
        return;
    csv_fault_set(&fault, "step", s->file.line, CSV_NO_COLUMN,
                  ": step of %lld s, expected %lld s%s", (long long)(step / 1000),
                  (long long)(s->conf->period_ms / 1000), midnight_hint(s, step));
    refuse(out, &fault);
}

/* The last row was ahead of all that follow: it stays told, and vouches for nothing. */
static void take_back_jump(struct csv *s, const struct csv_time *t, const struct source_out *out) {
    struct csv_fault fault;

    csv_fault_set(&fault, "ahead", s->file.line, CSV_NO_COLUMN,
                  ": the row before is %lld s ahead of this one: it vouches for no time",
                  (long long)((s->past.stamp_ms - t->stamp_ms) / 1000));
    refuse(out, &fault);
    s->past.stamp_ms = s->jump.before_ms;
    s->past.end_ms = s->jump.before_end_ms;
    s->jump.doubtful = false;
}

static bool in_order(struct csv *s, const struct csv_time *t, const struct source_out *out,
                     struct csv_fault *fault) {
    if (s->jump.doubtful && t->stamp_ms < s->past.stamp_ms && t->stamp_ms >= s->jump.before_ms)
        take_back_jump(s, t, out);
    if (s->conf->order == CSV_ANY || s->past.stamp_ms == NONE || t->stamp_ms >= s->past.stamp_ms)
        return true;
    csv_fault_set(fault, "order", s->file.line,
                  s->plan.stamp.form == STAMP_ROW ? -1 : s->plan.time[0],
                  ": expected a time not before the last row's%s",
                  midnight_hint(s, t->stamp_ms - s->past.stamp_ms));
    return false;
}

/* Fields without the empty ones at the end, which some programs write. */
static size_t used_fields(const struct csv *s) {
    size_t n = s->file.field_n;

    while (n > 0 && s->file.fields[n - 1].n == 0)
        n--;
    return n;
}

/* A row of another width than the header's has its values in wrong columns. */
static bool right_width(struct csv *s, struct csv_fault *fault) {
    const size_t used = used_fields(s);

    if (s->width == 0)
        s->width = s->file.field_n;
    const bool less = s->file.field_n < s->width && s->conf->short_rows == CSV_SHORT_REFUSE;
    if (!less && used <= s->width)
        return true;
    csv_fault_set(fault, "fields", s->file.line, CSV_NO_COLUMN, ": expected %zu fields, not %zu%s",
                  s->width, less ? s->file.field_n : used,
                  less ? "" : " (a separator inside of a field needs quotes)");
    return false;
}

/* Turns the fields into readings. ERR_FORMAT: the row has nothing to tell. */
static enum err read_row(struct csv *s, const struct source_out *out) {
    const struct csv_fields f = {s->file.fields, s->file.field_n, s->file.line};
    struct csv_fault fault;
    enum err e = right_width(s, &fault) ? ERR_OK : ERR_FORMAT;

    s->n = s->at = 0;
    if (e == ERR_OK)
        e = csv_row_time(&s->plan, &f, &s->past, &s->time, &fault);
    if (e == ERR_OK) {
        e = in_order(s, &s->time, out, &fault) ? ERR_OK : ERR_FORMAT;
        check_step(s, &s->time, out);
    }
    if (e != ERR_OK) {
        refuse(out, &fault);
        return e;
    }
    replay_begin(&s->replay, s->time.start_ms);
    for (size_t i = 0; i < s->plan.column_n; i++) {
        const struct csv_column *k = &s->plan.columns[i];
        struct reading r;
        e = csv_row_value(&s->plan, k, &f, &s->time, &r, &fault);
        if (e == ERR_OK)
            e = find_point(s, k, out, &r.point, &fault);
        if (e == ERR_FORMAT)
            refuse(out, &fault);
        else if (e == ERR_OK)
            s->readings[s->n++] = r;
        else if (e != ERR_NOT_FOUND)
            return e;
    }
    for (size_t i = 0; i < s->n; i++) {
        s->readings[i].by_device = !s->replay.shifted && s->plan.stamp.form != STAMP_ROW;
        s->readings[i].t_ms = replay_time(&s->replay, s->readings[i].t_ms);
    }
    return ERR_OK;
}

static bool is_comment(const struct csv *s) {
    const char *mark = s->conf->comment;
    const struct span first = s->file.fields[0];
    const size_t n = mark != NULL ? strlen(mark) : 0;

    return (n > 0 && first.n >= n && memcmp(first.p, mark, n) == 0) ||
           (s->file.field_n == 1 && first.n == 0);
}

/* Gets the next record that is not a comment; counts refused ones. */
static enum err take_record(struct csv *s, const struct source_out *out, bool *found) {
    struct csv_fault fault;
    enum csv_taken taken;
    size_t column;

    *found = false;
    for (;;) {
        const enum err e = csv_file_take(&s->file, &taken, &column);
        if (e != ERR_OK || taken == CSV_END)
            return e;
        if (taken == CSV_REFUSED) {
            csv_fault_set(&fault, "record", s->file.line, (int)column - 1,
                          ": expected fields of at most 64 KiB, with quotes that close");
            refuse(out, &fault);
            continue;
        }
        if (!is_comment(s)) {
            *found = true;
            return ERR_OK;
        }
    }
}

/* What comes next comes after a gap. */
static void forget_until(struct csv *s) {
    coverage_init(&s->coverage, COVERAGE_NONE);
    s->broken = true;
}

/* The file at hand is not the one that was read before: what that had more is lost. */
static void begin_anew(struct csv *s, uint64_t line, const struct source_out *out) {
    struct csv_fault fault;

    csv_fault_set(&fault, "file", line, CSV_NO_COLUMN,
                  ": the file has been replaced or cut down; reading begins at its front");
    refuse(out, &fault);
    s->past = (struct csv_past){NONE, NONE, 0};
    s->skip = 0;
    s->resume_at = 0;
    forget_until(s);
}

/* Reads the header and goes to the position. */
static enum err bind(struct csv *s, const struct source_out *out) {
    struct csv_fault fault = {.reason = "header"};
    char why[CSV_WHY];
    bool found = true;
    enum err e = ERR_OK;

    if (s->conf->header)
        e = take_record(s, out, &found);
    if (e != ERR_OK || !found)
        return e;
    e = csv_plan_bind(&s->plan, s->conf->header ? s->file.fields : NULL, s->file.field_n, why);
    if (e != ERR_OK) {
        snprintf(fault.place, sizeof fault.place, "%s", why);
        refuse(out, &fault);
        return e;
    }
    s->bound = true;
    s->width = s->conf->header ? used_fields(s) : 0;
    const bool resumes = s->resumes;
    s->resumes = false;
    if (!resumes)
        return ERR_OK;
    const bool front = s->skip == 0 && (uint64_t)s->resume_at <= s->file.next_at;
    const uint64_t known = (uint64_t)s->resume_at + (s->skip > 0 ? s->resume_mark.bytes : 0);
    if (front) {
        forget_until(s); /* any file has one: this may be another */
        return ERR_OK;
    }
    if (!file_mark_holds(s->file.fd, known, &s->resume_mark)) {
        begin_anew(s, (uint64_t)s->resume_line, out);
        return s->conf->header ? ERR_OK : csv_file_seek(&s->file, 0, 1);
    }
    e = csv_file_seek(&s->file, (uint64_t)s->resume_at, (uint64_t)s->resume_line);
    if (s->skip == 0)
        s->file.next_mark = s->resume_mark;
    return e;
}

/* At the end of the file: it may have been replaced. */
static enum err look_for_change(struct csv *s, const struct source_out *out) {
    const uint64_t line = s->file.next_line;
    enum file_change change = FILE_SAME;

    if (!s->conf->follow)
        return ERR_OK;
    enum err e = coverage_vouch(&s->coverage, out);
    if (e == ERR_OK)
        e = csv_file_look(&s->file, &change);
    if (e != ERR_OK || change == FILE_SAME || !s->bound)
        return e;
    s->bound = false; /* it has a header of its own */
    s->resume_at = 0;
    if (change == FILE_CUT)
        begin_anew(s, line, out);
    return ERR_OK;
}

static enum err next_row(struct csv *s, const struct source_out *out) {
    bool found;

    for (;;) {
        enum err e = take_record(s, out, &found);
        if (e != ERR_OK)
            return e;
        if (!found)
            return ERR_OK;
        if (!csv_plan_takes(&s->plan, s->file.fields, s->file.field_n)) {
            s->past.rows++;
            continue;
        }
        e = read_row(s, out);
        if (e != ERR_OK && e != ERR_FORMAT)
            return e;
        s->at = e == ERR_OK && s->skip < s->n ? s->skip : e == ERR_OK && s->skip > 0 ? s->n : 0;
        s->skip = 0;
        if (e == ERR_OK) {
            s->have = true;
            return ERR_OK;
        }
        s->past.rows++;
    }
}

/* --- telling ------------------------------------------------------------------------------------
 */

/* Whether so much time lies before the row at hand that nothing is known of it. */
static bool after_gap(const struct csv *s) {
    return s->broken || (s->conf->gap_ms > 0 && s->past.end_ms != NONE &&
                         s->time.start_ms - s->past.end_ms > s->conf->gap_ms);
}

/* A reading that no batch can carry costs itself only. */
static void refuse_illegal(const struct csv *s, const struct source_out *out) {
    struct csv_fault fault;

    csv_fault_set(&fault, "illegal", s->file.line, CSV_NO_COLUMN,
                  ": expected texts of at most 256 bytes of UTF-8");
    refuse(out, &fault);
}

/* A row far ahead of the clock and of the pace of the rows: in a replay, which has no clock, of the
 * pace alone. */
static bool jumps(const struct csv *s, int64_t start_ms, int64_t now_ms) {
    const int64_t least = s->conf->gap_ms > UTC_HOUR_MS ? s->conf->gap_ms : UTC_HOUR_MS;
    const int64_t step = s->past.stamp_ms == NONE ? 0 : s->time.stamp_ms - s->past.stamp_ms;

    return s->conf->order == CSV_RISING && start_ms > now_ms && s->step_ms > 0 && step > least &&
           step / JUMP_STEPS >= s->step_ms;
}

/* The row behind a doubtful one was in order: both are. */
static enum err settle_jump(struct csv *s, const struct source_out *out) {
    if (!s->jump.doubtful)
        return ERR_OK;
    const bool gap = s->conf->gap_ms > 0;
    const enum err e = gap ? coverage_vouch(&s->coverage, out) : ERR_OK;
    if (e != ERR_OK)
        return e;
    coverage_extend(&s->coverage, s->jump.start_ms, s->jump.end_ms, gap);
    s->jump.doubtful = false;
    return ERR_OK;
}

/* The row was told. */
static void go_on(struct csv *s) {
    s->step_ms = s->past.stamp_ms == NONE ? 0 : s->time.stamp_ms - s->past.stamp_ms;
    s->past.stamp_ms = s->time.stamp_ms;
    if (s->past.end_ms == NONE || s->time.end_ms > s->past.end_ms || s->conf->order == CSV_ANY)
        s->past.end_ms = s->time.end_ms;
    s->past.rows++;
    s->have = false;
}

/* Tells the row at hand. ERR_BUSY: enough for one poll. */
static enum err tell(struct csv *s, int64_t now_ms, const struct source_out *out, int64_t *room) {
    const enum err settled = settle_jump(s, out);
    if (settled != ERR_OK)
        return settled;
    const bool gap = after_gap(s);
    const int64_t start_ms = replay_time(&s->replay, s->time.start_ms);
    const bool jump = jumps(s, start_ms, now_ms);

    if (gap) {
        const enum err e =
            jump ? coverage_vouch(&s->coverage, out) : coverage_begin(&s->coverage, start_ms, out);
        if (e != ERR_OK)
            return e;
        s->broken = false;
    }
    for (; s->at < s->n; s->at++, (*room)--) {
        if (*room <= 0)
            return ERR_BUSY;
        const enum err e = out->reading(out->user, &s->readings[s->at]);
        if (e == ERR_RANGE)
            refuse_illegal(s, out);
        else if (e != ERR_OK) {
            /* What was told stands in the batch that ends here, so it is vouched for there. */
            if (s->at > 0 && !jump)
                coverage_extend(&s->coverage, start_ms, start_ms, gap);
            return e;
        }
    }
    const int64_t end_ms = replay_time(&s->replay, s->time.end_ms);
    if (jump)
        s->jump = (struct csv_jump){true, start_ms, end_ms, s->past.stamp_ms, s->past.end_ms};
    else
        coverage_extend(&s->coverage, start_ms, end_ms, gap);
    go_on(s);
    return ERR_OK;
}

/* Tells rows that are due; *next_ms as poll has it when ERR_OK. */
static enum err run(struct csv *s, int64_t now_ms, const struct source_out *out, int64_t *next_ms) {
    int64_t room = READINGS_PER_POLL;

    for (;;) {
        enum err e = s->have ? ERR_OK : next_row(s, out);
        if (e != ERR_OK)
            return e;
        if (!s->have) {
            e = s->conf->follow ? look_for_change(s, out) : settle_jump(s, out);
            if (e != ERR_OK)
                return e;
            if (!s->bound) { /* another file, which is read at once */
                *next_ms = now_ms;
                return ERR_OK;
            }
            *next_ms = s->conf->follow ? now_ms + FOLLOW_MS : INT64_MIN;
            return ERR_OK;
        }
        const int64_t due = replay_time(&s->replay, s->time.end_ms);
        if (s->conf->clock == CSV_SHIFTED && due > now_ms) {
            *next_ms = due;
            return ERR_OK;
        }
        e = tell(s, now_ms, out, &room);
        if (e != ERR_OK)
            return e;
        if (room-- <= 0) /* rows that tell nothing take time too */
            return ERR_BUSY;
    }
}

static void tell_end(struct csv *s, const struct source_out *out) {
    struct csv_fault fault;

    if (s->irregular <= STEPS_TOLD)
        return;
    csv_fault_set(&fault, "steps", s->file.line, CSV_NO_COLUMN,
                  ": %llu steps were not as long as the period in all",
                  (unsigned long long)s->irregular);
    refuse(out, &fault);
    s->irregular = 0;
}

static enum err csv_poll(struct source *source, int64_t now_ms, const struct source_out *out,
                         int64_t *next_ms) {
    struct csv *s = (struct csv *)source;
    enum err e = s->bound ? ERR_OK : bind(s, out);

    if (e != ERR_OK)
        return e;
    if (!s->bound) { /* not even a header yet */
        e = look_for_change(s, out);
        if (e != ERR_OK)
            return e;
        *next_ms = s->conf->follow ? now_ms + FOLLOW_MS : INT64_MIN;
        return ERR_OK;
    }
    e = run(s, now_ms, out, next_ms);
    if (e == ERR_OK || e == ERR_BUSY || e == ERR_FULL) {
        const enum err vouched = coverage_vouch(&s->coverage, out);
        e = vouched == ERR_OK ? e : vouched;
    }
    if (e == ERR_BUSY)
        *next_ms = now_ms;
    else if (e == ERR_FULL)
        *next_ms = now_ms + FULL_WAIT_MS;
    else if (e != ERR_OK)
        return e;
    else if (*next_ms == INT64_MIN)
        tell_end(s, out);
    return ERR_OK;
}

static int csv_fd(const struct source *source) {
    (void)source;
    return -1;
}

static void csv_position(const struct source *source, struct buf *out) {
    csv_place_format((const struct csv *)source, out);
}

/* The row at hand is not through yet. */
static bool csv_progress(const struct source *source, struct source_progress *out) {
    const struct csv *s = (const struct csv *)source;

    if (s->conf->follow)
        return false;
    *out = (struct source_progress){.done = s->have ? s->file.at : s->file.next_at,
                                    .all = csv_file_size(&s->file),
                                    .rows = (uint64_t)s->past.rows,
                                    .until_ms = INT64_MIN};
    if (s->past.end_ms != NONE)
        out->until_ms = replay_time(&s->replay, s->past.end_ms);
    return true;
}

static void csv_close(struct source *source) {
    struct csv *s = (struct csv *)source;

    csv_file_close(&s->file);
    csv_plan_fini(&s->plan);
    names_fini(&s->names);
    free(s->readings);
    free(s);
}

static const struct source_ops csv_ops = {.kind = "csv",
                                          .poll = csv_poll,
                                          .fd = csv_fd,
                                          .position = csv_position,
                                          .close = csv_close,
                                          .progress = csv_progress};

/* --- opening ------------------------------------------------------------------------------------
 */

static enum err prepare(struct csv *s, struct span position) {
    const struct csv_conf *c = s->conf;
    enum err e = position.n > 0 ? csv_place_parse(s, position) : ERR_OK;

    if (e == ERR_OK)
        e = csv_plan_init(&s->plan, c);
    if (e == ERR_OK)
        e = csv_file_open(&s->file, c->folder, c->file, s->plan.separator, c->follow);
    if (e == ERR_OK) {
        s->readings = calloc(c->column_n + 1, sizeof *s->readings);
        e = s->readings == NULL ? ERR_NOMEM : ERR_OK;
    }
    return e;
}

enum err csv_open(const struct csv_conf *c, int64_t now_ms, struct span position,
                  struct source **out) {
    struct csv *s = calloc(1, sizeof *s);

    if (s == NULL)
        return ERR_NOMEM;
    *s = (struct csv){.source = {&csv_ops},
                      .conf = c,
                      .file = {.fd = -1},
                      .past = {NONE, NONE, 0},
                      .replay = {.shifted = c->clock == CSV_SHIFTED,
                                 .speed = c->speed,
                                 .first_ms = REPLAY_NONE,
                                 .start_ms = c->has_start ? c->start_ms : now_ms - c->history_ms},
                      .resume_line = 1};
    coverage_init(&s->coverage, COVERAGE_NONE);
    names_init(&s->names, (size_t)c->points_max);
    const enum err e = prepare(s, position);
    if (e != ERR_OK) {
        csv_close(&s->source);
        return e;
    }
    *out = &s->source;
    return ERR_OK;
}
