/* The guard on a store in memory: what is answered when, what is written down, what is not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "guard/guard.h"
#include "guard/secret.h"
#include "memory/store_memory.h"
#include "support/loop_wait.h"
#include "json/json.h"

#define T0 INT64_C(1790000000000)
#define LONG_ENOUGH "a password of bert"
enum { PATIENCE_MS = 20000 };

struct bench {
    uv_loop_t loop;
    struct store *store;
    struct guard *guard;
    struct log log;
    FILE *log_file;
    struct actor actor; /* whom commands come from */
    int64_t now_ms;
    bool ended;
};

struct said { /* what became of a command */
    enum err err;
    int status;
    char text[1024], field[32], detail[240], cookie[SECRET_TEXT];
    int64_t retry_ms, cookie_ms;
    bool ended;
};

static struct guard_conf conf_of(struct bench *b) {
    return (struct guard_conf){
        .people = {.idle_ms = 3600000, .session_ms = 36000000, .acting_ms = 120000},
        .log = &b->log};
}

static void open_guard(struct bench *b) {
    const struct guard_conf conf = conf_of(b);
    cr_assert_eq(guard_open(&conf, &b->loop, b->store, b->now_ms, &b->guard), ERR_OK);
}

static void bench_open(struct bench *b) {
    memset(b, 0, sizeof *b);
    b->now_ms = T0;
    b->log_file = tmpfile();
    cr_assert_not_null(b->log_file);
    log_init(&b->log, fileno(b->log_file), LOG_DEBUG);
    cr_assert_eq(uv_loop_init(&b->loop), 0);
    cr_assert_eq(store_memory_open(&(struct store_memory_conf){0}, &b->store), ERR_OK);
    open_guard(b);
    snprintf(b->actor.address, sizeof b->actor.address, "10.0.0.1");
    people_owner(&b->actor);
}

static void on_stopped(void *user) {
    ((struct bench *)user)->ended = true;
}

static void close_guard(struct bench *b) {
    b->ended = false;
    guard_stop(b->guard, on_stopped, b);
    while (!b->ended && (store_memory_step(b->store) || uv_run(&b->loop, UV_RUN_ONCE)))
        continue;
    cr_assert(b->ended);
    guard_close(b->guard);
}

static void bench_close(struct bench *b) {
    close_guard(b);
    b->store->ops->close(b->store);
    fclose(b->log_file);
    cr_expect(loop_closed(&b->loop));
}

static struct guard_command command_of(struct bench *b, const char *noun, const char *json,
                                       struct buf *answer) {
    return (struct guard_command){
        .noun = span_str(noun), .json = span_str(json), .by = &b->actor, .answer = answer};
}

/* As the web server puts it: again and again, with its ticket, until there is an answer. */
static struct said post_at(struct bench *b, const char *noun, const char *json, int64_t mono_ms) {
    struct said out = {0};
    struct buf answer;
    uint64_t ticket = 0;
    bool later = true;
    buf_init(&answer);
    for (unsigned turn = 0; later; turn++) {
        struct guard_command c = command_of(b, noun, json, &answer);
        cr_assert_lt(turn, 100000);
        c.ticket = ticket;
        out.err = guard_on_command(b->guard, &c, b->now_ms, mono_ms);
        ticket = c.ticket;
        later = !out.err && c.later;
        out.status = c.status;
        out.retry_ms = c.retry_ms;
        out.cookie_ms = c.cookie_ms;
        out.ended = c.ended;
        memcpy(out.field, c.field, sizeof out.field);
        memcpy(out.detail, c.detail, sizeof out.detail);
        memcpy(out.cookie, c.cookie, sizeof out.cookie);
        if (later && !store_memory_step(b->store))
            uv_run(&b->loop, UV_RUN_ONCE);
    }
    snprintf(out.text, sizeof out.text, "%.*s", (int)answer.n,
             answer.n ? (const char *)answer.p : "");
    buf_fini(&answer);
    return out;
}

