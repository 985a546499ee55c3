/* S8: readings a second that an agent's journal takes on a real disk, sustained over SECONDS,
 * beside plain appends of as many bytes with a sync as often. The aggregator's part (durable) is
 * played, so that segments are also deleted. Usage: bench_journal FOLDER [SECONDS]. Prints one JSON
 * object. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "agent_app/disk_posix.h"
#include "base/clock.h"
#include "journal/journal.h"

enum { POINTS = 1000, EPOCH = 1234 };

static void need(enum err err, const char *what) {
    if (err) {
        fprintf(stderr, "bench_journal: %s: %s\n", what, err_name(err));
        exit(1);
    }
}

static double cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* the syncing threads too */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_accepted(void *user) {
    (void)user;
}

static void on_fault(void *user, enum journal_fault fault, enum err why) {
    (void)user;
    fprintf(stderr, "bench_journal: %s: %s\n", journal_fault_name(fault), err_name(why));
    exit(1);
}

static void on_dropped(void *user, uint64_t epoch, const struct batch_dropped *gap) {
    (void)user, (void)epoch;
    fprintf(stderr, "bench_journal: %llu readings given up\n", (unsigned long long)gap->readings);
    exit(1);
}

static void after_sync(void *user) {
    (void)user;
}

static void add_points(struct journal *j) {
    for (uint16_t i = 0; i < POINTS; i++) {
        struct point p = {.type = POINT_COUNTER, .num = 1000000, .den = 1, .poll_ms = 1000};
        uint16_t id;
        snprintf(p.name, sizeof p.name, "m%u/good", i);
        need(journal_add_point(j, &p, &id), "point");
    }
}

static void fill(struct batch_writer *w, int64_t round, int64_t wall_ms) {
    batch_writer_reset(w, wall_ms);
    need(batch_writer_add_asof(w, (struct asof){0, wall_ms - 1000, wall_ms}), "asof");
    for (uint16_t i = 0; i < POINTS; i++) {
        struct reading r = {.point = i, .t_ms = wall_ms};
        r.v.kind = VALUE_INT;
        r.v.as.i = 100 + round * (1 + i % 3);
        need(batch_writer_add(w, &r), "reading");
    }
}

/* Until the time is over; gives the readings that were accepted. */
static uint64_t run(struct journal *j, uv_loop_t *loop, double seconds, uint64_t *bytes) {
    struct batch_writer w;
    struct journal_entry entry = {.batch = &w};
    int64_t end_ms = clock_mono_ms() + (int64_t)(seconds * 1000);
    batch_writer_init(&w);
    for (int64_t round = 1; clock_mono_ms() < end_ms; round++) {
        fill(&w, round, clock_wall_ms());
        *bytes += batch_writer_size(&w);
        enum err err;
        while ((err = journal_append(j, &entry, clock_mono_ms(), clock_wall_ms())) == ERR_FULL ||
               err == ERR_BUSY) {
            journal_tick(j, clock_mono_ms(), clock_wall_ms());
            uv_run(loop, UV_RUN_ONCE);
        }
        need(err, "append");
        journal_tick(j, clock_mono_ms(), clock_wall_ms());
        uv_run(loop, UV_RUN_NOWAIT);
        const struct journal_epoch *e = journal_find_epoch(j, EPOCH);
        if (e)
            journal_set_durable(j, EPOCH, e->last);
    }
    batch_writer_fini(&w);
    return journal_stats(j)->readings;
}

/* The same bytes with write and fdatasync alone, each `every` bytes. */
static double plain(const char *folder, uint64_t bytes, uint64_t every) {
    char path[512];
    static uint8_t block[8192];
    snprintf(path, sizeof path, "%s/plain", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int64_t begun = clock_mono_ns();
    for (uint64_t at = 0, synced = 0; fd >= 0 && at < bytes; at += sizeof block) {
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block)
            need(ERR_IO, "write");
        if (at - synced >= every) {
            need(fdatasync(fd) ? ERR_IO : ERR_OK, "sync");
            synced = at;
        }
    }
    need(fd < 0 || fdatasync(fd) ? ERR_IO : ERR_OK, "sync");
    double s = (double)(clock_mono_ns() - begun) / 1e9;
    close(fd);
    unlink(path);
    return s;
}

int main(int argc, char **argv) {
    uv_loop_t loop;
    struct disk_posix *disk = NULL;
    struct journal *j = NULL;
    struct journal_conf conf;
    struct journal_events events = {on_accepted, on_fault, on_dropped, NULL};
    double seconds = argc > 2 ? atof(argv[2]) : 5;
    uint64_t bytes = 0;
    if (argc < 2)
        return 2;
    uv_loop_init(&loop);
    need(disk_posix_open(argv[1], &loop, after_sync, NULL, &disk), "folder");
    journal_conf_init(&conf);
    ident_set(&conf.agent, span_str("gw"));
    conf.retain_ms = 0; /* a day of it would fill the disk */
    need(journal_open(&conf, disk_posix_port(disk), &events, EPOCH, clock_mono_ms(),
                      clock_wall_ms(), &j),
         "journal");
    add_points(j);
    double cpu = cpu_s();
    int64_t begun = clock_mono_ns();
    uint64_t readings = run(j, &loop, seconds, &bytes);
    double took = (double)(clock_mono_ns() - begun) / 1e9;
    cpu = cpu_s() - cpu;
    uint64_t syncs = journal_stats(j)->syncs ? journal_stats(j)->syncs : 1;
    double plain_s = plain(argv[1], bytes, bytes / syncs);
    printf("{\"readings\": %llu, \"seconds\": %.3f, \"cpu_s\": %.3f, \"bytes\": %llu, \"syncs\": "
           "%llu, "
           "\"plain_seconds\": %.3f}\n",
           (unsigned long long)readings, took, cpu, (unsigned long long)bytes,
           (unsigned long long)syncs, plain_s);
    journal_flush(j);
    uv_run(&loop, UV_RUN_DEFAULT);
    journal_close(j);
    disk_posix_close(disk);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop) ? 1 : 0;
}
