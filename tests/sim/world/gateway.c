#include "simworld/gateway.h"

#include <stddef.h>
#include <stdio.h>

#include "plant/plant.h"

struct row { /* one point of a gateway */
    const char *name;
    uint8_t type;
    bool sticky;
    int64_t num;
};

enum {
    PRESS_STATE,
    PRESS_TOTAL,
    PRESS_ENERGY,
    PRESS_ORDER,
    PRESS_PRODUCT,
    PRESS_TEAM,
    PRESS_EXTRA,
    PRESS_N,
    PRESS_AIR = PRESS_N,
    PRESS_REACTIVE
};
enum {
    PACK_STATE,
    PACK_GOOD,
    PACK_SCRAP,
    PACK_ENERGY,
    PACK_POWER,
    PACK_N,
    PACK_CREW = PACK_N,
    PACK_INSPECTED,
    PACK_PASSED,
    PACK_EXPORT,
    PACK_HALL,
    PACK_LEVEL
};

static const struct row press[] = {{"state", POINT_STATE, false, 1},
                                   {"total", POINT_COUNTER, false, 1000000},
                                   {"energy", POINT_REGISTER, false, 1000000},
                                   {"order", POINT_STATE, true, 1},
                                   {"product", POINT_STATE, true, 1},
                                   {"team", POINT_STATE, true, 1},
                                   {"extra", POINT_GAUGE, false, 1},
                                   {"air", POINT_REGISTER, false, 1000},
                                   {"reactive", POINT_REGISTER, false, 1000000}};
static const struct row pack[] = {{"state", POINT_STATE, false, 1},
                                  {"good", POINT_COUNTER, false, 1000000},
                                  {"scrap", POINT_EVENT, false, 1000000},
                                  {"energy", POINT_REGISTER, false, 1000000},
                                  {"power", POINT_POWER, false, 1000000},
                                  {"crew", POINT_STATE, false, 1},
                                  {"inspected", POINT_COUNTER, false, 1000000},
                                  {"passed", POINT_COUNTER, false, 1000000},
                                  {"export", POINT_REGISTER, false, 1000000},
                                  {"hall", POINT_REGISTER, false, 1000},
                                  {"level", POINT_GAUGE, false, 1}};

static const struct row *rows(const struct gateway *g, size_t *n) {
    const bool is_press = g->conf.no == 0;
    if (g->conf.wide)
        *n = is_press ? sizeof press / sizeof *press : sizeof pack / sizeof *pack;
    else
        *n = is_press ? PRESS_N : PACK_N;
    return is_press ? press : pack;
}

static int64_t wall(const struct gateway *g) {
    return g->mono_ms + g->wall_offset_ms;
}

/* --- the machine ------------------------------------------------------------------------------ */

static void put(struct gateway *g, unsigned i, int64_t value, int64_t mono_ms) {
    struct machine *m = &g->machine;
    if (m->value[i] == value)
        return;
    m->value[i] = value;
    m->changed[i] = true;
    m->changed_mono_ms[i] = mono_ms;
}

static void machine_state(struct gateway *g, int64_t mono_ms) {
    static const uint8_t states[] = {MACHINE_RUN,  MACHINE_RUN,     MACHINE_RUN,   MACHINE_HELD,
                                     MACHINE_IDLE, MACHINE_BLOCKED, MACHINE_SETUP, MACHINE_FAILED};
    put(g, PRESS_STATE, states[rng_below(g->rng, sizeof states)], mono_ms);
}

static void press_context(struct gateway *g, int64_t mono_ms) {
    unsigned what = PRESS_ORDER + (unsigned)rng_below(g->rng, 3);
    put(g, what, rng_between(g->rng, what == PRESS_ORDER ? 0 : 1, 3), mono_ms);
}

static void rise(struct gateway *g, unsigned i, int64_t most, int64_t mono_ms) {
    put(g, i, g->machine.value[i] + rng_between(g->rng, 1, most), mono_ms);
}

/* What the narrow plant has not. */
static void wide_step(struct gateway *g, int64_t mono_ms) {
    const int64_t dt = mono_ms - g->mono_ms;
    if (g->conf.no == 0) {
        if (rng_ppm(g->rng, 100000)) /* now and then what the plant does not believe */
            put(g, PRESS_EXTRA, rng_between(g->rng, -50, 160), mono_ms);
        if (rng_ppm(g->rng, 100000))
            rise(g, PRESS_AIR, 1 + dt / 20, mono_ms);
        if (rng_ppm(g->rng, 100000))
            rise(g, PRESS_REACTIVE, 1 + dt / 200, mono_ms);
        return;
    }
    if (rng_ppm(g->rng, 10000))
        put(g, PACK_CREW, rng_between(g->rng, 0, 4), mono_ms);
    if (rng_ppm(g->rng, 100000)) {
        put(g, PACK_INSPECTED, g->machine.value[PACK_INSPECTED] + 1, mono_ms);
        if (rng_ppm(g->rng, 800000))
            put(g, PACK_PASSED, g->machine.value[PACK_PASSED] + 1, mono_ms);
    }
    if (rng_ppm(g->rng, 30000))
        rise(g, PACK_EXPORT, 1 + dt / 500, mono_ms);
    if (rng_ppm(g->rng, 100000))
        rise(g, PACK_HALL, 1 + dt / 10, mono_ms);
    if (rng_ppm(g->rng, 300000))
        put(g, PACK_LEVEL, rng_between(g->rng, -9, 9), mono_ms);
}