static struct said post(struct bench *b, const char *noun, const char *json) {
    return post_at(b, noun, json, 1000);
}

static void needs(struct bench *b, const char *noun, const char *json) {
    const struct said s = post(b, noun, json);
    cr_assert_eq(s.err, ERR_OK, "%s: %s", json, s.detail);
}

static void text_of(const struct said *s, const char *key, char *out, size_t n) {
    struct json_value *root = NULL;
    struct span text = span_str("");
    cr_assert_eq(json_parse(span_str(s->text), NULL, &root, NULL), ERR_OK, "%s", s->text);
    (void)json_string_of(json_find(root, key), &text);
    snprintf(out, n, "%.*s", (int)text.n, (const char *)text.p);
    json_close(root);
}

static struct actor with_cookie(struct bench *b, const char *cookie) {
    struct actor out = {0};
    const struct guard_proof p = {.cookie = span_str(cookie), .address = "10.0.0.1"};
    cr_assert(guard_identify(b->guard, &p, b->now_ms, &out));
    return out;
}

static bool with_token(struct bench *b, const char *token, struct actor *out) {
    char head[128];
    snprintf(head, sizeof head, "Bearer %s", token);
    const struct guard_proof p = {.authorization = span_str(head), .address = "10.0.0.1"};
    memset(out, 0, sizeof *out);
    return guard_identify(b->guard, &p, b->now_ms, out);
}

static void nobody(struct bench *b) {
    b->actor = (struct actor){.address = "10.0.0.1"};
}

static void add_bert(struct bench *b) {
    needs(b, "users", "{\"act\":\"add\",\"user\":\"bert\",\"roles\":[\"operator\"]}");
    needs(b, "users", "{\"act\":\"password\",\"user\":\"bert\",\"password\":\"" LONG_ENOUGH "\"}");
}

static struct said login(struct bench *b) {
    nobody(b);
    const struct said s = post(b, "login", "{\"user\":\"bert\",\"password\":\"" LONG_ENOUGH "\"}");
    cr_assert_eq(s.err, ERR_OK, "%s", s.detail);
    return s;
}

Test(guard, a_password_lets_in_and_another_does_not) {
    struct bench b;
    bench_open(&b);
    add_bert(&b);
    struct said s = login(&b);
    cr_expect_eq(strlen(s.cookie), 64);
    struct actor a = with_cookie(&b, s.cookie);
    cr_expect_str_eq(a.name, "bert");
    cr_expect_eq(strlen(a.csrf), 64);
    cr_expect_str_neq(a.csrf, s.cookie);
    s = post(&b, "login", "{\"user\":\"bert\",\"password\":\"another password\"}");
    cr_expect(s.err && s.status == GUARD_LOGIN && !s.cookie[0]);
    const struct said none =
        post(&b, "login", "{\"user\":\"ghost\",\"password\":\"another password\"}");
    cr_expect_str_eq(none.detail, s.detail);
    cr_expect_eq(none.status, s.status);
    bench_close(&b);
}

Test(guard, the_hash_of_nobody_is_as_strong_as_all_others) {
    char made[PEOPLE_HASH_MAX];
    cr_assert_eq(secret_init(), ERR_OK, "or it would be refused at the start");
    cr_assert_eq(secret_make("x", 1, made), ERR_OK);
    cr_expect_eq(strncmp(made, "$argon2id$v=19$m=65536,t=2,p=1$", 31), 0, "%s", made);
    cr_expect(secret_fits("x", 1, made));
    cr_expect_not(secret_fits("y", 1, made));
    cr_expect_not(secret_fits("", 0, ""));
    cr_expect_not(secret_fits("nobody", 6, ""));
}

