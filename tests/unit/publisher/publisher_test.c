#include "publisher/publisher.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/disk_memory.h"

enum { E1 = 101, NONCE = 555, STORE = 9, SENT_MAX = 4096 };

/* A journal over a memory disk, the publisher, and a bus that only remembers. */
struct rig {
    struct disk_memory disk;
    struct journal *j;
    struct publisher *p;
    struct batch_writer w;
    uint16_t point;
    int64_t mono_ms;
    uint64_t epoch, random;
    struct {
        uint64_t epoch, seq;
        uint8_t kind;
        size_t bytes;
    } sent[SENT_MAX];
    size_t sent_n;
    struct hello hello; /* newest */
    unsigned hellos;
    unsigned note[PUBLISHER_NOTE_COUNT];
    enum err refuse; /* what the bus answers */
    uint64_t ack_n, generation;
};

static enum err send_data(void *user, struct span frame) {
    struct rig *r = user;
    struct batch_head h;
    if (r->refuse)
        return r->refuse;
    cr_assert_eq(batch_parse_head(frame, &h), ERR_OK);
    cr_assert_lt(r->sent_n, SENT_MAX);
    r->sent[r->sent_n].epoch = h.epoch;
    r->sent[r->sent_n].seq = h.seq;
    r->sent[r->sent_n].kind = h.kind;
    r->sent[r->sent_n++].bytes = frame.n;
    return ERR_OK;
}

static enum err send_hello(void *user, struct span bytes) {
    struct rig *r = user;
    r->hellos++;
    return hello_parse(bytes, &r->hello);
}

static uint64_t draw(void *user) {
    return ((struct rig *)user)->random++;
}

static void on_note(void *user, enum publisher_note note, uint64_t epoch, uint64_t seq) {
    (void)epoch;
    (void)seq;
    ((struct rig *)user)->note[note]++;
}

static void boot(struct rig *r, uint64_t epoch) {
    struct journal_conf jc;
    struct publisher_conf pc;
    journal_conf_init(&jc);
    publisher_conf_init(&pc);
    cr_assert(ident_set(&jc.agent, span_str("gw-1")));
    pc.agent = jc.agent;
    pc.nonce = NONCE;
    r->epoch = epoch;
    r->ack_n = 0;
    cr_assert_eq(journal_open(&jc, &r->disk.disk, NULL, epoch, r->mono_ms, 1000000, &r->j), ERR_OK);
    struct point p = {.type = POINT_COUNTER, .num = 1, .den = 1};
    (void)snprintf(p.name, sizeof p.name, "c");
    cr_assert_eq(journal_add_point(r->j, &p, &r->point), ERR_OK);
    const struct publisher_ops ops = {send_data, send_hello, draw, on_note, r};
    cr_assert_eq(publisher_open(&pc, r->j, &ops, &r->p), ERR_OK);
    disk_memory_settle(&r->disk);
    journal_tick(r->j, r->mono_ms, 1000000); /* writes the key frame: seq 1 */
    disk_memory_settle(&r->disk);
}

static struct rig *rig_new(void) {
    struct rig *r = calloc(1, sizeof *r);
    cr_assert_not_null(r);
    r->mono_ms = 1000;
    r->random = 201;
    r->generation = 5;
    disk_memory_init(&r->disk);
    batch_writer_init(&r->w);
    boot(r, E1);
    return r;
}

static void halt(struct rig *r) {
    publisher_close(r->p);
    journal_close(r->j);
    disk_memory_kill(&r->disk);
}

static void rig_free(struct rig *r) {
    publisher_check(r->p);
    halt(r);
    batch_writer_fini(&r->w);
    disk_memory_fini(&r->disk);
    free(r);
}

/* n batches, one reading each, accepted. */
static void accept(struct rig *r, unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        batch_writer_reset(&r->w, 1000000);
        struct reading rd = {.point = r->point, .t_ms = 1000000};
        rd.v.kind = VALUE_INT;
        cr_assert_eq(batch_writer_add(&r->w, &rd), ERR_OK);
        struct journal_entry e = {.batch = &r->w};
        if (journal_append(r->j, &e, r->mono_ms, 1000000) == ERR_BUSY) {
            disk_memory_settle(&r->disk);
            cr_assert_eq(journal_append(r->j, &e, r->mono_ms, 1000000), ERR_OK);
        }
    }
    journal_flush(r->j);
    disk_memory_settle(&r->disk);
    publisher_on_accepted(r->p, r->mono_ms);
    publisher_check(r->p);
}

