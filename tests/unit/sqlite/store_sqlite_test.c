#include <criterion/criterion.h>

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "memory/store_memory.h"
#include "sqlite/store_sqlite.h"
#include "support/loop_wait.h"
#include "support/store_contract.h"

enum { WAIT_MS = 20000 };

/* A store in a folder of its own. */
struct bench {
    struct store_rig rig;
    uv_loop_t loop;
    char dir[64], path[96], why[160];
    unsigned troubles;
    char trouble[160];
};

static bool until(void *user, bool (*holds)(void *), void *arg) {
    struct bench *b = user;
    return loop_until(&b->loop, holds, arg, WAIT_MS);
}

static void on_trouble(void *user, const char *what) {
    struct bench *b = user;
    b->troubles++;
    snprintf(b->trouble, sizeof b->trouble, "%s", what);
}

static enum err bench_try(struct bench *b) {
    const struct store_sqlite_conf conf = {.path = b->path,
                                           .queue_bytes_max = CONTRACT_QUEUE_BYTES,
                                           .load_bytes_max = CONTRACT_LOAD_BYTES,
                                           .retry_ms = 5,
                                           .on_trouble = on_trouble,
                                           .user = b};
    b->rig = (struct store_rig){.until = until, .user = b};
    return store_sqlite_open(&conf, &b->loop, &b->rig.store, b->why);
}

static void bench_dir(struct bench *b) {
    *b = (struct bench){.dir = "/tmp/pb-store-XXXXXX"};
    cr_assert_not_null(mkdtemp(b->dir));
    snprintf(b->path, sizeof b->path, "%s/store", b->dir);
    cr_assert_eq(uv_loop_init(&b->loop), 0);
}