Test(guard, the_first_link_is_there_until_there_is_an_administrator) {
    struct bench b;
    char link[SECRET_TEXT], json[200];
    bench_open(&b);
    cr_assert(guard_first_link(b.guard, b.now_ms, link));
    nobody(&b);
    snprintf(json, sizeof json, "{\"link\":\"%s\",\"password\":\"the first of all\"}", link);
    b.now_ms += INT64_C(86400000);
    cr_expect_eq(post(&b, "welcome", json).status, GUARD_LOGIN, "a day later");
    cr_assert(guard_first_link(b.guard, b.now_ms, link));
    snprintf(json, sizeof json, "{\"link\":\"%s\",\"password\":\"the first of all\"}", link);
    cr_expect_eq(post(&b, "welcome", json).err, ERR_OK);
    cr_expect_eq(post(&b, "welcome", json).status, GUARD_LOGIN, "once");
    cr_expect_not(guard_first_link(b.guard, b.now_ms, link));
    bench_close(&b);
}

Test(guard, all_is_there_again_after_a_restart) {
    struct bench b;
    char token[80];
    struct actor a;
    bench_open(&b);
    add_bert(&b);
    struct said t =
        post(&b, "tokens",
             "{\"act\":\"add\",\"id\":\"mes\",\"kind\":\"machine\",\"rights\":[\"enter\"]}");
    text_of(&t, "token", token, sizeof token);
    const struct said s = login(&b);
    close_guard(&b);
    open_guard(&b);
    cr_expect_str_eq(with_cookie(&b, s.cookie).name, "bert");
    cr_assert(with_token(&b, token, &a));
    cr_expect_eq(a.rights, ACCESS_BIT(MAY_ENTER) | ACCESS_BIT(MAY_NOTE));
    struct guard_ask ask = {.what = GUARD_AUDIT, .by = &b.actor, .limit = 3};
    struct buf out;
    buf_init(&out);
    cr_assert_eq(guard_view(b.guard, &ask, b.now_ms, &out), ERR_OK);
    cr_assert_eq(buf_add_byte(&out, 0), ERR_OK);
    cr_expect_not_null(strstr((char *)out.p, "\"what\":\"login\""), "%s", (char *)out.p);
    cr_expect_not_null(strstr((char *)out.p, "\"event\":4"), "%s", (char *)out.p);
    cr_expect_null(strstr((char *)out.p, "\"event\":1,"), "three are asked for");
    buf_fini(&out);
    bench_close(&b);
}

/* The answer of a change of people says that it is durable. */
Test(guard, a_change_is_answered_behind_its_commit) {
    struct bench b;
    struct buf answer;
    bench_open(&b);
    buf_init(&answer);
    struct guard_command c =
        command_of(&b, "users", "{\"act\":\"add\",\"user\":\"x\",\"roles\":[\"viewer\"]}", &answer);
    cr_assert_eq(guard_on_command(b.guard, &c, b.now_ms, 0), ERR_OK);
    cr_expect(c.later);
    cr_assert_eq(guard_on_command(b.guard, &c, b.now_ms, 0), ERR_OK);
    cr_expect(c.later && answer.n == 0);
    cr_assert(store_memory_step(b.store));
    cr_assert_eq(guard_on_command(b.guard, &c, b.now_ms, 0), ERR_OK);
    cr_expect(!c.later && answer.n > 0);
    buf_fini(&answer);
    bench_close(&b);
}

Test(guard, who_asks_for_a_change_and_goes_leaves_nothing_behind) {
    struct bench b;
    struct buf answer;
    bench_open(&b);
    buf_init(&answer);
    for (unsigned i = 0; i < 100; i++) {
        struct guard_command c =
            command_of(&b, "login", "{\"user\":\"x\",\"password\":\"y\"}", &answer);
        char address[32];
        snprintf(address, sizeof address, "10.0.%u.1", i);
        nobody(&b);
        snprintf(b.actor.address, sizeof b.actor.address, "%s", address);
        char json[64];
        snprintf(json, sizeof json, "{\"user\":\"u%u\",\"password\":\"y\"}", i);
        c.json = span_str(json);
        const enum err err = guard_on_command(b.guard, &c, b.now_ms, 0);
        cr_expect(err == ERR_OK || err == ERR_BUSY, "bounded");
    }
    buf_fini(&answer);
    bench_close(&b);
}