static void wait(struct rig *r, int64_t ms) {
    r->mono_ms += ms;
    journal_tick(r->j, r->mono_ms, 1000000);
    disk_memory_settle(&r->disk);
    publisher_on_accepted(r->p, r->mono_ms);
    publisher_on_tick(r->p, r->mono_ms);
    publisher_check(r->p);
}

static struct ack ack_of(struct rig *r, uint64_t credit) {
    return (struct ack){.nonce = NONCE,
                        .store = STORE,
                        .generation = r->generation,
                        .n = ++r->ack_n,
                        .credit_bytes = credit};
}

static void ack(struct rig *r, uint64_t credit, uint64_t epoch, uint64_t durable, uint64_t want) {
    struct ack a = ack_of(r, credit);
    a.epoch_n = 1;
    a.epoch[0] = (struct ack_epoch){epoch, durable, want};
    publisher_on_ack(r->p, &a, r->mono_ms);
    publisher_check(r->p);
}

static uint64_t last_sent(const struct rig *r) {
    return r->sent_n ? r->sent[r->sent_n - 1].seq : 0;
}

Test(publisher, nothing_is_sent_before_the_first_ack_of_a_connection) {
    struct rig *r = rig_new();
    accept(r, 3);
    publisher_on_up(r->p, r->mono_ms);
    cr_assert_eq(r->hellos, 1);
    cr_assert_eq(r->hello.epoch_n, 1);
    cr_assert_eq(r->hello.epoch[0].base, 1);
    cr_assert_eq(r->hello.epoch[0].next, 5); /* key frame, 3 batches */
    accept(r, 1);
    cr_assert_eq(r->sent_n, 0);
    ack(r, 100000, E1, 0, 1);
    cr_assert_eq(r->sent_n, 5);
    cr_assert_eq(r->sent[0].kind, BATCH_KEY);
    publisher_on_down(r->p, r->mono_ms);
    publisher_on_up(r->p, r->mono_ms);
    accept(r, 1);
    cr_assert_eq(r->sent_n, 5);
    ack(r, 100000, E1, 2, 4); /* 4 .. 6 were lost with the connection */
    cr_assert_eq(r->sent_n, 8);
    cr_assert_eq(r->sent[5].seq, 4);
    rig_free(r);
}

/* The first one may come before the aggregator has subscribed: nobody hears it. */
Test(publisher, hello_is_repeated_until_answered_and_then_every_30_s) {
    static const int64_t after_ms[] = {500, 1000, 2000, 5000, 5000};
    enum { N = sizeof after_ms / sizeof *after_ms };
    struct rig *r = rig_new();
    publisher_on_up(r->p, r->mono_ms);
    for (unsigned i = 0; i < N; i++) {
        wait(r, after_ms[i] - 1);
        cr_assert_eq(r->hellos, 1 + i);
        wait(r, 1);
        cr_assert_eq(r->hellos, 2 + i);
    }
    cr_assert_eq(r->hello.n, N + 1);
    ack(r, 1000, E1, 1, 2);
    wait(r, 29999);
    cr_assert_eq(r->hellos, N + 1);
    wait(r, 1);
    cr_assert_eq(r->hellos, N + 2);
    publisher_on_down(r->p, r->mono_ms);
    publisher_on_up(r->p, r->mono_ms); /* another connection: soon again */
    cr_assert_eq(r->hellos, N + 3);
    wait(r, 500);
    cr_assert_eq(r->hellos, N + 4);
    cr_assert_eq(r->hello.store, STORE);
    cr_assert_eq(r->hello.generation, 5);
    rig_free(r);
}

