/* The ledger's memory: events in order, and the norms that they make. */
#include "norm/ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "norm/ledger_impl.h"

enum err ledger_open(const struct ledger_conf *conf, struct ledger **out) {
    struct ledger *l = calloc(1, sizeof *l);
    if (!l)
        return ERR_NOMEM;
    l->conf = conf;
    *out = l;
    return ERR_OK;
}

static void entry_close(struct entry *e) {
    if (!e)
        return;
    norm_texts_fini(&e->texts);
    free(e);
}

void ledger_close(struct ledger *l) {
    if (!l)
        return;
    for (size_t i = 0; i < l->all.n; i++)
        entry_close(l->all.at[i]);
    for (unsigned i = 0; i <= INDICATOR_COUNT; i++)
        free(l->of[i].at);
    for (size_t i = 0; i < l->event_n && l->event; i++)
        record_close(l->event[i]);
    free(l->by_id.at);
    free(l->all.at);
    free(l->event);
    free(l);
}

void ledger_set_conf(struct ledger *l, const struct ledger_conf *conf) {
    l->conf = conf;
}

void ledger_keep_norms_only(struct ledger *l) {
    l->norms_only = true;
}

void ledger_set_teams(struct ledger *l, struct ledger_teams teams) {
    l->teams = teams;
}

void ledger_bind(struct ledger *l, const struct plant *p) {
    l->plant = p;
    for (size_t i = 0; i < l->all.n; i++)
        l->all.at[i]->node = ledger_node(l, &l->all.at[i]->norm);
}

/* --- lists ------------------------------------------------------------------------------------ */

static enum err entries_room(struct entries *l) {
    if (l->n < l->cap)
        return ERR_OK;
    const size_t cap = l->cap ? l->cap * 2 : 16;
    struct entry **at = realloc(l->at, cap * sizeof(struct entry *));
    if (!at)
        return ERR_NOMEM;
    l->at = at;
    l->cap = cap;
    return ERR_OK;
}

static enum err events_room(struct ledger *l) {
    if (l->event_n < l->event_cap || l->norms_only)
        return ERR_OK;
    const size_t cap = l->event_cap ? l->event_cap * 2 : 64;
    struct record **at = realloc(l->event, cap * sizeof(struct record *));
    if (!at)
        return ERR_NOMEM;
    l->event = at;
    l->event_cap = cap;
    return ERR_OK;
}

static struct entry *find(const struct ledger *l, const char *id) {
    return ledger_index_find(&l->by_id, id);
}

static void drop(struct entries *l, const struct entry *e) {
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i] == e) {
            memmove(&l->at[i], &l->at[i + 1], (l->n - i - 1) * sizeof *l->at);
            l->n--;
            return;
        }
}

/* --- when each holds -------------------------------------------------------------------------- */

static bool takes_effect(const struct norm *n) {
    return n->state == NORM_APPROVED &&
           (n->withdrawn_ms == NORM_NO_TIME || n->withdrawn_ms > n->from_ms);
}

/* Whether `b` takes the place of `a`. */
static bool follows(const struct entry *a, const struct entry *b) {
    const struct norm *x = &a->norm, *y = &b->norm;
    return a != b && takes_effect(y) && norm_same_chain(x, y) &&
           (y->from_ms != x->from_ms ? y->from_ms > x->from_ms : b->told > a->told);
}

static void link_one(const struct entries *of, struct entry *e) {
    struct norm *n = &e->norm;
    n->superseded_by = (struct ident){""};
    n->to_ms = !takes_effect(n)                  ? n->from_ms
               : n->withdrawn_ms != NORM_NO_TIME ? n->withdrawn_ms
                                                 : NORM_FOR_GOOD;
    if (n->state != NORM_APPROVED) {
        n->to_ms = NORM_FOR_GOOD;
        return;
    }
    for (size_t i = 0; i < of->n; i++) {
        const struct norm *next = &of->at[i]->norm;
        if (!follows(e, of->at[i]) || next->from_ms >= n->to_ms)
            continue;
        n->to_ms = next->from_ms;
        n->superseded_by = next->id;
    }
}