Test(guard, a_guess_counts_before_it_is_looked_at) {
    struct bench b;
    unsigned let = 0;
    bench_open(&b);
    add_bert(&b);
    nobody(&b);
    for (unsigned i = 0; i < 12; i++) {
        struct buf answer;
        buf_init(&answer);
        struct guard_command c = command_of(
            &b, "login", "{\"user\":\"bert\",\"password\":\"guess of a password\"}", &answer);
        const enum err err = guard_on_command(b.guard, &c, b.now_ms, 1000);
        let += err == ERR_OK;
        cr_expect(err == ERR_OK || (c.status == GUARD_WAIT && c.retry_ms == 2000));
        buf_fini(&answer);
    }
    cr_expect_eq(let, 5);
    const struct said s =
        post_at(&b, "login", "{\"user\":\"bert\",\"password\":\"" LONG_ENOUGH "\"}", 3000);
    cr_expect_eq(s.err, ERR_OK, "2 s later it is let in: %s", s.detail);
    bench_close(&b);
}

Test(guard, what_is_wrong_is_named) {
    static const struct {
        const char *noun, *json, *field;
        enum err err;
    } wrong[] = {
        {"users", "[]", "", ERR_FORMAT},
        {"users", "{", "", ERR_FORMAT},
        {"users", "{\"act\":\"add\",\"usr\":\"x\"}", "usr", ERR_FORMAT},
        {"users", "{\"act\":\"ad\",\"user\":\"x\"}", "act", ERR_RANGE},
        {"users", "{\"act\":\"add\",\"user\":\"X\"}", "user", ERR_RANGE},
        {"users", "{\"act\":\"add\",\"user\":\"viewer\",\"roles\":[\"viewer\"]}", "user",
         ERR_RANGE},
        {"users", "{\"act\":\"add\",\"user\":\"x\",\"roles\":[]}", "roles", ERR_RANGE},
        {"users", "{\"act\":\"add\",\"user\":\"x\",\"roles\":[\"boss\"]}", "roles", ERR_RANGE},
        {"users", "{\"act\":\"add\",\"user\":\"x\",\"roles\":\"viewer\"}", "roles", ERR_FORMAT},
        {"users", "{\"act\":\"link\",\"user\":\"ghost\"}", "user", ERR_NOT_FOUND},
        {"tokens", "{\"act\":\"add\",\"id\":\"t\",\"kind\":\"tv\"}", "kind", ERR_RANGE},
        {"tokens", "{\"act\":\"add\",\"id\":\"t\",\"kind\":\"wall\",\"days\":0}", "days",
         ERR_RANGE},
        {"tokens", "{\"act\":\"add\",\"id\":\"t\",\"kind\":\"machine\",\"rights\":[\"ente\"]}",
         "rights", ERR_RANGE},
        {"tokens", "{\"act\":\"revoke\",\"id\":\"t\"}", "id", ERR_NOT_FOUND},
        {"login", "{\"password\":\"x\"}", "user", ERR_FORMAT},
        {"login", "{\"user\":5,\"password\":\"x\"}", "user", ERR_FORMAT},
    };
    struct bench b;
    bench_open(&b);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct said s = post(&b, wrong[i].noun, wrong[i].json);
        cr_expect_eq(s.err, wrong[i].err, "%s: %s", wrong[i].json, err_name(s.err));
        cr_expect_str_eq(s.field, wrong[i].field, "%s", wrong[i].json);
        cr_expect(s.detail[0], "%s", wrong[i].json);
    }
    cr_expect_eq(post(&b, "elsewhere", "{}").err, ERR_UNSUPPORTED);
    bench_close(&b);
}

