#include "daemon/giveback.h"

#include <malloc.h>

static void give(uv_work_t *work) {
    (void)work;
    (void)malloc_trim(0);
}

static void on_given(uv_work_t *work, int status) {
    struct giveback *g = work->data;
    (void)status; /* nobody cancels it */
    g->busy = false;
    g->times++;
    if (uv_resident_set_memory(&g->least_bytes))
        g->least_bytes = 0;
}

void giveback_turn(struct giveback *g, uv_loop_t *loop, int64_t mono_ms) {
    size_t resident = 0;
    if (g->busy || (g->looked_mono_ms && mono_ms - g->looked_mono_ms < GIVEBACK_EVERY_MS))
        return;
    g->looked_mono_ms = mono_ms;
    if (uv_resident_set_memory(&resident))
        return;
    if (!g->least_bytes || resident < g->least_bytes)
        g->least_bytes = resident;
    if (resident - g->least_bytes < GIVEBACK_GROWN_BYTES)
        return;
    g->work.data = g;
    g->busy = uv_queue_work(loop, &g->work, give, on_given) == 0;
}
