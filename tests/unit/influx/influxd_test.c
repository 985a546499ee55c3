/* Outbox and sink against the real databases: what was put into the outbox is what a query gives.
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "http/http_client.h"
#include "influx/influx.h"
#include "memory/store_memory.h"
#include "outbox/outbox.h"
#include "simkit/line_plant.h"
#include "support/database.h"
#include "support/loop_wait.h"
#include "support/store_contract.h"

enum { WAIT_MS = 30000, PACK = 3, PRESS = 2, LINE = 1 };

struct bench {
    struct store_rig rig;
    struct database database;
    uv_loop_t loop;
    uv_timer_t turn;
    struct plant *plant;
    struct sink *sink;
    struct outbox *outbox;
    struct http_client *http;
    struct buf answer;
    int status;
    unsigned closed;
};

static bool until(void *user, bool (*holds)(void *), void *arg) {
    struct bench *b = user;
    while (!holds(arg))
        if (!store_memory_step(b->rig.store))
            return false;
    return true;
}

static struct span word(void *user, uint32_t id) {
    (void)user;
    (void)id;
    return span_str(
        "bolt, M8=\\"); /* everything that must be escaped, and the backslash at the end */
}

static void on_turn(uv_timer_t *t) {
    struct bench *b = t->data;
    outbox_on_tick(b->outbox, (int64_t)uv_now(&b->loop), 0, 0);
    while (store_memory_step(b->rig.store)) {
    }
}

static void bench_open(struct bench *b, enum database_kind_test kind) {
    const struct store_memory_conf store = {0};
    const struct outbox_conf conf = {.retry_min_ms = 20,
                                     .retry_max_ms = 200,
                                     .retry_after_max_ms = 600000,
                                     .rows_max = 50,
                                     .word = word};
    *b = (struct bench){.rig = {.until = until, .user = b}};
    cr_assert_eq(database_open(&b->database, kind), ERR_OK);
    cr_assert_eq(database_start(&b->database), ERR_OK);
    const struct influx_conf influx = {.v2 = kind == DATABASE_VICTORIA,
                                       .url = b->database.url,
                                       .name = "plant \"a\"",
                                       .org = "o",
                                       .gzip = true,
                                       .create = true,
                                       .timeout_ms = 10000};
    cr_assert_eq(uv_loop_init(&b->loop), 0);
    cr_assert_eq(line_plant_open(&b->plant), ERR_OK);
    cr_assert_eq(store_memory_open(&store, &b->rig.store), ERR_OK);
    cr_assert_eq(influx_open(&influx, &b->loop, &b->sink), ERR_OK);
    cr_assert_eq(http_client_open(&b->loop, &b->http), ERR_OK);
    cr_assert_eq(outbox_open(&conf, b->plant, b->rig.store, b->sink, &b->outbox), ERR_OK);
    uv_timer_init(&b->loop, &b->turn);
    b->turn.data = b;
    uv_timer_start(&b->turn, on_turn, 0, 5);
}

static void on_closed(void *user) {
    ((struct bench *)user)->closed++;
}

static void bench_close(struct bench *b) {
    outbox_stop(b->outbox);
    b->sink->ops->close(b->sink, on_closed, b);
    http_client_close(b->http, on_closed, b);
    uv_close((uv_handle_t *)&b->turn, NULL);
    cr_expect(loop_closed(&b->loop));
    cr_expect_eq(b->closed, 2);
    outbox_close(b->outbox);
    rig_fini(&b->rig);
    plant_close(b->plant);
    buf_fini(&b->answer);
    database_close(&b->database);
}

static void put(struct bench *b, uint32_t node, int hour, int64_t good, uint32_t revision,
                uint32_t product) {
    uint8_t key[WINDOW_KEY_BYTES];
    struct buf value = {0};
    struct store_tx *tx = rig_tx();
    struct window w = {.key = {.node = node,
                               .kind = WINDOW_HOUR,
                               .product = product,
                               .start_ms = SIM_DAY0 + (int64_t)hour * 3600000},
                       .life = WINDOW_SETTLED,
                       .revision = revision,
                       .told = {.value = UINT64_MAX}};
    w.end_ms = w.key.start_ms + 3600000;
    w.sums.q[QTY_TIME + CAT_PRODUCTION] = 3600000;
    w.sums.q[QTY_PQ] = good ? 100000000 : 0;
    w.sums.q[QTY_GQ] = good * 1000000;
    window_key_pack(&w.key, key);
    cr_assert_eq(window_pack(&w, &value), ERR_OK);
    store_tx_add(tx, STORE_PUT, STORE_OUTBOX, span_of(key, sizeof key), buf_span(&value));
    cr_assert_eq(rig_commit(&b->rig, tx), ERR_OK);
    buf_fini(&value);
    outbox_wake(b->outbox);
}

