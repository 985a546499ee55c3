/* The source over lines: takes a line, gives its values to points, tells them, vouches.
 *
 * Position, of a plain file only: "2 <offset> <line> <k> <first> <start> <until> <bytes> <crc>":
 * where the line that is not through begins, how many of its readings were taken, the first line's
 * recorded time and the moment it is replayed at, up to where the source has vouched, and the mark
 * (file_mark.h) of the line before the offset, or of that behind it if a part of it was told. "-"
 * is a number that is not known yet. Version 1 had no mark. Streams have no position: what was not
 * taken is offered again as long as the process lives. */
#include "sources/lines.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utc.h"
#include "sources/coverage.h"
#include "sources/line.h"
#include "sources/lines_input.h"
#include "sources/lines_keys.h"
#include "sources/position.h"
#include "sources/replay.h"

enum {
    LINES_PER_POLL = 2000,
    READS_PER_POLL = 64,
    FULL_WAIT_MS = 200,
    FOLLOW_MS = 1000,
    MEMBERS_TOLD = 64
};

struct lines {
    struct source source;
    const struct lines_conf *conf;
    struct lines_input input;
    struct line_rule rule;
    struct lines_keys keys;
    struct names members; /* of JSON objects, that were named once */
    bool declared;
    struct line line;
    struct lines_client *who; /* wrote the line at hand */
    uint64_t line_no;
    struct reading *readings; /* of the line at hand */
    size_t n, at, skip;
    bool have;
    int64_t t_ms;  /* of the line at hand, by the clock of the readings */
    bool own_time; /* it is what the line says */
    uint64_t line_at, next_at, next_line;
    struct file_mark mark, next_mark; /* of what ends there */
    struct replay replay;
    struct coverage coverage;
    bool broken;            /* what comes next comes after a gap */
    struct lines_kept kept; /* of a pipe; until_ms is filled in when it is asked for */
    int64_t ahead_ms; /* a jump that only the next line can tell from a wrong stamp; or NONE */
};

static void refuse(const struct lines *s, const struct source_out *out, const char *reason,
                   const char *why) {
    char place[LINE_WHY + 80];

    snprintf(place, sizeof place, "%s %u, line %llu, %s", s->input.pipe ? "run" : "client",
             s->who != NULL ? s->who->number : 1, (unsigned long long)s->line_no, why);
    out->refused(out->user, reason, place);
}

/* --- lines --------------------------------------------------------------------------------------
 */

static bool is_bad_word(const struct lines_conf *c, struct span text) {
    static const char *const usual[] = {"NaN", "null", "UNAVAILABLE"};

    for (size_t i = 0; i < c->bad_word_n; i++)
        if (span_equal(text, span_str(c->bad_words[i])))
            return true;
    for (size_t i = 0; c->bad_word_n == 0 && i < 3; i++)
        if (span_equal(text, span_str(usual[i])))
            return true;
    return false;
}

static enum err value_of(const struct quantity *q, const struct line_item *item, struct value *v) {
    int64_t amount, tag = 0;

    if (q->type != POINT_EVENT && q->type != POINT_INTERVAL)
        return quantity_value(q, item->text, v);
    enum err e = quantity_amount(q, item->text, &amount);
    if (e == ERR_OK && item->tag.n > 0)
        e = quantity_code(q, item->tag, &tag);
    if (e == ERR_OK)
        *v = (struct value){.kind = VALUE_AMOUNT,
                            .as.span = {amount, q->type == POINT_INTERVAL ? item->dur_ms : 0, tag}};
    return e;
}

/* One value. A refused one costs itself only. */
static enum err take_item(struct lines *s, const struct source_out *out,
                          const struct line_item *item) {
    struct reading *r = &s->readings[s->n];
    const struct lines_binding *b;
    char why[LINE_WHY];
    bool first;
    enum err e = lines_keys_find(&s->keys, out, item->key, &b, &first);

    if (first) {
        snprintf(why, sizeof why, "expected a key of points, not %.*s",
                 (int)(item->key.n < 100 ? item->key.n : 100), (const char *)item->key.p);
        refuse(s, out, "unknown", why);
    }
    if (e != ERR_OK)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    *r = (struct reading){
        .point = b->point, .quality = item->quality, .by_device = s->own_time, .t_ms = s->t_ms};
    if (item->quality == QUALITY_BAD || is_bad_word(s->conf, item->text)) {
        batch_bad(r, item->quality == QUALITY_BAD && !item->none ? BATCH_WHY_MARKED
                                                                 : BATCH_WHY_UNAVAILABLE);
        s->n++;
        return ERR_OK;
    }
    e = value_of(b->quantity, item, &r->v);
    if (e == ERR_OK) {
        s->n++;
        return ERR_OK;
    }
    char column[32] = "";
    if (item->column > 0) /* of a JSON object it is not known */
        snprintf(column, sizeof column, "column %u, ", item->column);
    snprintf(why, sizeof why, "%s%.*s: expected %s, not \"%.*s\"", column,
             (int)(item->key.n < 60 ? item->key.n : 60), (const char *)item->key.p,
             quantity_expects(b->quantity), (int)(item->text.n < 40 ? item->text.n : 40),
             (const char *)item->text.p);
    refuse(s, out, "value", why);
    return ERR_OK;
}