Test(guard, the_last_administrator_stays) {
    struct bench b;
    bench_open(&b);
    needs(&b, "users", "{\"act\":\"add\",\"user\":\"root\",\"roles\":[\"administrator\"]}");
    needs(&b, "users", "{\"act\":\"password\",\"user\":\"root\",\"password\":\"" LONG_ENOUGH "\"}");
    cr_expect_eq(post(&b, "users", "{\"act\":\"disable\",\"user\":\"root\"}").err, ERR_STATE);
    cr_expect_eq(
        post(&b, "users", "{\"act\":\"roles\",\"user\":\"root\",\"roles\":[\"viewer\"]}").err,
        ERR_STATE);
    bench_close(&b);
}

Test(guard, a_full_store_changes_nothing) {
    struct bench b;
    bench_open(&b);
    add_bert(&b);
    const struct said s = login(&b);
    people_owner(&b.actor);
    store_memory_break(b.store, ERR_IO);
    cr_expect_neq(post(&b, "users", "{\"act\":\"add\",\"user\":\"x\",\"roles\":[\"viewer\"]}").err,
                  ERR_OK);
    store_memory_break(b.store, ERR_OK);
    cr_expect_str_eq(with_cookie(&b, s.cookie).name, "bert");
    bench_close(&b);
}

Test(guard, neither_log_nor_store_has_a_secret) {
    struct bench b;
    char line[LOG_LINE], token[80], link[80];
    struct said s;
    bench_open(&b);
    add_bert(&b);
    s = post(&b, "tokens", "{\"act\":\"add\",\"id\":\"mes\",\"kind\":\"machine\"}");
    text_of(&s, "token", token, sizeof token);
    s = post(&b, "users", "{\"act\":\"link\",\"user\":\"bert\"}");
    text_of(&s, "link", link, sizeof link);
    s = login(&b);
    (void)post(&b, "login", "{\"user\":\"" LONG_ENOUGH "\",\"password\":\"bert\"}");
    rewind(b.log_file);
    unsigned lines = 0;
    while (fgets(line, sizeof line, b.log_file)) {
        lines++;
        cr_expect_null(strstr(line, LONG_ENOUGH), "%s", line);
        cr_expect_null(strstr(line, token + 3), "%s", line);
        cr_expect_null(strstr(line, link), "%s", line);
        cr_expect_null(strstr(line, s.cookie), "%s", line);
    }
    cr_expect_geq(lines, 5, "it says what happens");
    bench_close(&b);
}

static void on_committed(void *user, enum err err) {
    *(enum err *)user = err;
}

Test(guard, a_rotten_row_lets_nobody_in_and_stops_nothing) {
    struct bench b;
    uint8_t key[RECORD_KEY_MAX];
    enum err committed = ERR_STATE;
    const struct ident id = {"bert"};
    bench_open(&b);
    add_bert(&b);
    const struct said s = login(&b);
    close_guard(&b);
    struct store_tx *tx = calloc(1, sizeof *tx);
    store_tx_init(tx);
    const struct span at = span_of(key, record_key_person(&id, key));
    cr_assert_eq(store_tx_add(tx, STORE_PUT, STORE_ACCESS, at, span_str("rot")), ERR_OK);
    cr_assert_eq(b.store->ops->commit(b.store, tx, on_committed, &committed), ERR_OK);
    while (store_memory_step(b.store))
        continue;
    cr_assert_eq(committed, ERR_OK);
    open_guard(&b);
    cr_expect_not(with_cookie(&b, s.cookie).known);
    bench_close(&b);
}

static unsigned events_of(struct bench *b, const char *what) {
    struct buf text;
    unsigned n = 0;
    const struct guard_ask ask = {.what = GUARD_AUDIT, .by = &b->actor, .limit = 100};
    buf_init(&text);
    cr_assert_eq(guard_view(b->guard, &ask, b->now_ms, &text), ERR_OK);
    cr_assert_eq(buf_add_byte(&text, 0), ERR_OK);
    for (const char *at = (const char *)text.p; (at = strstr(at, what)) != NULL; at++)
        n++;
    buf_fini(&text);
    return n;
}