static bool empty(void *user) {
    return store_memory_rows(((struct bench *)user)->rig.store, STORE_OUTBOX) == 0;
}

static void deliver(struct bench *b) {
    cr_assert(loop_until(&b->loop, empty, b, WAIT_MS), "%s", outbox_stats(b->outbox)->last_error);
}

static void on_http(void *user, const struct http_answer *a) {
    struct bench *b = user;
    b->status = a->err ? -1 : a->status;
    buf_reset(&b->answer);
    buf_add(&b->answer, a->body.p, a->body.n);
    buf_add_byte(&b->answer, 0);
}

static bool answered(void *user) {
    return ((struct bench *)user)->status != 0;
}

static const char *ask(struct bench *b, const char *method, const char *path, const char *body) {
    char url[512];
    snprintf(url, sizeof url, "%s%s", b->database.url, path);
    const struct http_request r = {
        .method = method, .url = url, .body = span_str(body), .on_done = on_http, .done_user = b};
    b->status = 0;
    cr_assert_eq(http_client_send(b->http, &r, NULL), ERR_OK);
    cr_assert(loop_until(&b->loop, answered, b, WAIT_MS));
    return (const char *)b->answer.p;
}

#define DB "db=plant%20%22a%22"

/* The rows of a query as InfluxDB's JSON: {"results":[{...,"values":[[...]]}]}. */
static void expect_values(struct bench *b, const char *q, const char *want) {
    char path[512];
    snprintf(path, sizeof path, "%s%s", "/query?epoch=ms&" DB "&q=", q);
    const char *got = ask(b, "GET", path, "");
    const char *values = strstr(got, "\"values\":");
    cr_expect_not_null(values, "%s", got);
    if (values)
        cr_expect(strncmp(values + 9, want, strlen(want)) == 0, "%s\nis not %s", got, want);
}

/* The stamps: 2026-06-01T06:00Z is 1780272000000 + 6 x 3600000 = 1780293600000. */
Test(influxd, gives_back_what_was_put_and_restated) {
    struct bench b;
    bench_open(&b, DATABASE_INFLUXD);
    put(&b, PACK, 6, 95, 0, 0);
    put(&b, PACK, 7, 80, 0, 0);
    deliver(&b);
    expect_values(&b, "SELECT%20gq,quality_ratio,revision%20FROM%20pb_unit%20WHERE%20unit='pack'",
                  "[[1780293600000,95000000,0.95,0],[1780297200000,80000000,0.8,0]]");
    put(&b, PACK, 6, 90, 1, 0);
    deliver(&b);
    expect_values(&b, "SELECT%20gq,quality_ratio,revision%20FROM%20pb_unit%20WHERE%20unit='pack'",
                  "[[1780293600000,90000000,0.9,1],[1780297200000,80000000,0.8,0]]");
    cr_expect_eq(store_memory_rows(b.rig.store, STORE_DEAD), 0);
    bench_close(&b);
}

Test(influxd, takes_every_text_as_a_tag) {
    struct bench b;
    bench_open(&b, DATABASE_INFLUXD);
    put(&b, PACK, 6, 95, 0, 1);
    deliver(&b);
    cr_expect_eq(store_memory_rows(b.rig.store, STORE_DEAD), 0);
    const char *got = ask(&b, "GET",
                          "/query?" DB "&q=SHOW%20TAG%20VALUES%20FROM%20pb_context%20WITH%20KEY="
                          "product",
                          "");
    cr_expect_not_null(strstr(got, "[[\"product\",\"bolt, M8=/\"]]"), "%s", got);
    bench_close(&b);
}