Test(publisher, a_large_backlog_is_told_every_2_s_while_it_shrinks) {
    struct rig *r = rig_new();
    accept(r, 12000); /* over 32 bytes each */
    publisher_on_up(r->p, r->mono_ms);
    uint64_t first = r->hello.backlog_bytes;
    cr_assert_gt(first, 256 << 10);
    ack(r, 1, E1, 0, 1);
    wait(r, 1999);
    cr_expect_eq(r->hellos, 1);
    wait(r, 1);
    cr_expect_eq(r->hellos, 2);
    ack(r, 1, E1, 1000, 1001);
    wait(r, 2000);
    cr_expect_eq(r->hellos, 3);
    cr_expect_lt(r->hello.backlog_bytes, first);
    ack(r, 1, E1, 12001, 12002); /* the key frame and all batches */
    wait(r, 2000);
    cr_expect_eq(r->hellos, 4, "and once more when it is gone");
    cr_expect_eq(r->hello.backlog_bytes, 0);
    wait(r, 29999);
    cr_expect_eq(r->hellos, 4);
    wait(r, 1);
    cr_expect_eq(r->hellos, 5);
    rig_free(r);
}

Test(publisher, credit_bounds_what_is_sent_and_not_durable) {
    struct rig *r = rig_new();
    accept(r, 20);
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 0, E1, 0, 1);
    cr_assert_eq(r->sent_n, 0);
    cr_assert_eq(r->note[PUBLISHER_NOTE_CREDIT_0], 1);
    ack(r, 300, E1, 0, 1);
    size_t first = r->sent_n;
    cr_assert(first > 1 && first < 21);
    cr_assert_leq(publisher_stats(r->p)->in_flight_bytes, 300);
    wait(r, 100);
    cr_assert_eq(r->sent_n, first);
    ack(r, 300, E1, first, first + 1); /* all durable: the window opens again */
    cr_assert_gt(r->sent_n, first);
    rig_free(r);
}

Test(publisher, one_record_goes_out_however_small_the_credit) {
    struct rig *r = rig_new();
    accept(r, 3);
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 1, E1, 0, 1);
    cr_assert_eq(r->sent_n, 1);
    ack(r, 1, E1, 1, 2);
    cr_assert_eq(r->sent_n, 2);
    rig_free(r);
}

Test(publisher, goes_back_to_durable_after_no_progress) {
    struct rig *r = rig_new();
    accept(r, 4);
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 100000, E1, 2, 3);
    cr_assert_eq(r->sent_n, 3);
    unsigned hellos = r->hellos;
    wait(r, 1500);
    cr_assert_eq(r->hellos, hellos);
    wait(r, 1);
    cr_assert_eq(r->hellos, hellos + 1); /* asks an aggregator that may have begun anew */
    wait(r, 3499);
    cr_assert_eq(r->hellos, hellos + 1); /* once */
    cr_assert_eq(r->sent_n, 3);
    wait(r, 1);
    cr_assert_eq(r->sent_n, 6);
    cr_assert_eq(r->sent[3].seq, 3);
    cr_assert_eq(r->hellos, hellos + 2);
    cr_assert_eq(publisher_stats(r->p)->resent, 3);
    rig_free(r);
}

/* Five records, two durable after 200 ms and three after 300; then one that is sent twice and so
 * says nothing of the way. Borders: .. 100, 250, 500 ms, 1 s .. */
Test(publisher, each_record_that_was_sent_once_tells_its_wait_for_the_ack) {
    struct rig *r = rig_new();
    accept(r, 4);
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 100000, E1, 0, 1);
    r->mono_ms += 200;
    ack(r, 100000, E1, 2, 3);
    r->mono_ms += 100;
    ack(r, 100000, E1, 5, 6);
    const struct metric_histogram *h = &publisher_stats(r->p)->ack_waits;
    cr_expect_eq(h->count[5], 2);
    cr_expect_eq(h->count[6], 3);
    cr_expect_eq(h->sum_us, 1300000);
    accept(r, 1);
    wait(r, 1501);
    wait(r, 3500);
    cr_expect_eq(publisher_stats(r->p)->resent, 1);
    ack(r, 100000, E1, 6, 7);
    cr_expect_eq(h->sum_us, 1300000);
    rig_free(r);
}