static struct store_tx *fresh_tx(void) {
    struct store_tx *tx = calloc(1, sizeof *tx);
    cr_assert_not_null(tx);
    store_tx_init(tx);
    return tx;
}

/* Two acts, of which the first is in the core's transaction: the note of the second waits. Nothing
 * but that transaction brings them to the store, and no number is given twice behind them. */
Test(guard, the_note_of_an_act_is_in_the_act_s_own_transaction) {
    struct bench b;
    enum err committed = ERR_STATE;
    const uint64_t handed[GUARD_ACT_COUNT] = {[GUARD_ENTRY] = 7};
    bench_open(&b);
    guard_note_act(b.guard, &b.actor, b.now_ms, "entries scrap", "entry 7", GUARD_ENTRY, 7);
    guard_note_act(b.guard, &b.actor, b.now_ms, "entries scrap", "entry 8", GUARD_ENTRY, 8);
    guard_note(b.guard, &b.actor, b.now_ms, "reload", "");
    guard_on_tick(b.guard, b.now_ms, 5000);
    while (store_memory_step(b.store))
        continue;
    struct store_tx *tx = fresh_tx();
    cr_assert_eq(guard_join(b.guard, tx, handed), ERR_OK);
    cr_expect_eq(tx->n, 2, "its row, and the number of the newest event");
    cr_assert_eq(b.store->ops->commit(b.store, tx, on_committed, &committed), ERR_OK);
    while (store_memory_step(b.store))
        continue;
    cr_assert_eq(committed, ERR_OK);
    cr_expect_eq(events_of(&b, "entries scrap"), 2, "both are told at once");
    close_guard(&b);
    open_guard(&b); /* as after a crash: what was in no transaction was not done */
    cr_expect_eq(events_of(&b, "entry 7"), 1);
    cr_expect_eq(events_of(&b, "entry 8"), 0);
    cr_expect_eq(events_of(&b, "reload"), 1);
    guard_note(b.guard, &b.actor, b.now_ms, "reload", "");
    cr_expect_eq(events_of(&b, "\"event\":4"), 1, "no number is given twice");
    bench_close(&b);
}

Test(guard, a_pin_names_who_acts_at_a_station) {
    struct bench b;
    char token[80], json[200];
    bench_open(&b);
    add_bert(&b);
    struct said s = post(&b, "tokens", "{\"act\":\"add\",\"id\":\"desk\",\"kind\":\"station\"}");
    text_of(&s, "token", token, sizeof token);
    s = login(&b);
    b.actor = with_cookie(&b, s.cookie);
    needs(&b, "pin", "{\"password\":\"" LONG_ENOUGH "\",\"pin\":\"4708\"}");
    nobody(&b);
    snprintf(json, sizeof json, "{\"token\":\"%s\"}", token);
    s = post(&b, "login", json);
    cr_assert_eq(s.err, ERR_OK);
    cr_expect_eq(s.cookie_ms, INT64_C(365) * 86400000);
    b.actor = with_cookie(&b, s.cookie);
    cr_expect_eq(b.actor.rights, ACCESS_BIT(MAY_VIEW));
    cr_expect_eq(post(&b, "station", "{\"user\":\"bert\",\"pin\":\"4709\"}").status, GUARD_LOGIN);
    needs(&b, "station", "{\"user\":\"bert\",\"pin\":\"4708\"}");
    struct actor a = with_cookie(&b, s.cookie);
    cr_expect_str_eq(a.name, "bert");
    cr_expect_str_eq(a.station.s, "desk");
    b.now_ms += 119999;
    cr_expect_str_eq(with_cookie(&b, s.cookie).name, "bert");
    b.now_ms += 1;
    cr_expect_str_eq(with_cookie(&b, s.cookie).name, "token-desk");
    bench_close(&b);
}
