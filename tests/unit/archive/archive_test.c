/* Longer work on the archive's thread: in slices, others in between, and what it borrows stays. */
#include "archive/archive.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "sqlite/store_sqlite.h"

enum { SLICES = 3 };

struct rig {
    char folder[64], path[96], why[160];
    uv_loop_t loop;
    struct store *store;
    struct archive *archive;
    char said[64]; /* what was done, in its order */
    unsigned slices[2];
    bool over;
};

static void rig_open(struct rig *r) {
    *r = (struct rig){.folder = "/tmp/pb-archive-XXXXXX"};
    cr_assert_not_null(mkdtemp(r->folder));
    (void)snprintf(r->path, sizeof r->path, "%s/store.db", r->folder);
    const struct store_sqlite_conf conf = {
        .path = r->path, .queue_bytes_max = 1 << 20, .load_bytes_max = 1 << 20, .retry_ms = 10};
    uv_loop_init(&r->loop);
    cr_assert_eq(store_sqlite_open(&conf, &r->loop, &r->store, r->why), ERR_OK, "%s", r->why);
    cr_assert_eq(archive_open(r->path, &r->loop, &r->archive), ERR_OK);
}

static void on_over(void *user) {
    ((struct rig *)user)->over = true;
}

static void run_until(struct rig *r, const bool *done) {
    while (!*done && uv_run(&r->loop, UV_RUN_ONCE)) {
    }
    cr_assert(*done);
}

static void rig_close(struct rig *r) {
    static const char *const names[] = {"store.db", "store.db-wal", "store.db-shm",
                                        "store.db.lock"};
    archive_stop(r->archive, on_over, r);
    run_until(r, &r->over);
    archive_close(r->archive);
    r->over = false;
    r->store->ops->stop(r->store, on_over, r);
    run_until(r, &r->over);
    r->store->ops->close(r->store);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    cr_expect_eq(uv_loop_close(&r->loop), 0, "every handle is closed");
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(r->path, sizeof r->path, "%s/%s", r->folder, names[i]);
        (void)unlink(r->path);
    }
    cr_expect_eq(rmdir(r->folder), 0);
}

static void say(struct rig *r, const char *what) {
    const size_t n = strlen(r->said);
    (void)snprintf(r->said + n, sizeof r->said - n, "%s", what);
}

static enum err slice(struct rig *r, unsigned i, bool *more) {
    say(r, i ? "b" : "a");
    *more = ++r->slices[i] < SLICES;
    return ERR_OK;
}

static enum err step_a(void *user, const struct history_reader *reader, bool *more) {
    cr_expect_not_null(reader->load);
    return slice(user, 0, more);
}

static enum err step_b(void *user, const struct history_reader *reader, bool *more) {
    (void)reader;
    return slice(user, 1, more);
}

static enum err step_wrong(void *user, const struct history_reader *reader, bool *more) {
    (void)reader;
    say(user, "w");
    *more = true;
    return ERR_FORMAT;
}

static void done_a(void *user, enum err err) {
    say(user, err ? "X" : "A");
}

static void done_b(void *user, enum err err) {
    say(user, err == ERR_STATE ? "S" : err ? "X" : "B");
}

static void on_passed(void *user) {
    say(user, "|");
    ((struct rig *)user)->over = true;
}

Test(archive, works_in_slices_turn_by_turn_and_lets_nobody_pass_before_it_is_done) {
    struct rig r;
    rig_open(&r);
    cr_assert_eq(archive_run(r.archive, step_a, done_a, &r), ERR_OK);
    cr_assert_eq(archive_run(r.archive, step_b, done_b, &r), ERR_OK);
    archive_wait(r.archive, archive_place_open(), on_passed, &r);
    run_until(&r, &r.over);
    cr_expect_str_eq(r.said, "ababaAbB|");
    r.over = false;
    rig_close(&r);
}

Test(archive, what_fails_is_over) {
    struct rig r;
    rig_open(&r);
    cr_assert_eq(archive_run(r.archive, step_wrong, done_a, &r), ERR_OK);
    archive_wait(r.archive, archive_place_open(), on_passed, &r);
    run_until(&r, &r.over);
    cr_expect_str_eq(r.said, "wX|");
    r.over = false;
    rig_close(&r);
}

Test(archive, a_stop_ends_work_after_its_slice) {
    struct rig r;
    rig_open(&r);
    cr_assert_eq(archive_run(r.archive, step_a, done_b, &r), ERR_OK);
    rig_close(&r); /* stops at once */
    cr_expect_str_eq(r.said, "aS");
}
