/* Files that editors replace, write to and write beside. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/watch.h"
#include "support/loop_wait.h"

enum { WAIT_MS = 10000, QUIET_MS = 900 };

struct world {
    uv_loop_t loop;
    struct watch watch;
    char folder[32], file[64], beside[64];
    unsigned changes;
    bool closed;
};

static void on_change(void *user) {
    ((struct world *)user)->changes++;
}

static void on_closed(void *user) {
    ((struct world *)user)->closed = true;
}

static void put(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    cr_assert_geq(fputs(text, f), 0);
    cr_assert_eq(fclose(f), 0);
}

static void world_open(struct world *w) {
    const char *file[1], *why = NULL;
    *w = (struct world){0};
    memcpy(w->folder, "/tmp/pb-watch-XXXXXX", 21);
    cr_assert_not_null(mkdtemp(w->folder));
    snprintf(w->file, sizeof w->file, "%s/plant.yaml", w->folder);
    snprintf(w->beside, sizeof w->beside, "%s/.plant.yaml.swp", w->folder);
    put(w->file, "a");
    cr_assert_eq(uv_loop_init(&w->loop), 0);
    watch_open(&w->watch, &w->loop, on_change, w);
    file[0] = w->file;
    watch_set_files(&w->watch, file, 1, &why);
    cr_assert_null(why);
}

static bool changed(void *user) {
    return ((struct world *)user)->changes > 0;
}

static bool is_closed(void *user) {
    return ((struct world *)user)->closed;
}

static void world_close(struct world *w) {
    char command[64];
    watch_close(&w->watch, on_closed);
    cr_expect(loop_until(&w->loop, is_closed, w, WAIT_MS));
    cr_expect(loop_closed(&w->loop));
    snprintf(command, sizeof command, "rm -r %s", w->folder);
    cr_expect_eq(system(command), 0);
}

Test(watch, several_writes_are_one_change) {
    struct world w;
    world_open(&w);
    for (unsigned i = 0; i < 5; i++)
        put(w.file, i % 2 ? "b" : "c");
    cr_expect(loop_until(&w.loop, changed, &w, WAIT_MS));
    loop_for(&w.loop, QUIET_MS);
    cr_expect_eq(w.changes, 1);
    world_close(&w);
}

Test(watch, a_file_that_is_replaced_has_changed_and_is_watched_on) {
    struct world w;
    world_open(&w);
    for (unsigned i = 1; i <= 2; i++) {
        w.changes = 0;
        put(w.beside, "whole");
        cr_assert_eq(rename(w.beside, w.file), 0);
        cr_expect(loop_until(&w.loop, changed, &w, WAIT_MS), "time %u", i);
    }
    world_close(&w);
}

Test(watch, other_files_of_the_folder_say_nothing) {
    struct world w;
    world_open(&w);
    put(w.beside, "x");
    loop_for(&w.loop, QUIET_MS);
    cr_expect_eq(w.changes, 0);
    world_close(&w);
}

Test(watch, a_folder_that_is_not_there_is_named) {
    struct world w;
    const char *file[2], *why = NULL;
    world_open(&w);
    file[0] = "/nowhere/at/all/plant.yaml";
    file[1] = w.file;
    watch_set_files(&w.watch, file, 2, &why);
    cr_assert_not_null(why);
    cr_expect_str_eq(why, "/nowhere/at/all");
    put(w.file, "b");
    cr_expect(loop_until(&w.loop, changed, &w, WAIT_MS), "the others are watched");
    world_close(&w);
}