Test(publisher, want_below_the_cursor_rewinds_only_what_was_sent_long_ago) {
    struct rig *r = rig_new();
    accept(r, 9);
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 100000, E1, 0, 1);
    cr_assert_eq(r->sent_n, 10);
    r->mono_ms += 500;
    ack(r, 100000, E1, 0, 4); /* 4 may still be under way */
    cr_assert_eq(r->sent_n, 10);
    r->mono_ms += 501;
    ack(r, 100000, E1, 0, 4);
    cr_assert_eq(r->sent_n, 17); /* 4 .. 10 again */
    cr_assert_eq(r->sent[10].seq, 4);
    cr_assert_eq(r->note[PUBLISHER_NOTE_REWIND], 1);
    rig_free(r);
}

Test(publisher, stale_and_foreign_acks_change_nothing) {
    struct rig *r = rig_new();
    accept(r, 4);
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 100000, E1, 3, 4);
    struct ack old = ack_of(r, 100000);
    old.n = 1;
    old.epoch_n = 1;
    old.epoch[0] = (struct ack_epoch){E1, 0, 1};
    publisher_on_ack(r->p, &old, r->mono_ms);
    cr_assert_eq(journal_find_epoch(r->j, E1)->durable, 3);
    old.n = 99;
    old.generation--;
    publisher_on_ack(r->p, &old, r->mono_ms);
    cr_assert_eq(journal_find_epoch(r->j, E1)->durable, 3);
    cr_assert_eq(publisher_stats(r->p)->acks_stale, 2);
    old.nonce = 1;
    old.generation = 99;
    publisher_on_ack(r->p, &old, r->mono_ms);
    cr_assert_eq(publisher_stats(r->p)->acks_foreign, 1);
    cr_assert_eq(journal_find_epoch(r->j, E1)->durable, 3);
    rig_free(r);
}

Test(publisher, a_restored_store_gets_everything_again_at_once) {
    struct rig *r = rig_new();
    accept(r, 9);
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 100000, E1, 0, 1);
    ack(r, 100000, E1, 10, 11);
    cr_assert(publisher_drained(r->p));
    r->generation = 6;
    r->ack_n = 0;
    ack(r, 100000, E1, 4, 5); /* back to its backup */
    cr_assert_eq(journal_find_epoch(r->j, E1)->durable, 4);
    cr_assert_eq(r->sent_n, 16);
    cr_assert_eq(r->sent[10].seq, 5);
    struct ack other = ack_of(r, 100000); /* an empty store with a lower generation */
    other.store = 77;
    other.generation = 1;
    other.n = 1;
    other.epoch_n = 1;
    other.epoch[0] = (struct ack_epoch){E1, 0, 1};
    publisher_on_ack(r->p, &other, r->mono_ms);
    cr_assert_eq(r->sent_n, 26);
    cr_assert_eq(r->sent[16].seq, 1);
    rig_free(r);
}

Test(publisher, want_above_the_cursor_skips_what_the_aggregator_has) {
    struct rig *r = rig_new();
    accept(r, 9);
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 100000, E1, 6, 8);
    cr_assert_eq(r->sent_n, 3); /* 8 9 10 */
    cr_assert_eq(r->sent[0].seq, 8);
    rig_free(r);
}

Test(publisher, want_zero_holds_an_epoch) {
    struct rig *r = rig_new();
    accept(r, 3);
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 100000, E1, 0, 0);
    wait(r, 1000);
    cr_assert_eq(r->sent_n, 0);
    ack(r, 100000, E1, 0, 1);
    cr_assert_eq(r->sent_n, 4);
    rig_free(r);
}

/* All is acked and nothing wanted: the aggregator has given this epoch up. */
Test(publisher, leaves_an_open_epoch_that_the_aggregator_has_closed) {
    struct rig *r = rig_new();
    accept(r, 3);
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 100000, E1, 3, 0); /* a lane is not free yet: something is not durable */
    cr_assert_eq(r->note[PUBLISHER_NOTE_NEW_EPOCH], 0);
    ack(r, 100000, E1, 4, 0);
    cr_assert_eq(r->note[PUBLISHER_NOTE_NEW_EPOCH], 1);
    ack(r, 100000, E1, 4, 0);
    cr_assert_eq(r->note[PUBLISHER_NOTE_NEW_EPOCH], 1);
    wait(r, 1);
    cr_assert_neq(journal_open_epoch(r->j), E1);
    rig_free(r);
}

