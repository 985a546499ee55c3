/* What a rotten journal still sends, an aggregator applies as it was said, and nothing else: a byte
 * of the disk is changed, the agent starts on it, and all that it holds goes to a real core. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "journal/journal.h"
#include "simkit/line_plant.h"
#include "simkit/station.h"
#include "support/disk_memory.h"
#include "wire/seal.h"
#include "wire/session_msg.h"
#include "wire/topic.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define PIECE INT64_C(1000000)

enum { E1 = 101, E2 = 102, READINGS = 8, STEP_MS = 10000, FIRST = 100 };

struct agent {
    struct disk_memory disk;
    struct journal *j;
    struct journal_cursor *cursor;
    uint16_t state, total;
};

static void agent_start(struct agent *a, uint64_t epoch, int64_t now_ms) {
    struct journal_conf conf;
    struct point state = {.type = POINT_STATE, .sampling = POINT_HELD, .num = 1, .den = 1};
    struct point total = {.type = POINT_COUNTER, .sampling = POINT_HELD, .num = PIECE, .den = 1};
    snprintf(state.name, sizeof state.name, "state");
    snprintf(total.name, sizeof total.name, "total");
    journal_conf_init(&conf);
    conf.segment_bytes = 600;
    cr_assert(ident_set(&conf.agent, span_str("gw1")));
    cr_assert_eq(journal_open(&conf, &a->disk.disk, NULL, epoch, 1000, now_ms, &a->j), ERR_OK);
    cr_assert_eq(journal_add_point(a->j, &state, &a->state), ERR_OK);
    cr_assert_eq(journal_add_point(a->j, &total, &a->total), ERR_OK);
    for (int i = 0; i < 2; i++) {
        disk_memory_settle(&a->disk);
        journal_tick(a->j, 1001 + i, now_ms);
        journal_flush(a->j);
    }
    disk_memory_settle(&a->disk);
}

static void agent_kill(struct agent *a) {
    journal_close(a->j);
    a->j = NULL;
    disk_memory_kill(&a->disk);
}

/* The k-th reading: FIRST + k pieces, k times ten seconds after T0. */
static void agent_say(struct agent *a, struct batch_writer *w, int64_t k) {
    int64_t t_ms = T0 + k * STEP_MS;
    struct reading state = {.point = a->state, .t_ms = t_ms, .v = {.kind = VALUE_INT}};
    struct reading total = {.point = a->total, .t_ms = t_ms, .v = {.kind = VALUE_INT}};
    struct journal_entry e = {.batch = w};
    state.v.as.i = MACHINE_RUN;
    total.v.as.i = FIRST + k;
    batch_writer_reset(w, t_ms);
    batch_writer_add_asof(w, (struct asof){0, T0, t_ms});
    cr_assert_eq(batch_writer_add(w, &state), ERR_OK);
    cr_assert_eq(batch_writer_add(w, &total), ERR_OK);
    enum err err = journal_append(a->j, &e, 2000 + k, t_ms);
    if (err == ERR_BUSY) {
        disk_memory_settle(&a->disk);
        err = journal_append(a->j, &e, 2000 + k, t_ms);
    }
    cr_assert_eq(err, ERR_OK);
    journal_flush(a->j);
    disk_memory_settle(&a->disk);
}

/* --- the way to the core -----------------------------------------------------------------------
 */

struct heard { /* of the pieces, as the frames say */
    int64_t first, last;
    unsigned readings, lost;
};

static void hello(struct agent *a, struct station *s) {
    size_t n = 0;
    const struct journal_epoch *e = journal_epochs(a->j, &n);
    struct hello h = {.nonce = 7, .n = 1};
    char topic[TOPIC_MAX];
    struct buf b;
    cr_assert(ident_set(&h.agent, span_str("gw1")));
    for (size_t i = 0; i < n; i++)
        h.epoch[h.epoch_n++] = (struct hello_epoch){.epoch = e[i].epoch,
                                                    .prev_epoch = e[i].prev_epoch,
                                                    .prev_last = e[i].prev_last,
                                                    .base = e[i].base,
                                                    .next = e[i].last + 1,
                                                    .open = e[i].open};
    topic_format(TOPIC_HELLO, &h.agent, topic);
    buf_init(&b);
    cr_assert_eq(hello_format(&h, &b), ERR_OK);
    cr_assert_eq(station_message(s, topic, buf_span(&b)), ERR_OK);
    buf_fini(&b);
}

