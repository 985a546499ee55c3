#include "daemon/giveback.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 4000, PIECES = 20000 }; /* 76 MiB */

static struct giveback g;
static uv_loop_t loop;
static void *piece[PIECES];

static void setup(void) {
    g = (struct giveback){0};
    cr_assert_eq(uv_loop_init(&loop), 0);
}

static void teardown(void) {
    cr_assert_eq(uv_loop_close(&loop), 0);
}

TestSuite(giveback, .init = setup, .fini = teardown);

static void look(int64_t mono_ms) {
    giveback_turn(&g, &loop, mono_ms);
    uv_run(&loop, UV_RUN_DEFAULT);
}

static size_t resident(void) {
    size_t bytes = 0;
    cr_assert_eq(uv_resident_set_memory(&bytes), 0);
    return bytes;
}

static void take(void) {
    for (unsigned i = 0; i < PIECES; i++) {
        piece[i] = malloc(PIECE);
        cr_assert_not_null(piece[i]);
        memset(piece[i], 1, PIECE);
    }
}

/* All but what lies on top, so that nothing goes back by itself. */
static void give_up(void) {
    for (unsigned i = 0; i + 1 < PIECES; i++)
        free(piece[i]);
}

Test(giveback, what_much_at_once_took_goes_back) {
    look(1000);
    take();
    give_up();
    const size_t before = resident();
    look(60999);
    cr_expect_eq(g.times, 0u, "not before a minute is over");
    look(61000);
    cr_expect_eq(g.times, 1u);
#ifndef __SANITIZE_ADDRESS__ /* its allocator has no such call */
    cr_expect_lt(resident(), before - (60u << 20));
#else
    (void)before;
#endif
    look(121000);
    cr_expect_eq(g.times, 1u, "once for each growth");
    free(piece[PIECES - 1]);
}

Test(giveback, a_process_that_does_not_grow_is_left_alone) {
    take();
    for (int64_t t = 1000; t < 600000; t += GIVEBACK_EVERY_MS)
        look(t);
    cr_expect_eq(g.times, 0u);
    give_up();
    free(piece[PIECES - 1]);
}