/* Nothing is changed by it but what may take its place, or have its place taken. */
void link_chain(const struct entries *of, const struct norm *n) {
    for (size_t i = 0; i < of->n; i++)
        if (norm_same_chain(n, &of->at[i]->norm))
            link_one(of, of->at[i]);
}

/* --- folding an event in ---------------------------------------------------------------------- */

static enum err fold_changes(struct entry *e, const struct record *r) {
    char why[FIELD_WHY];
    enum err err = ERR_OK;
    for (size_t i = 0; i < r->e.change_n && !err; i++)
        err =
            norm_set(&e->norm, r->change[i].path, span_str(r->change[i].to), NULL, &e->texts, why);
    norm_trim(&e->norm);
    return err == ERR_NOMEM || !err ? err : ERR_FORMAT;
}

/* Room for all that follows is there. */
static void place_entry(struct ledger *l, struct entry *e, unsigned subject_before, bool new) {
    if (new) {
        l->all.at[l->all.n++] = e;
        ledger_index_add(&l->by_id, e);
    }
    if (new || subject_before != e->norm.indicator) {
        if (!new)
            drop(&l->of[subject_before], e);
        l->of[e->norm.indicator].at[l->of[e->norm.indicator].n++] = e;
    }
    link_chain(&l->of[e->norm.indicator],
               &e->norm); /* one whose subject or scope was changed never held */
}

/* Takes r over, on success only. */
static enum err fold(struct ledger *l, struct record *r) {
    struct entry *e = find(l, r->e.id.s);
    const bool new = !e;
    enum err err = events_room(l);
    if (!err)
        err = entries_room(&l->all);
    if (!err)
        err = ledger_index_room(&l->by_id);
    for (unsigned i = 0; i <= INDICATOR_COUNT && !err; i++)
        err = entries_room(&l->of[i]);
    if (err)
        return err;
    if (new && !(e = calloc(1, sizeof *e)))
        return ERR_NOMEM;
    if (new) {
        norm_init(&e->norm);
        e->norm.id = r->e.id;
        e->held_ms = NORM_NO_TIME;
        e->imported_by = "";
    }
    const struct norm before = e->norm;
    err = fold_changes(e, r);
    if (!err && r->e.action == LEDGER_IMPORT &&
        !(e->imported_by = norm_texts_keep(&e->texts, span_str(r->e.who))))
        err = ERR_NOMEM;
    if (!err && e->norm.state == NORM_STATE_COUNT)
        err = ERR_FORMAT;
    if (err) {
        if (new)
            entry_close(e);
        else
            e->norm = before;
        return err;
    }
    r->e.from = new ? NORM_STATE_COUNT : before.state;
    r->e.to = e->norm.state;
    e->told = r->e.n;
    if (e->norm.state == NORM_APPROVED && e->held_ms == NORM_NO_TIME)
        e->held_ms = r->e.at_ms;
    e->node = l->plant ? ledger_node(l, &e->norm) : UINT32_MAX;
    if (l->norms_only)
        record_close(r);
    else
        l->event[l->event_n] = r;
    l->event_n++;
    place_entry(l, e, new ? e->norm.indicator : before.indicator, new);
    return ERR_OK;
}

enum err ledger_take(struct ledger *l, uint64_t n, struct span bytes) {
    struct record *r = NULL;
    if (n != ledger_last(l) + 1)
        return ERR_FORMAT;
    enum err err = record_unpack(bytes, n, &r);
    if (!err && (err = fold(l, r)) != ERR_OK)
        record_close(r);
    return err;
}

enum err ledger_pack(const struct ledger *l, uint64_t n, struct buf *out) {
    return n == 0 || n > l->event_n || !l->event ? ERR_NOT_FOUND
                                                 : record_pack(l->event[n - 1], out);
}

/* --- applying a command ----------------------------------------------------------------------- */

struct diff {
    struct record *r;
    size_t cap;
    const struct norm *other; /* the texts of the other side are asked of it */
    bool gone;                /* walking what was: only what is not there any more */
    struct buf text;
};

