#include "simworld/gateway.h"

#include <stddef.h>
#include <stdio.h>

#include "simworld/reader.h"

static enum trip_say trip(const struct gateway *g, enum trip_kind kind) {
    return trip_at(g->conf.trip, g->conf.no, kind);
}

/* --- what the publisher and the journal say ----------------------------------------------------
 */

/* What a dead process would have sent is not sent, and it does not live to know. */
static enum err send(struct gateway *g, enum topic_kind kind, struct span bytes) {
    char topic[TOPIC_MAX];
    if (trip(g, kind == TOPIC_DATA ? TRIP_DATA : TRIP_HELLO) == TRIP_NOTHING)
        return ERR_OK;
    topic_format(kind, &g->id, topic);
    return net_send(g->net, topic, bytes, g->mono_ms);
}

/* The variant that takes the broker's word: what was sent counts as durable, and no later ack takes
 * that back. */
static void trust_puback(struct gateway *g, struct span frame) {
    struct batch_head head;
    if (!batch_parse_head(frame, &head))
        journal_set_durable(g->journal, head.epoch, head.seq);
}

static enum err send_data(void *user, struct span frame) {
    struct gateway *g = user;
    if (rng_ppm(g->rng, g->sends_fail)) {
        g->blocked = true;
        return ERR_FULL;
    }
    if (g->conf.mutant == MUTANT_TRUST_PUBACK)
        trust_puback(g, frame);
    return send(g, TOPIC_DATA, frame);
}

static enum err send_hello(void *user, struct span bytes) {
    return send(user, TOPIC_HELLO, bytes);
}

static uint64_t draw(void *user) {
    return rng_id(((struct gateway *)user)->rng);
}

static void on_note(void *user, enum publisher_note note, uint64_t epoch, uint64_t seq) {
    (void)user;
    (void)note;
    (void)epoch;
    (void)seq;
}

static void on_accepted(void *user) {
    ((struct gateway *)user)->accepted = true;
}

static void on_fault(void *user, enum journal_fault fault, enum err why) {
    (void)user;
    (void)fault;
    (void)why;
}

static void on_dropped(void *user, uint64_t epoch, const struct batch_dropped *gap) {
    struct witness_given_up *g = &((struct gateway *)user)->given_up;
    size_t i = g->n < sizeof g->at / sizeof *g->at ? g->n++ : g->n - 1;
    g->at[i].epoch = epoch;
    g->at[i].from = gap->from;
    g->at[i].to = gap->to;
}

/* --- the disk ----------------------------------------------------------------------------------
 */

static struct gateway *gateway_of(struct disk *d) {
    return (struct gateway *)(void *)((char *)d - offsetof(struct gateway, disk.disk));
}

static enum err watched_write(struct disk *d, uint32_t file, uint64_t offset, struct span bytes) {
    struct gateway *g = gateway_of(d);
    enum trip_say say = trip(g, TRIP_WRITE);
    if (say == TRIP_DIES_TORN)
        bytes.n /= 2;
    return say == TRIP_NOTHING ? ERR_IO : g->disk_real->write(d, file, offset, bytes);
}

static enum err watched_sync(struct disk *d, uint32_t file) {
    struct gateway *g = gateway_of(d);
    return trip(g, TRIP_SYNC) == TRIP_NOTHING ? ERR_IO : g->disk_real->sync(d, file);
}

static enum err watched_remove(struct disk *d, uint32_t file) {
    struct gateway *g = gateway_of(d);
    const char *wrong =
        witness_remove(g->conf.store, &g->id, &g->disk, file, &g->tape, &g->given_up, &g->acked);
    g->wrong = g->wrong ? g->wrong : wrong;
    return trip(g, TRIP_REMOVE) == TRIP_NOTHING ? ERR_IO : g->disk_real->remove(d, file);
}

static void watch_disk(struct gateway *g) {
    g->disk_real = g->disk.disk.ops;
    g->disk_ops = *g->disk_real;
    g->disk_ops.write = watched_write;
    g->disk_ops.sync = watched_sync;
    g->disk_ops.remove = watched_remove;
    g->disk.disk.ops = &g->disk_ops;
}