static void machine_step(struct gateway *g, int64_t mono_ms) {
    struct machine *m = &g->machine;
    const int64_t dt = mono_ms - g->mono_ms;
    const unsigned energy = g->conf.no == 0 ? PRESS_ENERGY : PACK_ENERGY;
    const bool runs = m->value[PRESS_STATE] == MACHINE_RUN;
    if (rng_ppm(g->rng, 30000))
        machine_state(g, mono_ms);
    if (runs && rng_ppm(g->rng, 400000))
        put(g, PRESS_TOTAL, m->value[PRESS_TOTAL] + rng_between(g->rng, 1, 1 + dt / 4000), mono_ms);
    if (g->conf.resets && rng_ppm(g->rng, 2000))
        put(g, PRESS_TOTAL, rng_between(g->rng, 0, 3), mono_ms);
    if (rng_ppm(g->rng, 300000))
        put(g, energy, m->value[energy] + rng_between(g->rng, 1, 1 + dt / 50), mono_ms);
    if (g->conf.no == 0 && rng_ppm(g->rng, 10000))
        press_context(g, mono_ms);
    if (g->conf.no == 1 && rng_ppm(g->rng, 30000))
        m->events++;
    if (g->conf.no == 1 && rng_ppm(g->rng, 200000))
        put(g, PACK_POWER, runs ? rng_between(g->rng, 3000, 9000) : 400, mono_ms);
    if (g->conf.wide)
        wide_step(g, mono_ms);
}

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
        witness_remove(g->conf.store, &g->id, &g->disk, file, &g->tape, &g->given_up);
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
    g->machine.value[PRESS_STATE] = MACHINE_RUN;
    g->machine.value[PRESS_TOTAL] = 1000;
    g->machine.value[g->conf.no == 0 ? PRESS_ENERGY : PACK_ENERGY] = 50000;
    if (conf->no == 0)
        for (unsigned i = PRESS_ORDER; i <= PRESS_TEAM; i++)
            g->machine.value[i] = 1;
    return journal_cursor_open(&g->cursor);
}