Test(publisher, a_full_bus_is_left_alone_until_it_is_writable) {
    struct rig *r = rig_new();
    accept(r, 3);
    r->refuse = ERR_FULL;
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 100000, E1, 0, 1);
    cr_assert_eq(r->sent_n, 0);
    r->refuse = ERR_OK;
    wait(r, 10);
    cr_assert_eq(r->sent_n, 0);
    publisher_on_writable(r->p, r->mono_ms);
    cr_assert_eq(r->sent_n, 4);
    rig_free(r);
}

/* Ten seconds without acknowledgement, then the connection comes back. */
static void fall_behind(struct rig *r) {
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 100000, E1, 1, 2);
    publisher_on_down(r->p, r->mono_ms);
    accept(r, 40);
    wait(r, 10001);
    publisher_on_up(r->p, r->mono_ms);
    r->sent_n = 0;
    ack(r, 1000, E1, 1, 2);
}

Test(publisher, live_data_goes_to_a_new_epoch_after_a_long_absence) {
    struct rig *r = rig_new();
    fall_behind(r);
    cr_assert_eq(r->note[PUBLISHER_NOTE_NEW_EPOCH], 1);
    wait(r, 1);
    cr_assert_eq(journal_open_epoch(r->j), 201);
    cr_assert_eq(r->hello.epoch_n, 2); /* said at once */
    cr_assert_eq(r->hello.epoch[1].prev_epoch, E1);
    cr_assert_eq(r->hello.epoch[1].prev_last, 41);
    cr_assert(r->hello.epoch[1].open);
    cr_assert_not(r->hello.epoch[0].open);
    rig_free(r);
}

Test(publisher, a_short_absence_opens_no_epoch) {
    struct rig *r = rig_new();
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 100000, E1, 1, 2);
    publisher_on_down(r->p, r->mono_ms);
    accept(r, 4);
    wait(r, 9000);
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 100000, E1, 1, 2);
    cr_assert_eq(r->note[PUBLISHER_NOTE_NEW_EPOCH], 0);
    cr_assert_eq(last_sent(r), 5);
    rig_free(r);
}

/* Live and drain both have more than the credit: bytes in flight by lane. */
Test(publisher, live_goes_first_and_the_drain_keeps_a_quarter) {
    struct rig *r = rig_new();
    fall_behind(r);
    wait(r, 1);
    accept(r, 60);
    struct ack a = ack_of(r, 1000);
    a.epoch_n = 2;
    a.epoch[0] = (struct ack_epoch){E1, 41, 42}; /* what was drained meanwhile is durable */
    a.epoch[0].durable = 1;
    a.epoch[0].want = 2;
    a.epoch[1] = (struct ack_epoch){201, 0, 1};
    publisher_on_down(r->p, r->mono_ms);
    publisher_on_up(r->p, r->mono_ms);
    r->sent_n = 0;
    publisher_on_ack(r->p, &a, r->mono_ms);
    size_t live = 0, drain = 0;
    for (size_t i = 0; i < r->sent_n; i++)
        *(r->sent[i].epoch == E1 ? &drain : &live) += r->sent[i].bytes;
    cr_assert_leq(live, 750);
    cr_assert_gt(live, 600);
    cr_assert_leq(drain, 1000 - live); /* the drain may use what live leaves, at least a quarter */
    cr_assert_gt(drain, 150);
    cr_assert_eq(r->sent[0].epoch, 201);
    rig_free(r);
}

Test(publisher, a_restart_drains_older_epochs_in_prev_order) {
    struct rig *r = rig_new();
    accept(r, 3); /* E1: 1 .. 4 */
    halt(r);
    boot(r, 102);
    accept(r, 2); /* 102: 1 .. 3 */
    halt(r);
    boot(r, 103);
    publisher_on_up(r->p, r->mono_ms);
    cr_assert_eq(r->hello.epoch_n, 3);
    cr_assert_eq(r->hello.epoch[1].prev_epoch, E1);
    cr_assert_eq(r->hello.epoch[1].prev_last, 4);
    struct ack a = ack_of(r, 100000);
    a.epoch_n = 3;
    a.epoch[0] = (struct ack_epoch){E1, 2, 3};
    a.epoch[1] = (struct ack_epoch){102, 0, 1};
    a.epoch[2] = (struct ack_epoch){103, 0, 1};
    r->sent_n = 0;
    publisher_on_ack(r->p, &a, r->mono_ms);
    static const struct {
        uint64_t epoch, seq;
    } expect[] = {{103, 1}, {E1, 3}, {E1, 4}, {102, 1}, {102, 2}, {102, 3}};
    cr_assert_eq(r->sent_n, 6);
    for (size_t i = 0; i < 6; i++) {
        cr_assert_eq(r->sent[i].epoch, expect[i].epoch);
        cr_assert_eq(r->sent[i].seq, expect[i].seq);
    }
    cr_assert_not(publisher_drained(r->p));
    rig_free(r);
}