/* Ends the sync under way; the journal of a process that dies of it is never told. */
static void end_sync(struct gateway *g) {
    enum trip_say say = g->disk.syncing ? trip(g, TRIP_SYNCED) : TRIP_GOES_ON;
    if (say == TRIP_NOTHING)
        return;
    if (say == TRIP_DIES_AFTER)
        g->disk.disk.on_sync = NULL;
    struct disk_memory_file *f = disk_memory_find(&g->disk, g->disk.sync_file);
    struct disk_memory_file was = f ? *f : (struct disk_memory_file){0};
    disk_memory_step(&g->disk);
    f = disk_memory_find(&g->disk, was.id);
    if (f && g->conf.mutant == MUTANT_NO_SYNC) {
        f->named = was.named;
        f->synced = was.synced;
    }
}

/* --- life ------------------------------------------------------------------------------------- */

enum err gateway_init(struct gateway *g, const struct gateway_conf *conf, struct rng *rng,
                      struct net *net, int64_t wall_offset_ms) {
    *g = (struct gateway){.conf = *conf, .rng = rng, .net = net, .wall_offset_ms = wall_offset_ms};
    snprintf(g->id.s, sizeof g->id.s, "gw%u", conf->no + 1);
    disk_memory_init(&g->disk);
    watch_disk(g);
    tape_init(&g->tape);
    batch_writer_init(&g->writer);
    reader_init(g);
    return journal_cursor_open(&g->cursor);
}

static void drop_process(struct gateway *g) {
    publisher_close(g->publisher);
    journal_close(g->journal);
    g->publisher = NULL;
    g->journal = NULL;
    g->bus_up = g->blocked = g->accepted = g->sealed = g->stepped = false;
    g->started[0] = g->started[1] = false;
}

void gateway_fini(struct gateway *g) {
    if (g->journal)
        drop_process(g);
    journal_cursor_close(g->cursor);
    batch_writer_fini(&g->writer);
    tape_fini(&g->tape);
    disk_memory_fini(&g->disk);
    if (g->image.taken)
        disk_memory_fini(&g->image.disk);
}

enum err gateway_start(struct gateway *g, int64_t mono_ms) {
    struct journal_conf c;
    struct publisher_conf pc;
    journal_conf_init(&c);
    c.agent = g->id;
    c.segment_bytes = g->conf.segment_bytes;
    c.retain_ms = g->conf.retain_ms;
    if (g->conf.quota_bytes)
        c.quota_bytes = g->conf.quota_bytes;
    if (g->conf.key_part_bytes)
        c.key_part_bytes = g->conf.key_part_bytes;
    g->mono_ms = mono_ms;
    const struct journal_events events = {on_accepted, on_fault, on_dropped, g};
    uint64_t epoch = rng_id(g->rng);
    if (g->conf.mutant == MUTANT_FIXED_EPOCH)
        epoch = g->conf.no + 1;
    enum err err =
        journal_open(&c, &g->disk.disk, &events, epoch, mono_ms, gateway_wall_ms(g), &g->journal);
    if (err)
        return err;
    publisher_conf_init(&pc);
    pc.agent = g->id;
    pc.nonce = g->nonce = rng_id(g->rng);
    const struct publisher_ops ops = {send_data, send_hello, draw, on_note, g};
    err = publisher_open(&pc, g->journal, &ops, &g->publisher);
    if (!err)
        err = reader_add_points(g);
    batch_writer_reset(&g->writer, gateway_wall_ms(g));
    g->since_ms = gateway_wall_ms(g);
    g->batched_mono_ms = mono_ms;
    if (g->untold_ms) { /* the clock was stepped while nobody looked */
        g->clock = (struct batch_clock){gateway_wall_ms(g) - g->untold_ms, gateway_wall_ms(g)};
        journal_clock_steps(g->journal, g->clock.from_ms);
        g->stepped = g->told_late = true;
    }
    return err;
}

void gateway_kill(struct gateway *g, bool power) {
    drop_process(g);
    g->ledger.unsure += g->ledger.waiting;
    g->ledger.waiting = 0;
    if (power)
        disk_memory_crash(&g->disk, rng_next(g->rng));
    else
        disk_memory_kill(&g->disk);
}

/* Not while what a start found is not synced yet, and so is not listed: the image might lose a
 * segment that this disk then keeps, and go on from the one before it, whose tail was refused and
 * has other records under the same numbers. */
