/* The daemon's life without a broker or a database: it ends whole, by signal and by failure, also
 * when the failure comes in the midst of the end. */
#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/daemon_impl.h"

static const char small_plant[] = "site: {id: works, time_zone: UTC}\n"
                                  "areas: {hall: {lines: {line: {units: {m1: {}}}}}}\n";

struct world {
    char folder[32], text[640];
    struct settings *settings; /* the daemon's */
    struct log log;
    int out[2];
    struct daemon *d;
};

static void write_file(const struct world *w, const char *name, const char *text) {
    char path[96];
    snprintf(path, sizeof path, "%s/%s", w->folder, name);
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    cr_assert_geq(fputs(text, f), 0);
    cr_assert_eq(fclose(f), 0);
}

static void world_open(struct world *w) {
    struct conf_report report;
    char why[200] = "", path[48];
    memcpy(w->folder, "/tmp/pb-daemon-XXXXXX", 22);
    cr_assert_not_null(mkdtemp(w->folder));
    /* Port 1 refuses: broker and database are away, retries are quick. */
    snprintf(
        w->text, sizeof w->text,
        "plant: plant.yaml\ndata: data\nbroker: {url: \"tcp://127.0.0.1:1\", retry_min: 10 ms, "
        "retry_max: 20 ms}\nhttp: {port: 0}\ncheckpoint: 20 ms\ntick: 10 ms\n"
        "database: {kind: influx_v1, url: \"http://127.0.0.1:1\", retry_min: 10 ms, "
        "retry_max: 20 ms}\n");
    write_file(w, "plant.yaml", small_plant);
    write_file(w, "aggregator.yaml", w->text);
    snprintf(path, sizeof path, "%s/aggregator.yaml", w->folder);
    conf_report_init(&report);
    cr_assert_eq(settings_load(path, &report, NULL, &w->settings), ERR_OK);
    conf_report_fini(&report);
    cr_assert_eq(pipe(w->out), 0);
    log_init(&w->log, w->out[1], LOG_ERROR);
    cr_assert_eq(daemon_open(w->settings, &w->log, &w->d, why), ERR_OK, "%s", why);
}

/* Closes all; gives what was logged as an error. */
static void world_close(struct world *w, char *said, size_t n) {
    char command[64];
    daemon_close(w->d);
    close(w->out[1]);
    ssize_t got = read(w->out[0], said, n - 1);
    said[got > 0 ? got : 0] = 0;
    close(w->out[0]);
    snprintf(command, sizeof command, "rm -r %s", w->folder);
    cr_expect_eq(system(command), 0);
}

struct trap {
    uv_check_t check;
    struct daemon *d;
    unsigned at, turns; /* turns of the loop since the end began */
    bool sprung;
};

/* What daemon.c does when the core cannot go on. */
static void on_trap(uv_check_t *check) {
    struct trap *t = check->data;
    if (!t->d->stopping && t->d->started_mono_ms)
        daemon_on_signal(&t->d->sigterm, SIGTERM);
    if (t->d->stage == STAGE_RUN || t->turns++ < t->at)
        return;
    t->sprung = true;
    t->d->failed = ERR_NOMEM;
    uv_close((uv_handle_t *)check, NULL);
    uv_stop(&t->d->loop);
}

/* The end is tried to be broken off after each of its turns, until it is over before. */
Test(daemon, a_failure_amid_the_end_closes_nothing_that_still_stops) {
    unsigned broken_off = 0;
    for (unsigned at = 0; at < 100; at += 1 + at / 2) {
        struct world w = {0};
        struct trap *t = calloc(1, sizeof *t);
        char said[2000];
        world_open(&w);
        *t = (struct trap){.d = w.d, .at = at};
        uv_check_init(&w.d->loop, &t->check);
        t->check.data = t;
        uv_check_start(&t->check, on_trap);
        uv_unref((uv_handle_t *)&t->check);
        (void)daemon_run(w.d);
        bool sprung = t->sprung;
        broken_off += sprung;
        if (!sprung)
            uv_close((uv_handle_t *)&t->check, NULL);
        world_close(&w, said, sizeof said);
        free(t);
        cr_expect_null(strstr(said, "handles_left"), "at %u: %s", at, said);
        if (!sprung)
            break;
    }
    cr_expect_gt(broken_off, 4);
}

static void on_stop(uv_timer_t *timer) {
    struct daemon *d = timer->data;
    daemon_on_signal(&d->sigterm, SIGTERM);
    uv_close((uv_handle_t *)timer, NULL);
}

Test(daemon, a_stop_by_signal_leaves_no_handle) {
    struct world w = {0};
    uv_timer_t timer;
    char said[2000];
    world_open(&w);
    uv_timer_init(&w.d->loop, &timer);
    timer.data = w.d;
    uv_timer_start(&timer, on_stop, 50, 0);
    cr_expect_eq(daemon_run(w.d), ERR_OK);
    cr_expect_not(uv_loop_alive(&w.d->loop));
    world_close(&w, said, sizeof said);
    cr_expect_str_empty(said);
}

struct swapped {
    uv_check_t check;
    struct world *w;
    bool asked;
};

/* Other settings are in force, and those before wait for the next chore. */
static void on_swapped(uv_check_t *check) {
    struct swapped *s = check->data;
    struct daemon *d = s->w->d;
    char text[sizeof s->w->text + 32];
    if (d->started_mono_ms && !s->asked) {
        snprintf(text, sizeof text, "%scredit: 2 MiB\n", s->w->text);
        write_file(s->w, "aggregator.yaml", text);
        s->asked = reload_ask(d, "test") != 0;
    }
    if (!d->reload.retired)
        return;
    daemon_on_signal(&d->sigterm, SIGTERM);
    uv_close((uv_handle_t *)check, NULL);
}

Test(daemon, a_stop_right_behind_a_reload_comes_to_its_end, .timeout = 30) {
    struct world w = {0};
    struct swapped s = {.w = &w};
    char said[2000];
    world_open(&w);
    uv_check_init(&w.d->loop, &s.check);
    s.check.data = &s;
    uv_check_start(&s.check, on_swapped);
    uv_unref((uv_handle_t *)&s.check);
    cr_expect_eq(daemon_run(w.d), ERR_OK);
    cr_expect(s.asked);
    cr_expect(uv_is_closing((uv_handle_t *)&s.check), "it was stopped there");
    world_close(&w, said, sizeof said);
    cr_expect_null(strstr(said, " error "), "%s",
                   said); /* the level of the log is the file's now */
}

Test(daemon, what_was_opened_and_never_run_is_closed) {
    struct world w = {0};
    char said[2000];
    world_open(&w);
    world_close(&w, said, sizeof said);
    cr_expect_str_empty(said);
}