static void bench_open(struct bench *b) {
    bench_dir(b);
    cr_assert_eq(bench_try(b), ERR_OK, "%s", b->why);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

/* The store is closed already, or never opened. */
static void bench_end(struct bench *b) {
    cr_expect(loop_closed(&b->loop));
    nftw(b->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void bench_close(struct bench *b) {
    cr_expect(rig_stop(&b->rig));
    rig_fini(&b->rig);
    bench_end(b);
}

static void copy_file(const char *from, const char *to) {
    char chunk[65536];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t n = 0;
    cr_assert(in >= 0 && out >= 0);
    while ((n = read(in, chunk, sizeof chunk)) > 0)
        cr_assert_eq(write(out, chunk, (size_t)n), n);
    close(in);
    close(out);
}

static void write_at(const char *path, long at, const void *p, size_t n) {
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    cr_assert(fd >= 0 && pwrite(fd, p, n, at) == (ssize_t)n);
    close(fd);
}

Test(store_sqlite, keeps_the_contract_of_the_port) {
    for (const struct store_case *c = store_contract(); c->says; c++) {
        struct bench b;
        bench_open(&b);
        const char *words = c->run(&b.rig);
        cr_expect_null(words, "%s: %s", c->says, words);
        rig_fini(&b.rig);
        bench_end(&b);
    }
}

Test(store_sqlite, finds_everything_when_opened_again) {
    struct bench b;
    bench_open(&b);
    cr_expect_eq(rig_put(&b.rig, "a", "1"), ERR_OK);
    cr_expect(rig_stop(&b.rig));
    rig_fini(&b.rig);
    cr_assert_eq(bench_try(&b), ERR_OK, "%s", b.why);
    cr_expect_str_eq(rig_content(&b.rig, STORE_META), "a=1;");
    bench_close(&b);
}

/* What a kill leaves on the disk is file and log as they are; after the answer all of it is there.
 */
static enum err put_waiting(struct bench *b, const char *key, const char *value) {
    struct store_tx *tx = rig_tx();
    rig_add(tx, STORE_PUT, STORE_OUTBOX, key, value);
    return rig_commit(&b->rig, tx);
}

Test(store_sqlite, counts_what_waits_for_the_database_also_when_opened_again) {
    struct bench b;
    bench_open(&b);
    cr_expect_eq(b.rig.store->stats.outbox_rows, -1, "nothing was asked of it yet");
    cr_assert_eq(put_waiting(&b, "a", "1"), ERR_OK);
    cr_assert_eq(put_waiting(&b, "b", "1"), ERR_OK);
    cr_assert_eq(put_waiting(&b, "a", "2"), ERR_OK);
    cr_expect_eq(b.rig.store->stats.outbox_rows, 2, "a row that is replaced is one row");
    cr_assert_str_eq(rig_content(&b.rig, STORE_OUTBOX), "a=2;b=1;");
    cr_assert(rig_stop(&b.rig));
    rig_fini(&b.rig);
    cr_assert_eq(bench_try(&b), ERR_OK);
    cr_assert_eq(put_waiting(&b, "c", "1"), ERR_OK);
    cr_expect_eq(b.rig.store->stats.outbox_rows, 3);
    bench_close(&b);
}

Test(store_sqlite, what_was_answered_survives_a_kill) {
    struct bench b, after;
    char from[128], to[128];
    bench_open(&b);
    for (int i = 0; i < 50; i++) {
        char value[16];
        snprintf(value, sizeof value, "%d", i);
        cr_assert_eq(rig_put(&b.rig, i % 2 ? "odd" : "even", value), ERR_OK);
    }
    bench_dir(&after);
    copy_file(b.path, after.path);
    snprintf(from, sizeof from, "%s-wal", b.path);
    snprintf(to, sizeof to, "%s-wal", after.path);
    copy_file(from, to);
    cr_assert_eq(bench_try(&after), ERR_OK, "%s", after.why);
    cr_expect_str_eq(rig_content(&after.rig, STORE_META), "even=48;odd=49;");
    bench_close(&after);
    bench_close(&b);
}

/* A torn end of the log is a transaction that was never answered: it is gone whole. */
Test(store_sqlite, a_torn_log_loses_whole_transactions_only) {
    struct bench b, after;
    char from[128], to[128];
    struct stat before, behind;
    bench_open(&b);
    rig_put(&b.rig, "a", "1");
    snprintf(from, sizeof from, "%s-wal", b.path);
    cr_assert_eq(stat(from, &before), 0);
    struct store_tx *tx = rig_tx();
    rig_add(tx, STORE_PUT, STORE_META, "a", "2");
    rig_add(tx, STORE_PUT, STORE_WORD, "w", "2");
    cr_assert_eq(rig_commit(&b.rig, tx), ERR_OK);
    cr_assert_eq(stat(from, &behind), 0);
    bench_dir(&after);
    copy_file(b.path, after.path);
    snprintf(to, sizeof to, "%s-wal", after.path);
    copy_file(from, to);
    cr_assert_lt(before.st_size, behind.st_size);
    cr_assert_eq(truncate(to, behind.st_size - 100), 0);
    cr_assert_eq(bench_try(&after), ERR_OK, "%s", after.why);
    cr_expect_str_eq(rig_content(&after.rig, STORE_META), "a=1;");
    cr_expect_str_eq(rig_content(&after.rig, STORE_WORD), "");
    bench_close(&after);
    bench_close(&b);
}

Test(store_sqlite, refuses_what_is_no_database) {
    struct bench b;
    bench_dir(&b);
    write_at(b.path, 0, "These are words, not pages, and far too few of them to be a file.", 64);
    cr_expect_eq(bench_try(&b), ERR_FORMAT);
    cr_expect_str_eq(b.why, "file is not a database");
    bench_end(&b);
}

static void spoil(struct bench *b, long at, const void *p, size_t n) {
    bench_open(b);
    rig_put(&b->rig, "a", "1");
    cr_expect(rig_stop(&b->rig));
    rig_fini(&b->rig);
    write_at(b->path, at, p, n);
}

/* Offsets 68 (application id) and 60 (user version), big-endian: sqlite.org/fileformat2.html 1.3.
 */
Test(store_sqlite, refuses_the_database_of_another_program) {
    struct bench b;
    spoil(&b, 68, "\0\0\0\1", 4);
    cr_expect_eq(bench_try(&b), ERR_FORMAT);
    cr_expect_str_eq(b.why, "it is a database of another program");
    bench_end(&b);
}

Test(store_sqlite, refuses_a_newer_format) {
    struct bench b;
    spoil(&b, 60, "\0\0\0\6", 4);
    cr_expect_eq(bench_try(&b), ERR_FORMAT);
    cr_expect_str_eq(b.why, "format 6 is newer than this program's 5");
    bench_end(&b);
}

/* A file of format 1 has no table of minutes; opening it makes one and keeps the rest. */
Test(store_sqlite, an_older_file_gets_the_tables_it_lacks) {
    struct bench b;
    sqlite3 *db = NULL;
    bench_dir(&b);
    cr_assert_eq(sqlite3_open(b.path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db,
                              "CREATE TABLE t_meta(k BLOB PRIMARY KEY, v BLOB NOT NULL)"
                              " WITHOUT ROWID; INSERT INTO t_meta VALUES(x'61', x'31');"
                              "PRAGMA application_id=1346523988; PRAGMA user_version=1",
                              NULL, NULL, NULL),
                 SQLITE_OK);
    sqlite3_close(db);
    cr_assert_eq(bench_try(&b), ERR_OK, "%s", b.why);
    cr_expect_str_eq(rig_content(&b.rig, STORE_META), "a=1;");
    struct store_tx *tx = rig_tx();
    rig_add(tx, STORE_PUT, STORE_MINUTE, "m", "2");
    cr_assert_eq(rig_commit(&b.rig, tx), ERR_OK);
    cr_expect_str_eq(rig_content(&b.rig, STORE_MINUTE), "m=2;");
    bench_close(&b);
}

Test(store_sqlite, says_that_a_table_is_damaged) {
    struct bench b;
    char junk[8192];
    memset(junk, 0xa5, sizeof junk);
    spoil(&b, 8192, junk, sizeof junk); /* page 2: the first table, META */
    cr_assert_eq(bench_try(&b), ERR_OK, "%s", b.why);
    cr_expect_str_eq(rig_content(&b.rig, STORE_META), "format");
    cr_expect_str_eq(rig_content(&b.rig, STORE_WORD), "");
    bench_close(&b);
}

Test(store_sqlite, says_why_a_path_cannot_be_opened) {
    struct bench b;
    bench_dir(&b);
    snprintf(b.path, sizeof b.path, "%s/no/store", b.dir);
    cr_expect_eq(bench_try(&b), ERR_IO);
    cr_expect_str_eq(b.why, "its lock file: No such file or directory");
    bench_end(&b);
}

Test(store_sqlite, is_open_only_once) {
    struct bench b, second;
    bench_open(&b);
    second = (struct bench){0};
    cr_assert_eq(uv_loop_init(&second.loop), 0);
    memcpy(second.path, b.path, sizeof second.path);
    cr_expect_eq(bench_try(&second), ERR_BUSY);
    cr_expect_str_eq(second.why, "another process uses it");
    cr_expect(loop_closed(&second.loop));
    bench_close(&b);
}

/* --- a full disk: no file may grow beyond a limit
 * -------------------------------------------------
 */

static void limit_files(rlim_t bytes) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, SIG_IGN); /* a write beyond it then fails with EFBIG */
}

static bool troubled(void *user) {
    return ((struct bench *)user)->rig.store->stats.failures > 2;
}

static void note(void *user, enum err err) {
    struct store_rig *rig = user;
    rig->err = err;
    rig->answers++;
}

/* Commits 300 kB under a limit of 200 kB, and one more behind it. */
static void commit_too_much(struct bench *b) {
    char *value = calloc(1, 300001);
    memset(value, 'x', 300000);
    limit_files(200000);
    struct store_tx *tx = rig_tx(), *small = rig_tx();
    rig_add(tx, STORE_PUT, STORE_META, "big", value);
    rig_add(small, STORE_PUT, STORE_WORD, "small", "");
    cr_assert_eq(b->rig.store->ops->commit(b->rig.store, tx, note, &b->rig), ERR_OK);
    cr_assert_eq(b->rig.store->ops->commit(b->rig.store, small, note, &b->rig), ERR_OK);
    free(value);
    loop_for(&b->loop, 50);
}

static bool two_answers(void *user) {
    return ((struct store_rig *)user)->answers == 2;
}

Test(store_sqlite, a_full_disk_delays_and_loses_nothing) {
    struct bench b;
    bench_open(&b);
    commit_too_much(&b);
    cr_expect_eq(b.rig.answers, 0);
    cr_expect_eq(b.troubles, 1, "said once, not at every try");
    limit_files(RLIM_INFINITY);
    cr_expect(loop_until(&b.loop, two_answers, &b.rig, WAIT_MS));
    cr_expect_eq(b.rig.err, ERR_OK);
    cr_expect(troubled(&b));
    cr_expect_eq(b.troubles, 2);
    cr_expect_str_eq(b.trouble, "commit works again");
    cr_expect_str_eq(rig_content(&b.rig, STORE_WORD), "small=;");
    bench_close(&b);
}

Test(store_sqlite, a_stop_on_a_full_disk_fails_all_that_waits) {
    struct bench b;
    bench_open(&b);
    commit_too_much(&b);
    cr_expect(rig_stop(&b.rig));
    cr_expect_eq(b.rig.answers, 3, "both commits and the stop");
    cr_expect_eq(b.rig.store->stats.commits, 0);
    limit_files(RLIM_INFINITY);
    rig_fini(&b.rig);
    cr_assert_eq(bench_try(&b), ERR_OK, "%s", b.why);
    cr_expect_str_eq(rig_content(&b.rig, STORE_WORD), "", "not without the one before it");
    bench_close(&b);
}

/* --- log and readers
 * ------------------------------------------------------------------------------
 */

/* 100 commits of 400 kB are 40 MB of pages; checkpoints at 2,000 pages (16 MB) start the log again.
 */
Test(store_sqlite, the_log_does_not_grow_without_end) {
    struct bench b;
    char wal[128], *value = calloc(1, 400001);
    struct stat st;
    bench_open(&b);
    for (int i = 0; i < 100; i++) {
        memset(value, 'a' + i % 26, 400000);
        cr_assert_eq(rig_put(&b.rig, "k", value), ERR_OK);
    }
    snprintf(wal, sizeof wal, "%s-wal", b.path);
    cr_assert_eq(stat(wal, &st), 0);
    cr_expect_lt(st.st_size, 18000000);
    free(value);
    bench_close(&b);
}

static void take_text(void *user, enum err err, const struct store_rows *rows) {
    struct buf *out = user;
    cr_expect_eq(err, ERR_OK);
    buf_reset(out);
    for (size_t i = 0; i < rows->n; i++) {
        buf_add(out, rows->at[i].key.p, rows->at[i].key.n);
        buf_add_byte(out, '=');
        buf_add(out, rows->at[i].value.p, rows->at[i].value.n);
        buf_add_byte(out, ';');
    }
    buf_add_byte(out, 0);
}

Test(store_reader, sees_each_commit_once_it_is_answered) {
    struct bench b;
    struct store_reader *r = NULL;
    struct buf text;
    buf_init(&text);
    bench_open(&b);
    cr_assert_eq(store_reader_open(b.path, &r), ERR_OK);
    struct store_range all = {.table = STORE_META};
    for (int i = 0; i < 3; i++) {
        char value[16], want[24];
        snprintf(value, sizeof value, "%d", i);
        snprintf(want, sizeof want, "a=%d;", i);
        cr_assert_eq(rig_put(&b.rig, "a", value), ERR_OK);
        cr_expect_eq(store_reader_load(r, &all, 1, SIZE_MAX, take_text, &text), ERR_OK);
        cr_expect_str_eq((char *)text.p, want);
    }
    store_reader_close(r);
    buf_fini(&text);
    bench_close(&b);
}

/* --- both stores side by side
 * ---------------------------------------------------------------------
 */

static bool until_stepped(void *user, bool (*holds)(void *), void *arg) {
    struct store_rig *rig = user;
    while (!holds(arg))
        if (!store_memory_step(rig->store))
            return false;
    return true;
}

static void random_tx(struct store_tx *tx, uint32_t *x) {
    for (int i = 0; i < 30; i++) {
        char key[16], value[16];
        *x = *x * 1664525 + 1013904223; /* Numerical Recipes' generator */
        snprintf(key, sizeof key, "%02u", (*x >> 8) % 40);
        snprintf(value, sizeof value, "%02u", (*x >> 16) % 40);
        rig_add(tx, (enum store_op)((*x >> 24) % 8 < 5 ? STORE_PUT : (*x >> 24) % 8 - 4),
                (*x >> 30) % 2 ? STORE_OUTBOX : STORE_META, key, value);
    }
}

Test(store_sqlite, equals_the_store_in_memory_under_random_work) {
    struct bench b;
    struct store_rig m = {.until = until_stepped, .user = &m};
    const struct store_memory_conf conf = {0};
    uint32_t x = 7, y = 7;
    bench_open(&b);
    cr_assert_eq(store_memory_open(&conf, &m.store), ERR_OK);
    for (int i = 0; i < 100; i++) {
        struct store_tx *one = rig_tx(), *two = rig_tx();
        random_tx(one, &x);
        random_tx(two, &y);
        cr_assert_eq(rig_commit(&b.rig, one), ERR_OK);
        cr_assert_eq(rig_commit(&m, two), ERR_OK);
        cr_assert_str_eq(rig_content(&b.rig, STORE_META), rig_content(&m, STORE_META));
        cr_assert_str_eq(rig_content(&b.rig, STORE_OUTBOX), rig_content(&m, STORE_OUTBOX));
        cr_assert_eq(b.rig.store->stats.outbox_rows, m.store->stats.outbox_rows);
    }
    rig_fini(&m);
    bench_close(&b);
}
