/* People, tokens and rows of them, while memory runs out. Somebody is known or not, as a whole:
 * never without a password, never with rights that were not given. */
#include <stdio.h>
#include <string.h>

#include "access/record.h"
#include "guard/guard.h"
#include "memory/store_memory.h"
#include "nomem.h"

static const struct people_conf conf = {.idle_ms = 100, .session_ms = 1000, .acting_ms = 50};

static struct person person_of(unsigned i) {
    struct person x = {
        .roles = ACCESS_BIT(ACCESS_OPERATOR), .password = "$argon2id$x", .edition = 1};
    snprintf(x.id.s, sizeof x.id.s, "u%u", i);
    return x;
}

/* Written as a row, read back, put where it is known. */
static enum err keep(struct people *p, const struct person *x) {
    struct person read = {.id = x->id};
    struct buf row;
    buf_init(&row);
    enum err err = record_person(x, &row);
    if (!err)
        err = record_take_person(buf_span(&row), &read);
    if (!err)
        err = people_put(p, &read);
    buf_fini(&row);
    return err;
}

static enum err keep_token(struct people *p, unsigned i) {
    struct token t = {.rights = ACCESS_BIT(MAY_ENTER), .until_ms = 500};
    struct login s = {.of_token = true, .until_ms = 500};
    snprintf(t.id.s, sizeof t.id.s, "t%u", i);
    memset(t.hash, (int)i, sizeof t.hash);
    memset(s.hash, (int)i, sizeof s.hash);
    s.who = t.id;
    const enum err err = people_put_token(p, &t);
    return err ? err : people_put_session(p, &s);
}

static void check(const struct people *p) {
    for (size_t i = 0; i < p->person_n; i++)
        nomem_need(p->person[i].roles == ACCESS_BIT(ACCESS_OPERATOR) &&
                       strcmp(p->person[i].password, "$argon2id$x") == 0,
                   "who is known is known whole");
    nomem_need(!people_has_administrator(p), "nobody has become an administrator");
}

/* --- the guard ----------------------------------------------------------------------------------
 */

struct world {
    struct store *store;
    struct guard *guard;
    struct log log;
    struct actor owner;
    bool stopped;
};

static void on_stopped(void *user) {
    ((struct world *)user)->stopped = true;
}

/* The store has its own tests: half a transaction in memory would break it for good. */
static bool step(struct world *w) {
    nomem_disarm();
    const bool more = store_memory_step(w->store);
    nomem_arm();
    return more;
}

static void end(struct world *w) {
    if (w->guard)
        guard_stop(w->guard, on_stopped, w);
    while (step(w))
        continue;
    guard_close(w->guard);
    w->guard = NULL;
}

static enum err command(struct world *w, const char *noun, const char *json) {
    struct buf answer;
    struct guard_command c = {
        .noun = span_str(noun), .json = span_str(json), .by = &w->owner, .answer = &answer};
    enum err err = ERR_OK;
    buf_init(&answer);
    do {
        c.later = false;
        err = guard_on_command(w->guard, &c, 1000, 1000);
    } while (!err && c.later && step(w));
    buf_fini(&answer);
    return err;
}

static enum err begin(struct world *w) {
    const struct guard_conf of = {.people = conf, .log = &w->log};
    return guard_open(&of, NULL, w->store, 1000, &w->guard);
}

/* What was answered as done is there after a restart; what was refused is not, but for what was
 * written down and only its answer found no memory. */
static bool is_stored(struct world *w, const char *id) {
    struct ident name = {""};
    struct span value;
    uint8_t key[RECORD_KEY_MAX];
    (void)ident_set(&name, span_str(id));
    const size_t n = record_key_person(&name, key);
    return store_memory_find(w->store, STORE_ACCESS, span_of(key, n), &value);
}

void nomem_guard(void) {
    struct world w = {0};
    bool added = false, token = false;
    log_init(&w.log, -1, LOG_ERROR);
    people_owner(&w.owner);
    nomem_need(store_memory_open(&(struct store_memory_conf){0}, &w.store) == ERR_OK, "a store");
    nomem_arm();
    enum err err = begin(&w);
    if (!err) {
        added = command(&w, "users", "{\"act\":\"add\",\"user\":\"x\",\"roles\":[\"viewer\"]}") ==
                ERR_OK;
        token = command(&w, "tokens", "{\"act\":\"add\",\"id\":\"t\",\"kind\":\"wall\"}") == ERR_OK;
        guard_note(w.guard, &w.owner, 1000, "alerts ack", "rule r");
        guard_on_tick(w.guard, 2000, 5000);
    }
    end(&w);
    nomem_disarm();
    nomem_need(!err || (err == ERR_NOMEM && nomem_struck()), "the error is want of memory");
    nomem_need(!added || is_stored(&w, "x"), "what is answered is stored");
    nomem_need(nomem_struck() || (added && token), "nothing else keeps it");
    nomem_need(begin(&w) == ERR_OK, "it starts again");
    nomem_arm();
    end(&w);
    nomem_disarm();
    w.store->ops->close(w.store);
}

/* --- the lists ----------------------------------------------------------------------------------
 */

void nomem_access(void) {
    enum { MANY = 20 };
    struct people p;
    unsigned known = 0, tokens = 0;
    bool failed = false;
    nomem_arm();
    people_init(&p, &conf);
    for (unsigned i = 0; i < MANY; i++) {
        const struct person x = person_of(i);
        enum err err = keep(&p, &x);
        known += !err;
        failed = failed || err;
        err = keep_token(&p, i);
        tokens += !err;
        failed = failed || err;
    }
    nomem_disarm();
    nomem_need(failed == nomem_struck(), "want of memory is told");
    nomem_need(p.person_n == known && known + 1 >= MANY && tokens + 1 >= MANY,
               "one is missing at most");
    check(&p);
    people_fini(&p);
}