static enum err parse(struct lines *s, struct span text, char *why) {
    switch ((enum lines_format)s->conf->format) {
    case LINES_JSON:
        return line_parse_json(&s->rule, text, &s->line, why);
    case LINES_PAIRS:
        return line_parse_pairs(&s->rule, text, &s->line, why);
    case LINES_SHDR:
        return line_parse_shdr(&s->rule, &s->who->shdr, text, &s->line, why);
    }
    return ERR_FORMAT;
}

static void set_time(struct lines *s, int64_t now_ms) {
    s->t_ms = now_ms;
    s->own_time = s->line.has_time && s->conf->clock == LINES_ORIGINAL;
    if (!s->line.has_time || s->conf->clock == LINES_ARRIVAL)
        return;
    replay_begin(&s->replay, s->line.t_ms);
    s->t_ms = replay_time(&s->replay, s->line.t_ms);
}

/* Each member that means nothing is named once. */
static enum err name_members(struct lines *s, const struct source_out *out) {
    char why[LINE_WHY];

    for (size_t i = 0; i < s->line.member_n; i++) {
        const struct span m = s->line.members[i];
        const enum err e = names_add(&s->members, m, 0);
        if (e == ERR_NOMEM)
            return e;
        if (e != ERR_OK)
            continue; /* named before, or too many */
        snprintf(why, sizeof why,
                 "unknown member \"%.*s\" is passed over; known: t, point, value, values, quality, "
                 "tag, dur_ms, alive",
                 (int)(m.n < 60 ? m.n : 60), (const char *)m.p);
        refuse(s, out, "member", why);
    }
    return ERR_OK;
}

/* Readings without a time would get a wrong one, if what was meant as the time is a key like any
 * other, or if there is no clock to stamp them with. */
static bool time_is_known(struct lines *s, const struct source_out *out) {
    const bool arrival = s->conf->clock == LINES_ARRIVAL;
    char why[LINE_WHY];

    for (size_t i = 0; i < s->line.n && !s->line.has_time && !arrival; i++) {
        const struct span key = s->line.items[i].key;
        if (!line_means_time(key) || lines_keys_declared(&s->keys, key))
            continue;
        snprintf(why, sizeof why, "unknown key %.*s: did you mean t?", (int)key.n,
                 (const char *)key.p);
        refuse(s, out, "line", why);
        return false;
    }
    if (!out->no_clock || (s->line.has_time && !arrival))
        return true;
    refuse(s, out, "time",
           arrival ? "clock: arrival has no meaning in a replay"
                   : "expected a time: a replay has no clock that says when a line arrived");
    return false;
}

/* The line is through: its program can go on behind it. One that begins again may say its position
 * first, and what was told behind that still comes again. */
static void take_position(struct lines *s) {
    struct lines_kept *k = &s->kept;

    if (!s->line.has_position ||
        (s->skip > 0 && span_equal(s->line.position, span_str(k->position))))
        return;
    if (s->line.position.n > 0)
        memcpy(k->position, s->line.position.p, s->line.position.n);
    k->position[s->line.position.n] = '\0';
    k->told = 0;
    s->skip = 0;
}

/* A line becomes readings. ERR_FORMAT: it was refused, or has nothing to tell. */
static enum err read_line(struct lines *s, struct span text, int64_t now_ms,
                          const struct source_out *out) {
    char why[LINE_WHY];

    s->n = s->at = 0;
    if (text.n == 0)
        return ERR_FORMAT;
    enum err e = parse(s, text, why);
    if (e == ERR_FORMAT || e == ERR_RANGE) {
        refuse(s, out, "line", why);
        return ERR_FORMAT;
    }
    if (e != ERR_OK)
        return e;
    if (s->line.n == 0 && !s->line.alive && !s->line.has_time) {
        take_position(s);
        return ERR_FORMAT; /* a line that is only passed over */
    }
    e = name_members(s, out);
    if (e == ERR_OK && !time_is_known(s, out))
        e = ERR_FORMAT;
    if (e != ERR_OK)
        return e;
    set_time(s, now_ms);
    for (size_t i = 0; i < s->line.n && e == ERR_OK; i++)
        e = take_item(s, out, &s->line.items[i]);
    return e;
}

