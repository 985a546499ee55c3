/* A disk that cannot be read for a while. SQLite reads through pread64, which this program answers
 * in the library's place. */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#include "sqlite/store_sqlite.h"
#include "support/loop_wait.h"
#include "support/store_contract.h"

enum { WAIT_MS = 20000, ROWS = 64 };

static atomic_bool broken;

ssize_t pread64(int fd, void *p, size_t n, off64_t at) {
    if (!atomic_load(&broken))
        return syscall(SYS_pread64, fd, p, n, at);
    errno = EIO;
    return -1;
}

struct bench {
    struct store_rig rig;
    uv_loop_t loop;
    char dir[64], path[96], why[160], trouble[160];
    unsigned troubles;
};

static bool until(void *user, bool (*holds)(void *), void *arg) {
    return loop_until(&((struct bench *)user)->loop, holds, arg, WAIT_MS);
}

static void on_trouble(void *user, const char *what) {
    struct bench *b = user;
    b->troubles++;
    snprintf(b->trouble, sizeof b->trouble, "%s", what);
}

static void open_store(struct bench *b) {
    const struct store_sqlite_conf conf = {.path = b->path,
                                           .queue_bytes_max = CONTRACT_QUEUE_BYTES,
                                           .load_bytes_max = 1 << 20,
                                           .retry_ms = 20,
                                           .on_trouble = on_trouble,
                                           .user = b};
    b->rig = (struct store_rig){.until = until, .user = b};
    cr_assert_eq(store_sqlite_open(&conf, &b->loop, &b->rig.store, b->why), ERR_OK, "%s", b->why);
}

/* Rows of 4 KiB in a store that is opened anew, so that nothing of them is in memory. */
static void bench_open(struct bench *b) {
    char *value = calloc(1, 4097), key[8];
    *b = (struct bench){.dir = "/tmp/pb-read-XXXXXX"};
    cr_assert(value && mkdtemp(b->dir) && uv_loop_init(&b->loop) == 0);
    snprintf(b->path, sizeof b->path, "%s/store", b->dir);
    open_store(b);
    memset(value, 'x', 4096);
    struct store_tx *tx = rig_tx();
    for (unsigned i = 0; i < ROWS; i++) {
        snprintf(key, sizeof key, "%02u", i);
        rig_add(tx, STORE_PUT, STORE_LOG, key, value);
    }
    cr_assert_eq(rig_commit(&b->rig, tx), ERR_OK);
    free(value);
    cr_assert(rig_stop(&b->rig));
    rig_fini(&b->rig);
    open_store(b);
}

static void bench_close(struct bench *b) {
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    char path[128];
    cr_expect(rig_stop(&b->rig));
    rig_fini(&b->rig);
    cr_expect(loop_closed(&b->loop));
    for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(path, sizeof path, "%s%s", b->path, ends[i]);
        (void)remove(path);
    }
    cr_expect_eq(rmdir(b->dir), 0);
}

struct load {
    unsigned answers;
    enum err err;
    size_t rows;
};

static void on_load(void *user, enum err err, const struct store_rows *rows) {
    struct load *l = user;
    l->answers++;
    l->err = err;
    l->rows = rows->n;
}

static bool answered(void *user) {
    return ((struct load *)user)->answers == 1;
}

static void load_all(struct bench *b, struct load *l) {
    const struct store_range all = {.table = STORE_LOG};
    atomic_store(&broken, true);
    cr_assert_eq(b->rig.store->ops->load(b->rig.store, &all, 1, on_load, l), ERR_OK);
    loop_for(&b->loop, 50);
}

Test(store_sqlite_reading, a_load_waits_until_the_disk_can_be_read) {
    struct bench b;
    struct load l = {0};
    bench_open(&b);
    load_all(&b, &l);
    cr_expect_eq(l.answers, 0);
    cr_expect_eq(b.troubles, 1, "said once, not at every try");
    atomic_store(&broken, false);
    cr_expect(loop_until(&b.loop, answered, &l, WAIT_MS));
    cr_expect_eq(l.err, ERR_OK);
    cr_expect_eq(l.rows, ROWS);
    cr_expect_eq(b.troubles, 2);
    cr_expect_str_eq(b.trouble, "load works again");
    bench_close(&b);
}

Test(store_sqlite_reading, a_stop_ends_the_wait) {
    struct bench b;
    struct load l = {0};
    bench_open(&b);
    load_all(&b, &l);
    cr_expect(rig_stop(&b.rig));
    cr_expect_eq(l.answers, 1);
    cr_expect_neq(l.err, ERR_OK);
    rig_fini(&b.rig);
    atomic_store(&broken, false);
    open_store(&b);
    bench_close(&b);
}
