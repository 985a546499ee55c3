/* S7: windows from the store through the outbox into a real influxd, beside a client that sends
 * the same lines from memory, built before, in requests of the same size. In turns, each into a
 * database of its own; the same loop, the same client library. Usage: bench_outbox FOLDER PLANT
 * HOURS TURNS. Prints one JSON object. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/utc.h"
#include "benchhall/hall.h"
#include "http/http_client.h"
#include "influx/influx.h"
#include "outbox/outbox.h"
#include "sqlite/store_sqlite.h"
#include "support/database.h"

enum { ROWS_MAX = 100, TURN_MS = 20, TURNS_MAX = 32 }; /* as the daemon's */

struct bench {
    const char *folder;
    uv_loop_t loop;
    uv_timer_t turn;
    struct plant *plant;
    struct database database;
    struct store *store;
    struct sink *sink;
    struct outbox *outbox;
    struct http_client *http;
    struct buf *body; /* requests built before */
    size_t body_n, sent;
    uint64_t rows;
    char url[256];
    bool done;
};

static void need(enum err err, const char *what) {
    if (err) {
        fprintf(stderr, "%s: %s\n", what, err_name(err));
        exit(1);
    }
}

static void run_until_done(struct bench *b) {
    while (!b->done)
        uv_run(&b->loop, UV_RUN_ONCE);
    b->done = false;
}

static double cpu_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void on_done(void *user) {
    ((struct bench *)user)->done = true;
}

/* --- windows ------------------------------------------------------------------------------------
 */

/* A busy hour: what a machine makes, takes and how its time goes. */
static void window_of(struct window *w, uint32_t node, int64_t start_ms) {
    uint32_t x = node * 2654435761U + (uint32_t)(start_ms / UTC_HOUR_MS) * 40503U;
    *w = (struct window){.key = {.node = node, .kind = WINDOW_HOUR, .start_ms = start_ms},
                         .end_ms = start_ms + UTC_HOUR_MS,
                         .life = WINDOW_SETTLED};
    for (unsigned q = 0; q < QTY_COUNT; q++) {
        x = x * 1664525U + 1013904223U;
        w->sums.q[q] = q % 3 == 2 ? 0 : (int64_t)(x >> 8) * (q % 2 ? 1 : 60);
    }
}

static void put_window(struct store_tx *tx, const struct window *w) {
    uint8_t key[WINDOW_KEY_BYTES];
    struct buf v;
    buf_init(&v);
    window_key_pack(&w->key, key);
    need(window_pack(w, &v), "window");
    need(store_tx_add(tx, STORE_PUT, STORE_OUTBOX, span_of(key, sizeof key), buf_span(&v)), "row");
    buf_fini(&v);
}

static struct span no_word(void *user, uint32_t id) {
    (void)user;
    (void)id;
    return span_of(NULL, 0);
}

/* Calls f for all windows in the order of the outbox's table. */
static void each_window(struct bench *b, unsigned hours,
                        void (*f)(struct bench *b, const struct window *w, void *user),
                        void *user) {
    int64_t end_ms = clock_wall_ms() / UTC_HOUR_MS * UTC_HOUR_MS;
    struct window w;
    for (uint32_t node = 0; node < b->plant->node_n; node++)
        for (unsigned h = hours; h > 0; h--) {
            window_of(&w, node, end_ms - h * UTC_HOUR_MS);
            f(b, &w, user);
        }
}

static void build_line(struct bench *b, const struct window *w, void *user) {
    (void)user;
    if (b->rows++ % ROWS_MAX == 0) {
        b->body = realloc(b->body, (b->body_n + 1) * sizeof *b->body);
        need(b->body ? ERR_OK : ERR_NOMEM, "bodies");
        buf_init(&b->body[b->body_n++]);
    }
    const struct outbox_source from = {.plant = b->plant, .word = no_word};
    need(outbox_line(&from, w, true, &b->body[b->body_n - 1]), "line");
}

static void build_row(struct bench *b, const struct window *w, void *user) {
    (void)b;
    put_window(user, w);
}

/* --- both ways ----------------------------------------------------------------------------------
 */

static void on_created(void *user, const struct http_answer *a) {
    need(a->err ? a->err : a->status == 200 ? ERR_OK : ERR_IO, "create");
    on_done(user);
}

static void create_database(struct bench *b, const char *name) {
    snprintf(b->url, sizeof b->url, "%s/query?q=CREATE%%20DATABASE%%20%s", b->database.url, name);
    const struct http_request r = {
        .method = "POST", .url = b->url, .on_done = on_created, .done_user = b};
    need(http_client_send(b->http, &r, NULL), "create");
    run_until_done(b);
}

static void send_next(struct bench *b);

static void on_written(void *user, const struct http_answer *a) {
    struct bench *b = user;
    need(a->err ? a->err : a->status == 204 ? ERR_OK : ERR_IO, "write");
    if (b->sent == b->body_n)
        b->done = true;
    else
        send_next(b);
}

static void send_next(struct bench *b) {
    const struct http_request r = {.method = "POST",
                                   .url = b->url,
                                   .body = buf_span(&b->body[b->sent++]),
                                   .on_done = on_written,
                                   .done_user = b};
    need(http_client_send(b->http, &r, NULL), "write");
}

static void send_built(struct bench *b, const char *name) {
    snprintf(b->url, sizeof b->url, "%s/write?precision=ms&db=%s", b->database.url, name);
    b->sent = 0;
    send_next(b);
    run_until_done(b);
}