/* Gets the next line that has something to say; *end: nothing will come again. */
static enum err next_line(struct lines *s, int64_t now_ms, const struct source_out *out,
                          int *budget, bool *end) {
    struct span text;
    uint64_t at = 0;

    for (;;) {
        const enum lines_taken taken = lines_input_take(&s->input, budget, &text, &s->who, &at);
        *end = taken == LINES_END;
        if (taken == LINES_NONE || taken == LINES_END)
            return ERR_OK;
        s->line_at = at;
        s->mark = s->next_mark;
        s->next_mark = s->who->mark;
        s->line_no = s->who->line - 1;
        s->next_at = s->who->offset;
        s->next_line = s->who->line;
        if (taken == LINES_LONG || taken == LINES_CUT) {
            refuse(s, out, "line",
                   taken == LINES_LONG ? "expected at most 64 KiB"
                                       : "expected a whole line, but its writer ended inside it");
            continue;
        }
        const enum err e = read_line(s, text, now_ms, out);
        if (e == ERR_FORMAT)
            continue;
        s->have = e == ERR_OK;
        if (s->have && s->skip > 0) {
            s->at = s->skip < s->n ? s->skip : s->n;
            s->skip = s->input.pipe ? s->skip - s->at : 0;
        }
        return e;
    }
}

/* --- telling ------------------------------------------------------------------------------------
 */

/* A line that jumped ahead of the clock vouches once the next one does not go back behind it. */
static enum err settle_jump(struct lines *s, const struct source_out *out) {
    if (s->ahead_ms == COVERAGE_NONE)
        return ERR_OK;
    if (s->t_ms < s->ahead_ms) {
        char why[LINE_WHY];
        snprintf(why, sizeof why,
                 "the line before is %lld s ahead of this one: it vouches for no time",
                 (long long)((s->ahead_ms - s->t_ms) / 1000));
        refuse(s, out, "ahead", why);
    } else {
        const enum err e = coverage_vouch(&s->coverage, out);
        if (e != ERR_OK)
            return e;
        coverage_extend(&s->coverage, s->ahead_ms, s->ahead_ms, true);
    }
    s->ahead_ms = COVERAGE_NONE;
    return ERR_OK;
}

static enum err tell(struct lines *s, int64_t now_ms, const struct source_out *out) {
    const enum err settled = settle_jump(s, out);
    if (settled != ERR_OK)
        return settled;
    const int64_t known = coverage_known(&s->coverage);
    const bool anew = s->broken && s->t_ms > known && !(s->rule.positions && s->line.has_time);
    const bool gap = known == COVERAGE_NONE ? s->broken && s->input.plain
                                            : anew || s->t_ms - known > s->conf->heartbeat_ms;
    const bool jump = gap && s->t_ms > now_ms;

    if (gap) {
        const enum err e =
            jump ? coverage_vouch(&s->coverage, out) : coverage_begin(&s->coverage, s->t_ms, out);
        if (e != ERR_OK)
            return e;
    }
    for (; s->at < s->n; s->at++) {
        const enum err e = out->reading(out->user, &s->readings[s->at]);
        if (e == ERR_RANGE)
            refuse(s, out, "illegal", "expected texts of at most 256 bytes of UTF-8");
        if (e == ERR_RANGE || e == ERR_OK) {
            s->kept.told++;
        } else {
            /* What was told stands in the batch that ends here, so it is vouched for there. */
            if (s->at > 0 && !jump)
                coverage_extend(&s->coverage, s->t_ms, s->t_ms, gap);
            return e;
        }
    }
    if (jump)
        s->ahead_ms = s->t_ms;
    else
        coverage_extend(&s->coverage, s->t_ms, s->t_ms, gap);
    s->broken = s->broken && known != COVERAGE_NONE && s->t_ms <= known;
    take_position(s);
    s->have = false;
    return ERR_OK;
}

/* The file at hand is not the one that was read before: what that had more is lost. */
static void begin_anew(struct lines *s) {
    coverage_init(&s->coverage, COVERAGE_NONE);
    s->broken = true;
    s->skip = 0;
}

