/* Talks to the database: takes back, writes, and does what its answer asks for. */
#include <stdio.h>

#include "outbox/outbox_impl.h"

static void remember_error(struct outbox *o, const struct sink_answer *a) {
    int n = a->body.n < 120 ? (int)a->body.n : 120;
    snprintf(o->stats.last_error, sizeof o->stats.last_error, "status=%d %s%.*s", a->status,
             a->error ? a->error : "", n, a->body.n ? (const char *)a->body.p : "");
    for (char *c = o->stats.last_error; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == '"')
            *c = ' ';
}

static void mark(struct outbox *o, struct part p, enum fate fate, const struct sink_answer *a) {
    for (size_t i = p.from; i < p.to; i++) {
        struct row *r = &o->page.row[i];
        if (r->fate != PENDING)
            continue;
        r->fate = (uint8_t)fate;
        if (fate == DELIVERED)
            o->stats.delivered++;
        int n = a->body.n < DEAD_WORDS_MAX - 16 ? (int)a->body.n : DEAD_WORDS_MAX - 16;
        if (fate == DEAD)
            snprintf(r->words, sizeof r->words, "%d %.*s", a->status, n,
                     n ? (const char *)a->body.p : "");
    }
}

static void went_well(struct outbox *o) {
    o->wait_ms = o->conf.retry_min_ms;
    o->stats.last_ok_mono_ms = o->now_mono_ms;
    outbox_set_state(o, OUTBOX_OK, "database_works");
}

/* Refused for what it holds: halve; a row alone that is refused twice is dead. Once may be a
 * request that was damaged on its way. */
static void refused(struct outbox *o, const struct sink_answer *a) {
    struct part p = o->stack[o->stack_n - 1];
    went_well(o);
    if (p.to - p.from == 1 && !o->page.row[p.from].refused) {
        o->page.row[p.from].refused = true;
        return; /* it is the next part again */
    }
    o->stack_n--;
    if (p.to - p.from == 1) {
        mark(o, p, DEAD, a);
        outbox_tell(o, true, "row_parked", o->page.row[p.from].words);
        return;
    }
    size_t mid = p.from + (p.to - p.from) / 2;
    o->stack[o->stack_n++] = (struct part){mid, p.to};
    o->stack[o->stack_n++] = (struct part){p.from, mid};
}

static void try_later(struct outbox *o, const struct sink_answer *a, enum step again) {
    o->stats.retries++;
    remember_error(o, a);
    bool held = a->status == 401 || a->status == 403 || a->status == 404;
    if (held)
        o->wait_ms = o->conf.retry_max_ms;
    outbox_set_state(o, held ? OUTBOX_HELD : OUTBOX_RETRYING,
                     held ? "database_refuses_us" : "database_down");
    int64_t asked_ms = a->retry_after_ms, most_ms = o->conf.retry_after_max_ms;
    if (asked_ms > most_ms) {
        char text[80];
        snprintf(text, sizeof text, "asked_s=%lld waits_s=%lld", (long long)(asked_ms / 1000),
                 (long long)(most_ms / 1000));
        outbox_tell(o, true, "retry_after_shortened", text);
        asked_ms = most_ms;
    }
    outbox_wait(o, again, asked_ms);
}

static void on_created(void *user, const struct sink_answer *a) {
    struct outbox *o = user;
    o->step = RETRACTING;
    if (a->status >= 200 && a->status < 300) {
        outbox_next(o);
        return;
    }
    o->created = false; /* asked again when the next write finds nothing */
    try_later(o, a, RETRACTING);
}

static bool refuses_content(const struct sink_answer *a) {
    return a->status == 400 || a->status == 422 || a->status == 413;
}

static void retract_done(struct outbox *o) {
    o->page.row[o->retract_at++].retract = false;
}