static enum err add_change(struct diff *d, const char *path, struct span from, struct span to) {
    struct record *r = d->r;
    if (r->e.change_n == d->cap) {
        const size_t cap = d->cap ? d->cap * 2 : 32;
        struct ledger_change *at = realloc(r->change, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        r->change = at;
        d->cap = cap;
    }
    const struct ledger_change c = {norm_texts_keep(&r->texts, span_str(path)),
                                    norm_texts_keep(&r->texts, from),
                                    norm_texts_keep(&r->texts, to)};
    if (!c.path || !c.from || !c.to)
        return ERR_NOMEM;
    r->change[r->e.change_n++] = c;
    r->e.change = r->change;
    return ERR_OK;
}

static enum err take_leaf(void *user, const char *path, struct span text) {
    struct diff *d = user;
    buf_reset(&d->text);
    enum err err = norm_get(d->other, path, &d->text);
    if (err && err != ERR_NOT_FOUND)
        return err;
    const struct span other = buf_span(&d->text);
    if (d->gone)
        return other.n ? ERR_OK : add_change(d, path, text, span_of(NULL, 0));
    return span_equal(other, text) ? ERR_OK : add_change(d, path, other, text);
}

static enum err compare(struct record *r, const struct norm *was, const struct norm *next) {
    struct diff d = {.r = r, .other = was};
    buf_init(&d.text);
    enum err err = norm_each(next, PART_ALL, take_leaf, &d);
    d.other = next;
    d.gone = true;
    if (!err)
        err = norm_each(was, PART_ALL, take_leaf, &d);
    buf_fini(&d.text);
    return err;
}

/* By which a command is known again: all that it says. */
static enum err print_leaf(void *user, const char *path, struct span text) {
    struct buf *b = user;
    (void)buf_add_str(b, path);
    (void)buf_add_byte(b, 0);
    (void)buf_add(b, text.p, text.n);
    return buf_add_byte(b, 0);
}

static enum err print_of(const struct ledger_command *c, uint64_t *out) {
    const char *text[] = {c->who, c->why, c->evidence, c->id.s, c->owner};
    struct buf b;
    enum err err = ERR_OK;
    buf_init(&b);
    (void)buf_addf(&b, "%u %d %lld %lld", c->action, c->accept, (long long)c->at_ms,
                   (long long)c->due_ms);
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        err = print_leaf(&b, "", span_str(text[i] ? text[i] : ""));
    if (c->said.n && !err)
        err = print_leaf(&b, "", c->said);
    else if (c->norm && !err)
        err = norm_each(c->norm, PART_ALL, print_leaf, &b);
    *out = fnv1a64(buf_span(&b));
    buf_fini(&b);
    return err;
}

static const struct record *by_key(const struct ledger *l, struct span key) {
    for (size_t i = l->event_n; key.n && i-- > 0;)
        if (span_equal(l->event[i]->e.key, key))
            return l->event[i];
    return NULL;
}

bool ledger_knows(const struct ledger *l, struct span key) {
    return by_key(l, key) != NULL;
}

static void repeat(const struct ledger *l, const struct ledger_event *e,
                   struct ledger_answer *out) {
    *out = (struct ledger_answer){.n = e->n, .repeated = true, .id = e->id};
    out->state = ledger_find(l, e->id.s)->state;
}

static enum err make_record(const struct ledger *l, const struct decision *d, uint64_t print,
                            struct record **out) {
    const struct ledger_command *c = d->c;
    struct norm nothing;
    struct record *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    norm_init(&nothing);
    r->print = print;
    r->e = (struct ledger_event){
        .n = ledger_last(l) + 1, .at_ms = d->now_ms, .action = c->action, .id = d->next.id};
    const char *key = norm_texts_keep(&r->texts, c->key);
    r->e.who = norm_texts_keep(&r->texts, span_str(c->who));
    r->e.why = norm_texts_keep(&r->texts, span_str(c->why ? c->why : ""));
    r->e.evidence = norm_texts_keep(&r->texts, span_str(c->evidence ? c->evidence : ""));
    enum err err = key && r->e.who && r->e.why && r->e.evidence
                       ? compare(r, d->was ? d->was : &nothing, &d->next)
                       : ERR_NOMEM;
    if (err) {
        record_close(r);
        return err;
    }
    r->e.key = span_str(key);
    *out = r;
    return ERR_OK;
}

static bool check_form(struct decision *d) {
    const struct ledger_command *c = d->c;
    const bool makes = c->action == LEDGER_DRAFT || c->action == LEDGER_PROPOSE;
    if (c->action >= LEDGER_ACTION_COUNT)
        return decide_refuse(d, "action", "there is no such action.");
    if (c->key.n > LEDGER_KEY_MAX || (c->key.n && memchr(c->key.p, 0, c->key.n)))
        return decide_refuse(d, "key", "a key has at most %d bytes.", LEDGER_KEY_MAX);
    if ((c->why && strlen(c->why) > NORM_TEXT_MAX) ||
        (c->evidence && strlen(c->evidence) > NORM_TEXT_MAX) ||
        (c->owner && strlen(c->owner) > NORM_TEXT_MAX))
        return decide_refuse(d, "why", "a text may have %d bytes.", NORM_TEXT_MAX);
    return c->id.s[0] || makes || decide_refuse(d, "id", "say which norm.");
}

/* A name for one that was given none: the number of its event, unless somebody took it. */
static void make_id(const struct ledger *l, struct ident *id) {
    for (uint64_t n = ledger_last(l) + 1; !id->s[0] || find(l, id->s); n++)
        (void)snprintf(id->s, sizeof id->s, "norm-%llu", (unsigned long long)n);
}

enum err ledger_apply(struct ledger *l, const struct ledger_command *c, int64_t now_ms,
                      struct ledger_answer *out) {
    struct decision d = {.l = l, .c = c, .now_ms = now_ms, .out = out, .imported_by = ""};
    struct record *r = NULL;
    uint64_t print = 0;
    *out = (struct ledger_answer){.refusal = {.field = ""}};
    if (!check_form(&d))
        return ERR_RANGE;
    enum err err = print_of(c, &print);
    const struct record *known = by_key(l, c->key);
    if (err || known) {
        if (!err && known->print == print) {
            repeat(l, &known->e, out);
            return ERR_OK;
        }
        (void)decide_refuse(&d, "key", "another command has this key already.");
        return err ? err : ERR_EXISTS;
    }
    const struct entry *e = c->id.s[0] ? find(l, c->id.s) : NULL;
    d.was = e ? &e->norm : NULL;
    d.imported_by = e ? e->imported_by : "";
    if (d.was)
        d.next = *d.was;
    else
        norm_init(&d.next);
    d.next.id = c->id;
    if (!d.was && !c->id.s[0])
        make_id(l, &d.next.id);
    if (!decide(&d))
        return ERR_RANGE;
    norm_trim(&d.next);
    if (d.was && c->action == LEDGER_IMPORT) {
        // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what was is an entry
        repeat(l, &l->event[e->told - 1]->e, out);
        return ERR_OK;
    }
    if (l->event_n >= LEDGER_EVENTS_MAX)
        return ERR_FULL;
    err = make_record(l, &d, print, &r);
    if (!err && (err = fold(l, r)) != ERR_OK)
        record_close(r);
    if (err)
        return err;
    out->n = r->e.n;
    out->id = r->e.id;
    out->state = r->e.to;
    return ERR_OK;
}

/* --- looking ---------------------------------------------------------------------------------- */

uint64_t ledger_last(const struct ledger *l) {
    return l->event_n;
}

const struct ledger_event *ledger_event(const struct ledger *l, uint64_t n) {
    return n == 0 || n > l->event_n || !l->event ? NULL : &l->event[n - 1]->e;
}

size_t ledger_count(const struct ledger *l) {
    return l->all.n;
}

const struct norm *ledger_at(const struct ledger *l, size_t i) {
    return i < l->all.n ? &l->all.at[i]->norm : NULL;
}

const struct norm *ledger_find(const struct ledger *l, const char *id) {
    const struct entry *e = find(l, id);
    return e ? &e->norm : NULL;
}

const char *ledger_imported_by(const struct ledger *l, const struct norm *n) {
    const struct entry *e = find(l, n->id.s);
    return e ? e->imported_by : "";
}

uint64_t ledger_told(const struct ledger *l, const struct norm *n) {
    const struct entry *e = find(l, n->id.s);
    return e ? e->told : 0;
}

bool ledger_overdue(const struct norm *n, int64_t t_ms) {
    return n->due_ms != NORM_NO_TIME && n->due_ms < t_ms &&
           norm_state_at(n, t_ms) < NORM_SUPERSEDED;
}
