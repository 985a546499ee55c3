#include "outbox_rig.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

static bool until(void *user, bool (*holds)(void *), void *arg) {
    struct outbox_rig *r = user;
    while (!holds(arg))
        if (!store_memory_step(r->rig.store))
            return false;
    return true;
}

static struct span word(void *user, uint32_t id) {
    static const char *const text[] = {"", "bolt M8", "red"};
    (void)user;
    return id < 3 ? span_str(text[id]) : span_of(NULL, 0);
}

static void on_note(void *user, bool warn, const char *event, const char *detail) {
    struct outbox_rig *r = user;
    r->notes++;
    r->warnings += warn;
    snprintf(r->note, sizeof r->note, "%s %s", event, detail);
}

static void start(struct outbox_rig *r) {
    const struct outbox_conf conf = {.retry_min_ms = RETRY_MIN_MS,
                                     .retry_max_ms = RETRY_MAX_MS,
                                     .retry_after_max_ms = RETRY_AFTER_MAX_MS,
                                     .rows_max = r->rows_max ? r->rows_max : ROWS_MAX,
                                     .request_rows = r->request_rows,
                                     .node = r->node,
                                     .word = word,
                                     .word_user = r,
                                     .on_note = on_note,
                                     .note_user = r};
    cr_assert_eq(outbox_open(&conf, r->plant, r->rig.store, r->sink, &r->outbox), ERR_OK);
}

void outbox_rig_open(struct outbox_rig *r, const struct sink_memory_conf *sink) {
    const struct store_memory_conf conf = {0};
    *r = (struct outbox_rig){.rig = {.until = until, .user = r}};
    cr_assert_eq(line_plant_open(&r->plant), ERR_OK);
    cr_assert_eq(store_memory_open(&conf, &r->rig.store), ERR_OK);
    cr_assert_eq(sink_memory_open(sink, &r->sink), ERR_OK);
    start(r);
}

void outbox_rig_restart(struct outbox_rig *r, bool applied) {
    store_memory_crash(r->rig.store, applied);
    sink_memory_forget(r->sink, applied);
    outbox_close(r->outbox);
    start(r);
}

void outbox_rig_close(struct outbox_rig *r) {
    outbox_close(r->outbox);
    sink_memory_close(r->sink);
    rig_fini(&r->rig);
    plant_close(r->plant);
}

static void put_window(struct outbox_rig *r, const struct window *w) {
    uint8_t key[WINDOW_KEY_BYTES];
    struct buf value;
    struct store_tx *tx = rig_tx();
    buf_init(&value);
    window_key_pack(&w->key, key);
    cr_assert_eq(window_pack(w, &value), ERR_OK);
    cr_assert_eq(
        store_tx_add(tx, STORE_PUT, STORE_OUTBOX, span_of(key, sizeof key), buf_span(&value)),
        ERR_OK);
    cr_assert_eq(rig_commit(&r->rig, tx), ERR_OK);
    buf_fini(&value);
    outbox_wake(r->outbox);
}

static struct window hour_of(uint32_t node, int hour) {
    struct window w = {
        .key = {.node = node, .kind = WINDOW_HOUR, .start_ms = SIM_DAY0 + (int64_t)hour * 3600000},
        .life = WINDOW_SETTLED};
    w.end_ms = w.key.start_ms + 3600000;
    w.sums.q[QTY_TIME + CAT_PRODUCTION] = 1800000;
    w.sums.q[QTY_TIME + CAT_DELAY] = 1800000;
    return w;
}

void outbox_rig_put(struct outbox_rig *r, uint32_t node, int hour, int64_t good,
                    uint32_t revision) {
    struct window w = hour_of(node, hour);
    w.revision = revision;
    w.told.value = UINT64_MAX;
    if (good >= 0) {
        w.sums.q[QTY_PQ] = 100 * 1000000;
        w.sums.q[QTY_GQ] = good * 1000000;
    }
    put_window(r, &w);
}

void outbox_rig_put_context(struct outbox_rig *r, uint32_t node, uint32_t product, uint32_t team) {
    struct window w = hour_of(node, 6);
    w.key.kind = WINDOW_SHIFT;
    w.key.product = product;
    w.key.team = team;
    put_window(r, &w);
}

void outbox_rig_settle(struct outbox_rig *r) {
    while (store_memory_step(r->rig.store) || sink_memory_step(r->sink)) {
    }
}

void outbox_rig_tick(struct outbox_rig *r, int64_t ms) {
    r->now_ms += ms;
    outbox_on_tick(r->outbox, r->now_ms, SIM_DAY0 + r->now_ms, 0);
    outbox_rig_settle(r);
}

bool outbox_rig_drain(struct outbox_rig *r, unsigned ticks) {
    for (unsigned i = 0; i < ticks; i++) {
        outbox_rig_tick(r, 1000);
        if (store_memory_rows(r->rig.store, STORE_OUTBOX) == 0)
            return true;
    }
    return false;
}

const struct line_read *outbox_rig_point(const struct outbox_rig *r, const char *unit, int hour) {
    for (size_t i = 0; i < sink_memory_points(r->sink); i++) {
        const struct line_read *p = sink_memory_point(r->sink, i);
        const char *u = line_read_tag(p, "unit");
        if (u && strcmp(u, unit) == 0 && p->t == SIM_DAY0 + (int64_t)hour * 3600000)
            return p;
    }
    return NULL;
}