static void on_answer(void *user, const struct sink_answer *a) {
    struct outbox *o = user;
    bool retracting = o->step == RETRACTING;
    if (a->status >= 200 && a->status < 300) {
        went_well(o);
        if (retracting) {
            retract_done(o);
            o->stats.retracted++;
        } else {
            o->created = false; /* it is there; should it go, it is made anew */
            mark(o, o->stack[--o->stack_n], DELIVERED, a);
        }
    } else if (a->status == 404 && o->sink->ops->create && !o->created) {
        o->created = true;
        o->step = CREATING;
        if (o->sink->ops->create(o->sink, on_created, o)) {
            o->created = false;
            try_later(o, a, RETRACTING);
        }
        return;
    } else if (refuses_content(a) && retracting) {
        /* An old ratio stays behind beside new numbers; that is told and must not hold the rest. */
        remember_error(o, a);
        outbox_tell(o, true, "ratio_not_retracted", o->stats.last_error);
        retract_done(o);
    } else if (refuses_content(a)) {
        refused(o, a);
    } else {
        try_later(o, a, RETRACTING);
        return;
    }
    outbox_next(o);
}

bool outbox_retract(struct outbox *o) {
    if (!o->sink->ops->retract)
        return false;
    while (o->retract_at < o->page.n && !o->page.row[o->retract_at].retract)
        o->retract_at++;
    if (o->retract_at == o->page.n)
        return false;
    const struct window_key *k = &o->page.row[o->retract_at].window.key;
    o->text_of = (struct part){0, 0};
    buf_reset(&o->text);
    enum err err = outbox_where(&o->source, k, &o->text);
    o->step = RETRACTING;
    if (!err)
        err = o->sink->ops->retract(o->sink, outbox_measurement(k), buf_span(&o->text),
                                    outbox_stamp(&o->source, k), on_answer, o);
    if (err)
        outbox_wait(o, RETRACTING, 0);
    return true;
}

static enum err format_part(const struct outbox *o, struct part p, struct buf *out) {
    enum err err = ERR_OK;
    buf_reset(out);
    for (size_t i = p.from; i < p.to && !err; i++) {
        o->page.row[i].text_at = out->n;
        if (o->page.row[i].fate == PENDING)
            err =
                outbox_line(&o->source, &o->page.row[i].window, o->sink->ops->retract != NULL, out);
        o->page.row[i].text_to = out->n;
    }
    return err;
}

static bool holds(struct part whole, struct part p) {
    return whole.from <= p.from && p.to <= whole.to;
}

/* While the database works on one part, the next one is put into words. */
static void format_ahead(struct outbox *o) {
    if (o->stack_n < 2)
        return;
    struct part p = o->stack[o->stack_n - 2];
    if (holds(o->text_of, p) || holds(o->ahead_of, p))
        return;
    o->ahead_of = format_part(o, p, &o->ahead) ? (struct part){0, 0} : p;
}

/* The lines of the part in o->text: a part sent again, or half of one, is there already. */
static enum err text_of(struct outbox *o, struct part p, struct span *out) {
    enum err err = ERR_OK;
    if (holds(o->ahead_of, p)) {
        struct buf text = o->text;
        o->text = o->ahead;
        o->ahead = text;
        o->text_of = o->ahead_of;
        o->ahead_of = (struct part){0, 0};
    } else if (!holds(o->text_of, p)) {
        err = format_part(o, p, &o->text);
        o->text_of = err ? (struct part){0, 0} : p;
    }
    size_t at = o->page.row[p.from].text_at;
    *out = span_of(o->text.p ? o->text.p + at : NULL, o->page.row[p.to - 1].text_to - at);
    return err;
}

void outbox_write(struct outbox *o) {
    struct span text;
    enum err err = text_of(o, o->stack[o->stack_n - 1], &text);
    if (!err && text.n == 0) {
        o->stack_n--;
        outbox_next(o);
        return;
    }
    o->step = WRITING;
    o->stats.requests++;
    if (!err)
        err = o->sink->ops->write(o->sink, text, on_answer, o);
    if (err) {
        outbox_wait(o, RETRACTING, 0);
        return;
    }
    outbox_load_ahead(o);
    format_ahead(o);
}