/* At the end of a file: it may have been replaced. */
static enum err look_for_change(struct lines *s, const struct source_out *out, bool *changed) {
    enum file_change change = FILE_SAME;

    if (!s->input.plain || !s->conf->follow)
        return ERR_OK;
    enum err e = coverage_vouch(&s->coverage, out);
    if (e == ERR_OK)
        e = lines_input_look(&s->input, &change);
    if (e != ERR_OK || change == FILE_SAME)
        return e;
    *changed = true;
    s->next_at = 0;
    s->next_line = 1;
    s->next_mark = (struct file_mark){0};
    if (change == FILE_CUT) {
        refuse(s, out, "file",
               "the file has been replaced or cut down; reading begins at its front");
        begin_anew(s);
    }
    return ERR_OK;
}

/* Tells lines that are there and due. */
static enum err run(struct lines *s, int64_t now_ms, const struct source_out *out,
                    int64_t *next_ms) {
    int budget = READS_PER_POLL;

    for (int i = 0; i < LINES_PER_POLL; i++) {
        bool end = false;
        enum err e = s->have ? ERR_OK : next_line(s, now_ms, out, &budget, &end);
        if (e != ERR_OK)
            return e;
        if (!s->have) {
            bool changed = false;
            if (!end)
                e = look_for_change(s, out, &changed);
            if (e != ERR_OK)
                return e;
            if (changed)
                continue;
            if (end)
                *next_ms = INT64_MIN;
            else if (budget <= 0)
                *next_ms = now_ms;
            else
                *next_ms = s->input.plain ? now_ms + FOLLOW_MS : INT64_MAX;
            return ERR_OK;
        }
        if (s->conf->clock == LINES_SHIFTED && s->t_ms > now_ms) {
            *next_ms = s->t_ms;
            return ERR_OK;
        }
        e = tell(s, now_ms, out);
        if (e != ERR_OK)
            return e;
    }
    *next_ms = now_ms;
    return ERR_OK;
}

static enum err lines_poll(struct source *source, int64_t now_ms, const struct source_out *out,
                           int64_t *next_ms) {
    struct lines *s = (struct lines *)source;
    enum err e = s->declared ? ERR_OK : lines_keys_declare(&s->keys, out);

    if (e != ERR_OK)
        return e;
    s->declared = true;
    e = run(s, now_ms, out, next_ms);
    if (e == ERR_OK || e == ERR_FULL) {
        const enum err vouched = coverage_vouch(&s->coverage, out);
        e = vouched == ERR_OK ? e : vouched;
    }
    if (e == ERR_FULL) {
        *next_ms = now_ms + FULL_WAIT_MS;
        return ERR_OK;
    }
    return e;
}

/* With a line at hand that can't be told yet, more of them would only wake the owner. */
static int lines_fd(const struct source *source) {
    const struct lines *s = (const struct lines *)source;

    return s->have ? -1 : lines_input_fd(&s->input);
}

static void lines_position(const struct source *source, struct buf *out) {
    const struct lines *s = (const struct lines *)source;

    if (!s->input.plain)
        return;
    position_add(out, 2);
    position_add(out, (int64_t)(s->have ? s->line_at : s->next_at));
    position_add(out, (int64_t)(s->have ? s->line_no : s->next_line));
    position_add(out, (int64_t)(s->have ? s->at : s->skip));
    position_add(out, s->replay.first_ms);
    position_add(out, s->replay.start_ms);
    position_add(out, s->coverage.until_ms);
    file_mark_format(s->have && s->at == 0 ? &s->mark : &s->next_mark, out);
}

static void lines_close(struct source *source) {
    struct lines *s = (struct lines *)source;

    lines_input_close(&s->input);
    lines_keys_fini(&s->keys);
    names_fini(&s->members);
    free(s->readings);
    line_fini(&s->line);
    free(s);
}

static const struct source_ops lines_ops = {.kind = "lines",
                                            .poll = lines_poll,
                                            .fd = lines_fd,
                                            .position = lines_position,
                                            .close = lines_close};

/* --- opening ------------------------------------------------------------------------------------
 */

static enum err place_parse(struct lines *s, struct span text, int64_t *at, int64_t *line) {
    int64_t v[9] = {[7] = POSITION_NONE, [8] = POSITION_NONE};
    const bool first = position_parse(text, v, 7) == ERR_OK;