static void on_turn(uv_timer_t *t) {
    struct bench *b = t->data;
    outbox_on_tick(b->outbox, (int64_t)uv_now(&b->loop), 0, 0);
}

static void on_rows(void *user, enum err err) {
    need(err, "commit");
    on_done(user);
}

/* Not compressed, as the daemon sends to a database on its own machine. */
static void open_outbox(struct bench *b, const char *name, unsigned hours) {
    char path[4096], why[160];
    const struct outbox_conf conf = {.retry_min_ms = 100,
                                     .retry_max_ms = 1000,
                                     .rows_max = 10 * ROWS_MAX,
                                     .request_rows = ROWS_MAX,
                                     .word = no_word};
    const struct influx_conf influx = {
        .url = b->database.url, .name = name, .gzip = false, .create = true, .timeout_ms = 30000};
    struct store_tx *tx = calloc(1, sizeof *tx);
    snprintf(path, sizeof path, "%s/%s.db", b->folder, name);
    const struct store_sqlite_conf store = {
        .path = path, .queue_bytes_max = 256 << 20, .load_bytes_max = 256 << 20, .retry_ms = 1000};
    need(store_sqlite_open(&store, &b->loop, &b->store, why), why);
    need(tx ? ERR_OK : ERR_NOMEM, "rows");
    store_tx_init(tx);
    each_window(b, hours, build_row, tx);
    need(b->store->ops->commit(b->store, tx, on_rows, b), "rows");
    run_until_done(b);
    need(influx_open(&influx, &b->loop, &b->sink), "sink");
    need(outbox_open(&conf, b->plant, b->store, b->sink, &b->outbox), "outbox");
}

static void close_outbox(struct bench *b) {
    uv_timer_stop(&b->turn);
    while (!outbox_stop(b->outbox))
        uv_run(&b->loop, UV_RUN_ONCE);
    b->sink->ops->close(b->sink, on_done, b);
    run_until_done(b);
    outbox_close(b->outbox);
    b->store->ops->stop(b->store, on_done, b);
    run_until_done(b);
    b->store->ops->close(b->store);
    uv_run(&b->loop, UV_RUN_NOWAIT);
}

static void send_outbox(struct bench *b) {
    uv_timer_start(&b->turn, on_turn, 0, TURN_MS);
    while (outbox_stats(b->outbox)->delivered < b->rows)
        uv_run(&b->loop, UV_RUN_ONCE);
}

/* --- figures ------------------------------------------------------------------------------------
 */

static int by_size(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static double median(double *v, unsigned n) {
    qsort(v, n, sizeof *v, by_size);
    return v[n / 2];
}

static void measure(struct bench *b, unsigned hours, unsigned turns) {
    double outbox[TURNS_MAX], built[TURNS_MAX], ratio[TURNS_MAX], cpu = 0, built_cpu = 0;
    char name[32];
    for (unsigned i = 0; i < turns; i++) {
        snprintf(name, sizeof name, "outbox%u", i);
        create_database(b, name);
        open_outbox(b, name, hours);
        cpu -= cpu_us();
        int64_t begun = clock_mono_ns();
        send_outbox(b);
        outbox[i] = (double)b->rows * 1e9 / (double)(clock_mono_ns() - begun);
        cpu += cpu_us();
        close_outbox(b);
        snprintf(name, sizeof name, "built%u", i);
        create_database(b, name);
        built_cpu -= cpu_us();
        begun = clock_mono_ns();
        send_built(b, name);
        built[i] = (double)b->rows * 1e9 / (double)(clock_mono_ns() - begun);
        built_cpu += cpu_us();
        ratio[i] = outbox[i] / built[i];
    }
    double outbox_rate = median(outbox, turns), built_rate = median(built, turns);
    double middle = median(ratio, turns); /* which are in order from here on */
    printf("{\"rows\": %llu, \"line_bytes\": %.0f, \"outbox_rows_s\": %.0f, \"built_rows_s\": "
           "%.0f, \"ratio\": %.3f, \"ratio_least\": %.3f, \"ratio_most\": %.3f, "
           "\"outbox_cpu_us\": %.2f, \"built_cpu_us\": %.2f}\n",
           (unsigned long long)b->rows, (double)b->body[0].n / ROWS_MAX, outbox_rate, built_rate,
           middle, ratio[0], ratio[turns - 1], cpu / (double)b->rows / turns,
           built_cpu / (double)b->rows / turns);
}

int main(int argc, char **argv) {
    struct bench b = {0};
    if (argc != 5) {
        fprintf(stderr, "usage: bench_outbox FOLDER PLANT HOURS TURNS\n");
        return 2;
    }
    unsigned hours = (unsigned)atoi(argv[3]), turns = (unsigned)atoi(argv[4]);
    b.folder = argv[1];
    uv_loop_init(&b.loop);
    b.plant = hall_plant(argv[2]);
    need(database_open(&b.database, DATABASE_INFLUXD), "influxd");
    need(database_start(&b.database), "influxd");
    need(http_client_open(&b.loop, &b.http), "client");
    uv_timer_init(&b.loop, &b.turn);
    b.turn.data = &b;
    each_window(&b, hours, build_line, NULL);
    measure(&b, hours, turns < TURNS_MAX ? turns : TURNS_MAX);
    http_client_close(b.http, on_done, &b);
    run_until_done(&b);
    uv_close((uv_handle_t *)&b.turn, NULL);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    database_close(&b.database);
    for (size_t i = 0; i < b.body_n; i++)
        buf_fini(&b.body[i]);
    free(b.body);
    plant_close(b.plant);
    return 0;
}