static void listen(struct agent *a, struct span frame, struct heard *h) {
    struct batch b;
    struct reading r;
    enum batch_fault fault;
    cr_assert_eq(batch_parse(frame, &b, &fault), ERR_OK);
    h->lost += b.head.kind == BATCH_DROPPED;
    while (batch_next_reading(&b, &r)) { /* a key frame tells the newest ones again */
        if (r.point != a->total)
            continue;
        cr_assert_eq(r.v.as.i - FIRST, (r.t_ms - T0) / STEP_MS, "a reading that nobody wrote");
        h->first = h->first ? h->first : r.v.as.i;
        h->last = r.v.as.i;
        h->readings += b.head.kind == BATCH_DATA;
    }
}

static void send_epoch(struct agent *a, struct station *s, const struct journal_epoch *e,
                       struct heard *h) {
    char topic[TOPIC_MAX];
    struct ident id;
    struct buf sealed;
    struct journal_record r;
    cr_assert(ident_set(&id, span_str("gw1")));
    topic_format(TOPIC_DATA, &id, topic);
    for (uint64_t seq = e->base; seq <= e->last; seq = r.to + 1) {
        cr_assert_eq(journal_read(a->j, a->cursor, e->epoch, seq, &r), ERR_OK);
        listen(a, r.frame, h);
        buf_init(&sealed);
        cr_assert_eq(seal_format(span_str(topic), r.frame, &sealed), ERR_OK);
        cr_assert_eq(station_message(s, topic, buf_span(&sealed)), ERR_OK);
        buf_fini(&sealed);
    }
}

/* All that the agent holds, to a core that knows nothing of it. */
static void expect_applied(struct agent *a, const struct plant *plant, struct heard *h) {
    const int64_t now_ms = T0 + READINGS * STEP_MS;
    const struct window_key key = {.node = SIM_FIRST_UNIT, .kind = WINDOW_HOUR, .start_ms = T0};
    struct journal_epoch epoch[4];
    struct window hour = {0};
    struct station s;
    size_t n = 0;
    *h = (struct heard){0};
    const struct journal_epoch *e = journal_epochs(a->j, &n);
    cr_assert_leq(n, 2);
    memcpy(epoch, e, n * sizeof *e);
    cr_assert_eq(station_init(&s, plant), ERR_OK);
    cr_assert_eq(station_start(&s, (struct core_now){now_ms, 1000}, 5), ERR_OK);
    cr_assert_eq(station_tick(&s, (struct core_now){now_ms, 2000}), ERR_OK);
    hello(a, &s);
    for (size_t i = 0; i < n; i++)
        send_epoch(a, &s, &epoch[i], h);
    cr_assert_eq(station_settle(&s), ERR_OK);
    int64_t counted = 0;
    if (station_window(&s, &key, &hour))
        counted = hour.sums.q[QTY_PQ] + hour.sums.q[QTY_PQ_UNKNOWN];
    cr_expect_eq(counted, (h->last - h->first) * PIECE, "%lld of %lld..%lld", (long long)counted,
                 (long long)h->first, (long long)h->last);
    station_fini(&s);
}

Test(applied, every_byte_flipped_in_a_journal_leaves_what_is_counted_true) {
    struct agent a = {.j = NULL};
    struct disk_memory sound;
    struct batch_writer w;
    struct plant *plant = NULL;
    struct heard h;
    unsigned tries = 0, told = 0, most = 0;
    disk_memory_init(&a.disk);
    batch_writer_init(&w);
    cr_assert_eq(journal_cursor_open(&a.cursor), ERR_OK);
    cr_assert_eq(line_plant_open(&plant), ERR_OK);
    agent_start(&a, E1, T0);
    for (int64_t k = 0; k < READINGS; k++)
        agent_say(&a, &w, k);
    expect_applied(&a, plant, &h);
    cr_assert_eq(h.readings, READINGS);
    agent_kill(&a);
    cr_assert_eq(disk_memory_copy(&a.disk, &sound), ERR_OK);
    for (size_t f = 0; f < sound.file_n; f++)
        for (size_t at = 0; at < sound.files[f].n; at++) {
            a.disk.files[f].p[at] ^= (uint8_t)(1U << at % 8);
            agent_start(&a, E2, T0 + READINGS * STEP_MS);
            expect_applied(&a, plant, &h);
            tries++;
            told += h.lost > 0;
            most = h.readings > most ? h.readings : most;
            agent_kill(&a);
            disk_memory_fini(&a.disk);
            cr_assert_eq(disk_memory_copy(&sound, &a.disk), ERR_OK);
        }
    /* Of the newest segment's end nobody can tell whether it was ever written. */
    cr_expect_gt(told, tries / 2);
    cr_expect_eq(most, READINGS - 1); /* a record has one reading */
    disk_memory_fini(&sound);
    disk_memory_fini(&a.disk);
    journal_cursor_close(a.cursor);
    batch_writer_fini(&w);
    plant_close(plant);
}