static void drop_process(struct gateway *g) {
    publisher_close(g->publisher);
    journal_close(g->journal);
    g->publisher = NULL;
    g->journal = NULL;
    g->bus_up = g->blocked = g->accepted = g->sealed = g->stepped = g->started = false;
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

static enum err add_points(struct gateway *g) {
    size_t n = 0;
    const struct row *row = rows(g, &n);
    enum err err = ERR_OK;
    for (size_t i = 0; i < n && !err; i++) {
        struct point p = {.type = row[i].type,
                          .sampling = row[i].type == POINT_GAUGE && g->conf.no == 1 ? POINT_SAMPLED
                                                                                    : POINT_HELD,
                          .sticky = row[i].sticky,
                          .num = row[i].num,
                          .den = 1};
        snprintf(p.name, sizeof p.name, "%s", row[i].name);
        err = journal_add_point(g->journal, &p, &g->point[i]);
    }
    return err;
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
    g->mono_ms = mono_ms;
    const struct journal_events events = {on_accepted, on_fault, on_dropped, g};
    uint64_t epoch = rng_id(g->rng);
    if (g->conf.mutant == MUTANT_FIXED_EPOCH)
        epoch = g->conf.no + 1;
    enum err err = journal_open(&c, &g->disk.disk, &events, epoch, mono_ms, wall(g), &g->journal);
    if (err)
        return err;
    publisher_conf_init(&pc);
    pc.agent = g->id;
    pc.nonce = g->nonce = rng_id(g->rng);
    const struct publisher_ops ops = {send_data, send_hello, draw, on_note, g};
    err = publisher_open(&pc, g->journal, &ops, &g->publisher);
    if (!err)
        err = add_points(g);
    batch_writer_reset(&g->writer, wall(g));
    g->since_ms = wall(g);
    g->batched_mono_ms = mono_ms;
    if (g->untold_ms) { /* the clock was stepped while nobody looked */
        g->clock = (struct batch_clock){wall(g) - g->untold_ms, wall(g)};
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

enum err gateway_image(struct gateway *g) {
    if (!g->journal || !journal_idle(g->journal) || g->tape.n == 0)
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
            g->clock.from_ms = wall(g);
        g->clock.to_ms = wall(g) + by_ms;
        g->stepped = true;
    }
    g->untold_ms += by_ms;
    g->wall_offset_ms += by_ms;
}

/* --- reading ---------------------------------------------------------------------------------- */

static void add_reading(struct gateway *g, unsigned i, const struct row *row) {
    static const char *const words[] = {"", "bolt", "nut", "o-3"};
    int64_t v = g->machine.value[i];
    int64_t ago = g->mono_ms - g->machine.changed_mono_ms[i];
    bool fresh = g->machine.changed[i] && wall(g) - ago >= g->since_ms;
    struct reading r = {.point = g->point[i], .t_ms = fresh ? wall(g) - ago : wall(g)};
    if (row->type == POINT_GAUGE) {
        r.v = (struct value){.kind = VALUE_REAL, .as.r = (double)v};
    } else if (row->sticky) {
        r.v = (struct value){.kind = VALUE_TEXT,
                             .as.text = {words[v & 3], (uint32_t)strlen(words[v & 3])}};
    } else {
        r.v = (struct value){.kind = VALUE_INT, .as.i = v};
    }
    batch_writer_add(&g->writer, &r);
    g->machine.changed[i] = false;
}

static void read_machine(struct gateway *g) {
    size_t n = 0;
    const struct row *row = rows(g, &n);
    for (unsigned i = 0; i < n; i++) {
        if (row[i].type == POINT_EVENT) {
            for (; g->machine.events > 0; g->machine.events--)
                batch_writer_add(&g->writer, &(struct reading){.point = g->point[i],
                                                               .t_ms = wall(g),
                                                               .v = {.kind = VALUE_AMOUNT,
                                                                     .as.span = {1, 0, 0}}});
        } else if (!g->started || g->machine.changed[i]) {
            add_reading(g, i, &row[i]);
        }
    }
    g->started = true;
}

static enum err append_clock(struct gateway *g) {
    struct batch_writer w;
    batch_writer_init(&w);
    batch_writer_reset(&w, g->clock.to_ms);
    const struct journal_entry e = {.batch = &w, .clock = &g->clock};
    enum err err = journal_append(g->journal, &e, g->mono_ms, wall(g));
    batch_writer_fini(&w);
    if (!err) {
        g->stepped = false;
        g->since_ms = wall(g);
        g->started = false; /* the run is broken: all values are told anew */
    }
    return err;
}

static enum err append_batch(struct gateway *g) {
    const struct journal_entry e = {.batch = &g->writer};
    enum err err = journal_append(g->journal, &e, g->mono_ms, wall(g));
    if (err == ERR_RANGE)
        return ERR_RANGE;
    g->sealed = err != ERR_OK;
    if (err)
        return ERR_OK;
    g->ledger.waiting += g->writer.reading_n;
    batch_writer_reset(&g->writer, wall(g));
    return ERR_OK;
}

/* A batch that the journal turned away is offered again before anything new is read. */
static enum err feed(struct gateway *g, bool reading) {
    if (g->sealed) {
        enum err err = append_batch(g);
        if (err || g->sealed)
            return err;
    }
    if (g->stepped && append_clock(g))
        return ERR_OK;
    if (!(reading || g->last_word) || g->mono_ms - g->batched_mono_ms < g->conf.batch_ms)
        return ERR_OK;
    g->last_word = false;
    g->batched_mono_ms = g->mono_ms;
    batch_writer_reset(&g->writer, wall(g));
    read_machine(g);
    batch_writer_add_asof(&g->writer, (struct asof){0, g->since_ms, wall(g)});
    return append_batch(g);
}

enum err gateway_step(struct gateway *g, int64_t mono_ms, bool reading) {
    if (reading)
        machine_step(g, mono_ms);
    g->mono_ms = mono_ms;
    if (!g->journal)
        return ERR_OK;
    enum err err = feed(g, reading);
    journal_tick(g->journal, mono_ms, wall(g));
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

void gateway_last_word(struct gateway *g) {
    const unsigned energy = g->conf.no == 0 ? PRESS_ENERGY : PACK_ENERGY;
    put(g, PRESS_TOTAL, g->machine.value[PRESS_TOTAL] + 1, g->mono_ms);
    put(g, energy, g->machine.value[energy] + 1, g->mono_ms);
    g->last_word = true;
}

bool gateway_drained(const struct gateway *g) {
    return g->journal && !g->last_word && !g->sealed && !g->stepped && journal_idle(g->journal) &&
           publisher_drained(g->publisher);
}
