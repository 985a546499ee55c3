/* Who waits for the last reader of what a reload has replaced, while memory runs out: with a place
 * they are always called, once, also when the archive stops. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "archive/archive.h"
#include "nomem.h"
#include "sqlite/store_sqlite.h"

enum { WAITING = 12 };

struct rig {
    char folder[64], path[96];
    uv_loop_t loop;
    struct store *store;
    struct archive *archive;
    unsigned called;
    bool worked, over;
};

static void on_over(void *user) {
    ((struct rig *)user)->over = true;
}

static void on_called(void *user) {
    ((struct rig *)user)->called++;
}

static enum err work(void *user, const struct history_reader *reader, bool *more) {
    (void)user, (void)reader;
    *more = true; /* it ends with the archive */
    return ERR_OK;
}

static void on_worked(void *user, enum err err) {
    (void)err;
    ((struct rig *)user)->worked = true;
}

static void run_until(struct rig *r, const bool *done) {
    while (!*done && uv_run(&r->loop, UV_RUN_ONCE)) {
    }
}

static void rig_open(struct rig *r) {
    char why[160];
    *r = (struct rig){.folder = "/tmp/pb-nomem-XXXXXX"};
    nomem_need(mkdtemp(r->folder) != NULL, "there is a folder");
    (void)snprintf(r->path, sizeof r->path, "%s/store.db", r->folder);
    const struct store_sqlite_conf conf = {
        .path = r->path, .queue_bytes_max = 1 << 20, .load_bytes_max = 1 << 20, .retry_ms = 10};
    uv_loop_init(&r->loop);
    nomem_need(store_sqlite_open(&conf, &r->loop, &r->store, why) == ERR_OK, "there is a store");
}

static void rig_close(struct rig *r) {
    static const char *const names[] = {"store.db", "store.db-wal", "store.db-shm",
                                        "store.db.lock"};
    r->over = false;
    r->store->ops->stop(r->store, on_over, r);
    run_until(r, &r->over);
    r->store->ops->close(r->store);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&r->loop);
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(r->path, sizeof r->path, "%s/%s", r->folder, names[i]);
        (void)unlink(r->path);
    }
    (void)rmdir(r->folder);
}

void nomem_archive(void) {
    struct rig r;
    struct archive_place *place[WAITING] = {NULL};
    unsigned places = 0, waiting = 0;
    rig_open(&r);
    nomem_arm();
    const bool open = archive_open(r.path, &r.loop, &r.archive) == ERR_OK;
    const bool works = open && archive_run(r.archive, work, on_worked, &r) == ERR_OK;
    for (unsigned i = 0; open && i < WAITING; i++)
        places += (place[i] = archive_place_open()) != NULL;
    for (unsigned i = 0; open && i < WAITING; i++)
        if (place[i] && i % 4 == 3)
            archive_place_close(place[i]);
        else if (place[i]) {
            archive_wait(r.archive, place[i], on_called, &r);
            waiting++;
        }
    if (open) {
        archive_stop(r.archive, on_over, &r);
        run_until(&r, &r.over);
    }
    nomem_disarm();
    archive_close(open ? r.archive : NULL);
    nomem_need(open || nomem_struck(), "it opens but for want of memory");
    nomem_need(!open || places + 1U >= (unsigned)WAITING + !nomem_struck(),
               "there are places but for one");
    nomem_need(r.called == waiting, "all who wait are called, once");
    nomem_need(r.worked == works, "work ends with the archive");
    rig_close(&r);
}