/* The aggregator has no lane for the oldest one until the next has gone on: who waits for the
 * oldest waits for ever. */
Test(publisher, the_drain_passes_over_an_epoch_of_which_nothing_is_wanted) {
    struct rig *r = rig_new();
    accept(r, 3); /* E1: 1 .. 4 */
    halt(r);
    boot(r, 102);
    accept(r, 2); /* 102: 1 .. 3 */
    halt(r);
    boot(r, 103);
    publisher_on_up(r->p, r->mono_ms);
    struct ack a = ack_of(r, 100000);
    a.epoch_n = 3;
    a.epoch[0] = (struct ack_epoch){E1, 2, 0};
    a.epoch[1] = (struct ack_epoch){102, 1, 2};
    a.epoch[2] = (struct ack_epoch){103, 1, 2};
    r->sent_n = 0;
    publisher_on_ack(r->p, &a, r->mono_ms);
    cr_assert_eq(r->sent_n, 2);
    cr_expect_eq(r->sent[0].epoch, 102);
    cr_expect_eq(r->sent[0].seq, 2);
    cr_expect_eq(r->sent[1].seq, 3);
    wait(r, 100);
    cr_expect_eq(r->sent_n, 2);
    a.n = ++r->ack_n;
    a.epoch[0] = (struct ack_epoch){E1, 2, 3};
    a.epoch[1] = (struct ack_epoch){102, 3, 0};
    publisher_on_ack(r->p, &a, r->mono_ms);
    cr_assert_eq(r->sent_n, 4);
    cr_expect_eq(r->sent[2].epoch, E1);
    cr_expect_eq(r->sent[2].seq, 3);
    cr_expect_eq(r->sent[3].seq, 4);
    rig_free(r);
}

/* The last record of the newest segment rots after it was sent: nothing on the disk proves it, the
 * ack does. */
Test(publisher, records_lost_after_they_were_sent_are_told_once) {
    struct rig *r = rig_new();
    accept(r, 2); /* E1: 1 .. 3 */
    accept(r, 1); /* 4 */
    halt(r);
    struct disk_memory_file *f = &r->disk.files[r->disk.file_n - 1];
    f->p[f->n - 1] ^= 1;
    boot(r, 102);
    publisher_on_up(r->p, r->mono_ms);
    for (int i = 0; i < 3; i++) {
        struct ack a = ack_of(r, 100000);
        a.epoch_n = 2;
        a.epoch[0] = (struct ack_epoch){E1, 4, 5};
        a.epoch[1] = (struct ack_epoch){102, 0, 1};
        publisher_on_ack(r->p, &a, r->mono_ms);
    }
    cr_expect_eq(r->note[PUBLISHER_NOTE_AHEAD], 1, "%u", r->note[PUBLISHER_NOTE_AHEAD]);
    cr_expect_eq(publisher_stats(r->p)->lost_here, 1);
    rig_free(r);
}

Test(publisher, lost_acks_cost_a_resend_and_nothing_else) {
    struct rig *r = rig_new();
    accept(r, 3);
    publisher_on_up(r->p, r->mono_ms);
    ack(r, 100000, E1, 0, 1);
    r->ack_n += 10; /* ten acks on the way were lost */
    wait(r, 5001);
    cr_assert_eq(r->sent_n, 8);
    ack(r, 100000, E1, 4, 5);
    cr_assert(publisher_drained(r->p));
    cr_assert_eq(publisher_stats(r->p)->in_flight_bytes, 0);
    accept(r, 1);
    cr_assert_eq(last_sent(r), 5);
    rig_free(r);
}