/* Line and both units have a point at one stamp; those of line and pack lose their ratio. */
Test(influxd, a_retraction_takes_one_point_only) {
    struct bench b;
    bench_open(&b, DATABASE_INFLUXD);
    put(&b, LINE, 6, 95, 0, 0);
    put(&b, PACK, 6, 95, 0, 0);
    put(&b, PRESS, 6, 95, 0, 0);
    put(&b, PRESS, 7, 60, 0, 0);
    deliver(&b);
    put(&b, LINE, 6, 0, 1, 0);
    put(&b, PRESS, 6, 0, 1, 0);
    deliver(&b);
    cr_expect_eq(outbox_stats(b.outbox)->retracted, 2);
    expect_values(&b, "SELECT%20quality_ratio,revision%20FROM%20pb_unit%20WHERE%20unit='pack'",
                  "[[1780293600000,0.95,0]]");
    expect_values(&b, "SELECT%20quality_ratio,revision%20FROM%20pb_unit%20WHERE%20unit='press'",
                  "[[1780293600000,null,1],[1780297200000,0.6,0]]");
    expect_values(&b, "SELECT%20quality_ratio,revision%20FROM%20pb_unit%20WHERE%20level='line'",
                  "[[1780293600000,null,1]]");
    bench_close(&b);
}

/* A field's type is fixed per shard, a week here: with gq a fraction in the first week, the rows of
 * that week are refused (400, "partial write") and those of the third are taken. */
Test(influxd, parks_what_it_refuses_and_keeps_the_rest) {
    struct bench b;
    bench_open(&b, DATABASE_INFLUXD);
    ask(&b, "POST", "/query?q=CREATE%20DATABASE%20%22plant%20%5C%22a%5C%22%22", "");
    ask(&b, "POST", "/write?precision=ms&" DB, "pb_unit,unit=x gq=0.5 1780293600000\n");
    cr_assert_eq(b.status, 204, "%s", (const char *)b.answer.p);
    for (int i = 0; i < 10; i++)
        put(&b, PACK, i % 2 ? 6 + i : 336 + 6 + i, 50, 0, 0);
    deliver(&b);
    cr_expect_eq(store_memory_rows(b.rig.store, STORE_DEAD), 5);
    rig_content(&b.rig, STORE_DEAD);
    cr_expect_not_null(memmem(b.rig.got.p, b.rig.got.n, "field type conflict", 19));
    expect_values(&b, "SELECT%20COUNT(gq)%20FROM%20pb_unit%20WHERE%20unit='pack'", "[[0,5]]");
    bench_close(&b);
}

static bool retried(void *user) {
    return outbox_stats(((struct bench *)user)->outbox)->retries >= 2;
}

Test(influxd, goes_on_after_it_was_killed) {
    struct bench b;
    bench_open(&b, DATABASE_INFLUXD);
    put(&b, PACK, 6, 95, 0, 0);
    deliver(&b);
    database_kill(&b.database);
    put(&b, PACK, 7, 80, 0, 0);
    cr_assert(loop_until(&b.loop, retried, &b, WAIT_MS));
    cr_expect_eq(outbox_stats(b.outbox)->state, OUTBOX_RETRYING);
    cr_assert_eq(database_start(&b.database), ERR_OK);
    deliver(&b);
    expect_values(&b, "SELECT%20gq%20FROM%20pb_unit%20WHERE%20unit='pack'",
                  "[[1780293600000,95000000],[1780297200000,80000000]]");
    bench_close(&b);
}

/* The second API, on the one packaged server that has it. Measurement and field make the name. */
Test(victoria, takes_points_by_the_second_api) {
    struct bench b;
    bench_open(&b, DATABASE_VICTORIA);
    put(&b, PACK, 6, 95, 0, 0);
    put(&b, PACK, 7, 80, 0, 0);
    deliver(&b);
    cr_expect_eq(store_memory_rows(b.rig.store, STORE_DEAD), 0);
    ask(&b, "GET", "/internal/force_flush", "");
    const char *got = ask(&b, "GET", "/api/v1/export?match%5B%5D=pb_unit_gq", "");
    cr_expect_not_null(strstr(got, "\"unit\":\"pack\""), "%s", got);
    cr_expect_not_null(strstr(got, "\"values\":[95000000,80000000]"), "%s", got);
    cr_expect_not_null(strstr(got, "\"timestamps\":[1780293600000,1780297200000]"), "%s", got);
    got = ask(&b, "GET", "/api/v1/export?match%5B%5D=pb_unit_quality_ratio", "");
    cr_expect_str_eq(got, "", "it cannot delete, so it gets no ratios");
    bench_close(&b);
}