enum err gateway_image(struct gateway *g) {
    size_t listed = 0;
    if (g->journal)
        journal_epochs(g->journal, &listed);
    if (listed == 0 || !journal_idle(g->journal) || g->tape.n == 0)
        return ERR_OK; /* an empty disk is a new beginning: no step leads there */
    if (g->image.taken)
        disk_memory_fini(&g->image.disk);
    enum err err = disk_memory_copy(&g->disk, &g->image.disk);
    g->image.taken = !err;
    g->image.mark_n = tape_marks(&g->tape, g->image.mark);
    return err;
}

enum err gateway_roll_back(struct gateway *g) {
    if (!g->image.taken)
        return ERR_OK;
    if (g->journal)
        gateway_kill(g, true);
    disk_memory_fini(&g->disk);
    enum err err = disk_memory_copy(&g->image.disk, &g->disk);
    watch_disk(g);
    disk_memory_crash(&g->disk, rng_next(g->rng));
    if (g->ledger.accepted > g->tape.readings) { /* the disk refused the tape, too: forgotten */
        g->ledger.unsure += g->ledger.accepted - g->tape.readings;
        g->ledger.accepted = g->tape.readings;
    }
    tape_forget(&g->tape, g->image.mark, g->image.mark_n);
    g->rolled_back = true;
    return err;
}

void gateway_up(struct gateway *g, int64_t mono_ms) {
    if (!g->journal || g->bus_up)
        return;
    g->bus_up = true;
    publisher_on_up(g->publisher, mono_ms);
}

void gateway_down(struct gateway *g, int64_t mono_ms) {
    if (!g->journal || !g->bus_up)
        return;
    g->bus_up = g->blocked = false;
    publisher_on_down(g->publisher, mono_ms);
}

void gateway_on_ack(struct gateway *g, struct span bytes, int64_t mono_ms) {
    struct ack ack;
    if (!g->journal || !g->bus_up || ack_parse(bytes, &ack))
        return;
    witness_take_ack(&g->acked, &ack);
    for (uint32_t i = 0; i < ack.epoch_n && g->conf.mutant == MUTANT_TRUST_PUBACK; i++) {
        const struct journal_epoch *e = journal_find_epoch(g->journal, ack.epoch[i].epoch);
        if (e && e->durable > ack.epoch[i].durable)
            ack.epoch[i].durable = e->durable;
    }
    publisher_on_ack(g->publisher, &ack, mono_ms);
}

void gateway_clock_step(struct gateway *g, int64_t by_ms) {
    if (g->journal) {
        if (!g->stepped)
            g->clock.from_ms = gateway_wall_ms(g);
        journal_clock_steps(g->journal, gateway_wall_ms(g));
        g->clock.to_ms = gateway_wall_ms(g) + by_ms;
        g->stepped = true;
    }
    g->untold_ms += by_ms;
    g->wall_offset_ms += by_ms;
}

enum err gateway_step(struct gateway *g, int64_t mono_ms, bool reading) {
    if (reading)
        reader_machine_step(g, mono_ms);
    g->mono_ms = mono_ms;
    if (!g->journal)
        return ERR_OK;
    enum err err = reader_feed(g, reading);
    journal_tick(g->journal, mono_ms, gateway_wall_ms(g));
    if (!reading || rng_ppm(g->rng, 700000))
        end_sync(g);
    if (trip_dead(g->conf.trip, g->conf.no))
        return ERR_OK; /* and is not asked any more */
    if (!g->stepped && !g->sealed && journal_idle(g->journal))
        g->untold_ms = 0;
    if (journal_idle(g->journal)) {
        g->ledger.accepted += g->ledger.waiting;
        g->ledger.waiting = 0;
    }
    if (!err)
        err = tape_follow(&g->tape, g->journal, g->cursor);
    if (g->accepted) {
        g->accepted = false;
        publisher_on_accepted(g->publisher, mono_ms);
    }
    if (g->blocked && g->bus_up) {
        g->blocked = false;
        publisher_on_writable(g->publisher, mono_ms);
    }
    publisher_on_tick(g->publisher, mono_ms);
    return err;
}

bool gateway_drained(const struct gateway *g) {
    return g->journal && !g->last_word && !g->sealed && !g->stepped && journal_idle(g->journal) &&
           publisher_drained(g->publisher);
}