    if ((!first && position_parse(text, v, 9) != ERR_OK) || v[0] != (first ? 1 : 2) || v[1] < 0 ||
        v[2] < 1 || v[3] < 0 || file_mark_parse(&v[7], &s->next_mark) != ERR_OK)
        return ERR_FORMAT;
    *at = v[1];
    *line = v[2];
    s->skip = (size_t)v[3];
    s->replay.first_ms = v[4];
    s->replay.start_ms = v[5];
    coverage_init(&s->coverage, v[6]);
    return ERR_OK;
}

static enum err prepare(struct lines *s) {
    const struct lines_conf *c = s->conf;

    s->readings = calloc(LINE_ITEMS_MAX, sizeof *s->readings);
    enum err e = s->readings == NULL ? ERR_NOMEM : line_init(&s->line);
    if (e == ERR_OK)
        e = lines_keys_init(&s->keys, c);
    return e == ERR_OK ? lines_input_open(&s->input, c) : e;
}

/* A file that has no such line at its position is another one, and read from the front. Any file
 * has a front, so what stood there knows nothing either. */
static enum err resume(struct lines *s, struct span position) {
    int64_t at, line;

    if (position.n == 0 || !s->input.plain)
        return ERR_OK;
    if (place_parse(s, position, &at, &line) != ERR_OK)
        return ERR_FORMAT;
    const bool parted = s->skip > 0;
    const uint64_t known = (uint64_t)at + (parted ? s->next_mark.bytes : 0);
    if ((at == 0 && !parted) || !file_mark_holds(s->input.clients[0].fd, known, &s->next_mark)) {
        s->next_mark = (struct file_mark){0};
        begin_anew(s);
        return ERR_OK;
    }
    if (parted)
        s->next_mark = (struct file_mark){0};
    s->next_at = (uint64_t)at;
    s->next_line = (uint64_t)line;
    return lines_input_seek(&s->input, s->next_at, s->next_line, s->next_mark);
}

static struct lines *make(const struct lines_conf *c, int64_t now_ms) {
    struct lines *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->source.ops = &lines_ops;
    s->conf = c;
    s->input = (struct lines_input){.epoll = -1, .listener = -1};
    s->rule = (struct line_rule){.stamp = {.offset_min = c->offset_min},
                                 .positions = c->positions,
                                 .seconds = c->time_unit_ms == 1000,
                                 .conditions = c->conditions,
                                 .condition_n = c->condition_n};
    s->next_line = 1;
    s->ahead_ms = COVERAGE_NONE;
    names_init(&s->members, MEMBERS_TOLD);
    s->replay = (struct replay){.shifted = c->clock == LINES_SHIFTED,
                                .speed = c->speed,
                                .first_ms = REPLAY_NONE,
                                .start_ms = c->has_start ? c->start_ms : now_ms - c->history_ms};
    coverage_init(&s->coverage, COVERAGE_NONE);
    return s;
}

enum err lines_open(const struct lines_conf *c, int64_t now_ms, struct span position,
                    struct source **out) {
    struct lines *s = make(c, now_ms);

    if (s == NULL)
        return ERR_NOMEM;
    enum err e = prepare(s);
    if (e == ERR_OK)
        e = resume(s, position);
    if (e != ERR_OK) {
        lines_close(&s->source);
        return e;
    }
    *out = &s->source;
    return ERR_OK;
}

/* --- lines of a program -------------------------------------------------------------------------
 */

enum err lines_pipe_open(const struct lines_conf *c, const struct lines_kept *kept,
                         struct source **out) {
    struct lines *s = make(c, 0);

    if (s == NULL)
        return ERR_NOMEM;
    if (kept != NULL) {
        s->kept = *kept;
        coverage_init(&s->coverage, kept->until_ms);
    }
    const enum err e = prepare(s);
    if (e != ERR_OK) {
        lines_close(&s->source);
        return e;
    }
    *out = &s->source;
    return ERR_OK;
}

enum err lines_pipe_attach(struct source *source, int fd, bool gap) {
    struct lines *s = (struct lines *)source;

    s->broken |= gap;
    s->skip = s->conf->positions ? (size_t)s->kept.told : 0;
    return lines_input_attach(&s->input, fd);
}

void lines_pipe_detach(struct source *source) {
    struct lines *s = (struct lines *)source;

    s->who = NULL;
    lines_input_detach(&s->input);
}

const struct lines_kept *lines_pipe_kept(const struct source *source) {
    struct lines *s = (struct lines *)(uintptr_t)source;

    s->kept.until_ms = s->coverage.until_ms;
    return &s->kept;
}
