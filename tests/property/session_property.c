/* Random agents and networks against the session: whatever is lost, doubled, reordered, killed or
 * restored, every accepted record is applied exactly once and in order, or is booked as a gap that
 * the agent knows of; lanes are used as agreed, and the register that the records carry sums up to
 * last value - first value. The agent is that of tests/model, in small.
 * usage: session_property [seeds [first seed]] */
#include <stdio.h>
#include <stdlib.h>

#include "session_world.h"

/* --- the owner of the lanes --------------------------------------------------------------------
 */

static unsigned number_of(const struct world *w, uint64_t epoch) {
    for (unsigned i = 0; i < w->epoch_n; i++)
        if (w->epoch_id[i] == epoch)
            return i;
    check(w, false, "plans speak of epochs that exist");
    return 0;
}

static void book(struct world *w, const struct session_plan *p) {
    unsigned no = number_of(w, p->epoch);
    for (uint64_t i = p->gap_from; p->gap_from && i <= p->gap_to && i < SEQS; i++) {
        check(w, !w->owner.gap[no][i] && !w->owner.applied[no][i], "a gap is booked once");
        w->owner.gap[no][i] = 1;
        w->gap_records++;
    }
}

static void begin_lane(struct world *w, const struct session_plan *p) {
    struct owner *o = &w->owner;
    check(w, p->lane < SESSION_LANES, "a record has a lane");
    struct slot *l = &o->lane[p->lane];
    if (p->lane_from != SESSION_NO_LANE) {
        check(w, p->lane_from == p->lane && l->used && !o->aside_used, "one slab aside at a time");
        o->aside_used = true;
        o->aside_has = l->has;
        o->aside_raw = l->raw;
        l->has = false;
        l->inherits = true;
        l->epoch = p->epoch;
    } else if (p->lane_new) {
        check(w, !l->used, "a new lane is a free one");
        *l = (struct slot){.used = true, .epoch = p->epoch};
    }
    check(w, l->used && l->epoch == p->epoch, "a lane belongs to its epoch");
}

/* The register stands in the last part of the table. */
static void apply_key(struct world *w, struct slot *l, const struct session_plan *p,
                      const struct message *m) {
    struct owner *o = &w->owner;
    if (m->batch.key.part + 1 < m->batch.key.parts)
        return;
    if (!l->has && l->inherits && o->aside_has) {
        l->has = true;
        l->raw = o->aside_raw;
        o->aside_has = false;
    }
    if (l->has) {
        check(w, p->after_gap || l->raw == m->raw, "a key frame in sequence changes nothing");
        o->booked += m->raw - l->raw;
    } else if (!l->start_has) {
        l->start_has = true;
        l->start = m->raw;
    }
    l->has = true;
    l->raw = m->raw;
}

static void end_lane(struct world *w, const struct session_plan *p) {
    struct owner *o = &w->owner;
    struct slot *l = &o->lane[p->lane];
    check(w, l->used && l->epoch == p->epoch, "a lane that ends was in use");
    if (p->lane_into != SESSION_NO_LANE) {
        struct slot *to = &o->lane[p->lane_into];
        check(w, to->used && l->has, "a lane leads from values to a lane");
        if (to->start_has) {
            o->booked += to->start - l->raw;
            to->start_has = l->start_has;
            to->start = l->start;
        }
    }
    *l = (struct slot){0};
}

static void execute(struct world *w, const struct session_plan *p, const struct message *m) {
    struct owner *o = &w->owner;
    book(w, p);
    if (m && p->lane == SESSION_NO_LANE)
        check(w, p->keep == (m->batch.head.kind == BATCH_KEY) && !p->lane_new,
              "before a whole key frame only its parts are kept");
    if (m && p->lane != SESSION_NO_LANE && !p->keep) {
        struct slot *l = &o->lane[p->lane];
        unsigned no = number_of(w, p->epoch);
        check(w, (p->lane_whole || (!p->lane_new && p->lane_from == SESSION_NO_LANE)),
              "a lane begins with a whole key frame");
        begin_lane(w, p);
        if (m->batch.head.kind == BATCH_DATA) {
            check(w, l->has, "data follows a whole key frame");
            check(w, !o->applied[no][m->batch.head.seq]++ && !o->gap[no][m->batch.head.seq],
                  "a record is applied once");
            w->applied++;
        }
        if (m->batch.head.kind == BATCH_KEY)
            apply_key(w, l, p, m);
        else if (l->has)
            o->booked += m->raw - l->raw, l->raw = m->raw;
    }
    if (p->lane_whole) {
        struct slot *l = &o->lane[p->lane];
        check(w, !l->inherits || !o->aside_has, "the whole table has taken every value over");
        if (l->inherits)
            o->aside_used = l->inherits = false;
    }
    if (p->lane_end)
        end_lane(w, p);
}

static void drain_plans(struct world *w) {
    struct session_plan p;
    while (session_next_plan(&w->s, &p))
        execute(w, &p, NULL);
}

/* --- the aggregator ----------------------------------------------------------------------------
 */

static void pack_disk(struct world *w, struct disk *d) {
    buf_reset(&d->packed);
    check(w, session_pack(&w->s, &d->packed) == ERR_OK, "positions pack");
    d->store = w->store;
    d->owner = w->owner;
}

static void copy_disk(struct disk *to, const struct disk *from) {
    struct buf keep = to->packed;
    *to = *from;
    to->packed = keep;
    buf_reset(&to->packed);
    buf_add(&to->packed, from->packed.p, from->packed.n);
}

static void commit_now(struct world *w) {
    pack_disk(w, &w->disk);
    session_on_committed(&w->s, buf_span(&w->disk.packed));
    w->written_at = 0;
}

static void start_store(struct world *w) {
    struct ident id = agent_id();
    w->duplicates += w->s.duplicates;
    session_fini(&w->s);
    session_init(&w->s, &id, CREDIT);
    if (w->disk.packed.n)
        check(w, session_unpack(&w->s, buf_span(&w->disk.packed)) == ERR_OK, "positions unpack");
    w->owner = w->disk.owner;
    w->store = w->disk.store;
    w->store.generation += 1 + below(w, 65536);
    commit_now(w);
}

/* What only the lost store had is excused: trimmed already, or about to be. */
static void lose_store(struct world *w) {
    static const struct owner nothing;
    struct agent *a = &w->agent;
    for (unsigned no = 0; no < w->epoch_n; no++)
        for (unsigned i = 1; i < SEQS; i++)
            w->excused[no][i] |= w->disk.owner.applied[no][i];
    for (size_t k = 0; k < a->n; k++)
        for (uint64_t i = a->e[k].base; i < a->e[k].next; i++)
            if (a->e[k].rec[i].durable_at < 0 || w->now - a->e[k].rec[i].durable_at < FRESH)
                w->excused[a->e[k].no][i] = 0;
    buf_reset(&w->disk.packed);
    w->disk.owner = nothing;
    w->disk.store = (struct session_store){draw(w) | 1, 0};
    start_store(w);
    copy_disk(&w->backup, &w->disk);
    w->store_lost = true;
    w->restored_at = w->now;
}

static void answer(struct world *w) {
    struct ack ack;
    int64_t now_mono_ms = (int64_t)w->now * STEP_MS;
    if (session_make_clone_ack(&w->s, &w->store, &ack))
        post(w, (struct message){.ack = &ack});
    if (!session_ack_due(&w->s, now_mono_ms))
        return;
    session_make_ack(&w->s, &w->store, now_mono_ms, &ack);
    post(w, (struct message){.ack = &ack});
}

static void store_step(struct world *w) {
    if (w->written_at && w->now >= w->written_at) {
        copy_disk(&w->disk, &w->writing);
        session_on_committed(&w->s, buf_span(&w->disk.packed));
        w->written_at = 0;
    } else if (!w->written_at && w->now % 7 == 0) {
        pack_disk(w, &w->writing);
        w->written_at = w->now + 2;
    }
    answer(w);
}

static void deliver(struct world *w) {
    struct message m;
    struct session_plan p;
    int64_t now_mono_ms = (int64_t)w->now * STEP_MS;
    while (take_due(w, &m)) {
        uint64_t bump = 0;
        if (m.ack) {
            take_ack(w, m.ack);
        } else if (m.hello) {
            check(w, !session_on_hello(&w->s, m.hello, &w->store, now_mono_ms, &bump),
                  "hellos are taken");
            drain_plans(w);
            if (bump > w->store.generation) {
                w->store.generation = bump;
                commit_now(w);
            }
        } else if (session_on_record(&w->s, &m.batch, now_mono_ms, &p) == SESSION_APPLY) {
            execute(w, &p, &m);
            if (w->seed % 2) /* else they wait for the next hello */
                drain_plans(w);
        }
        check(w, session_check(&w->s), "invariants");
        message_free(&m);
    }
}

/* --- faults and the audit ----------------------------------------------------------------------
 */

static void take_snapshot(struct world *w) {
    w->snapshot_n = w->agent.n;
    memcpy(w->snapshot, w->agent.e, w->agent.n * sizeof *w->snapshot);
}

enum { GONE = 2 };

/* The gateway's disk goes back to its snapshot: what came after it is nobody's. */
static void roll_back(struct world *w) {
    struct agent *a = &w->agent;
    for (size_t k = 0; k < a->n; k++)
        for (uint64_t i = a->e[k].base; i < a->e[k].next; i++)
            if (!w->excused[a->e[k].no][i])
                w->excused[a->e[k].no][i] = GONE;
    a->n = w->snapshot_n;
    memcpy(a->e, w->snapshot, w->snapshot_n * sizeof *a->e);
    for (size_t k = 0; k < a->n; k++)
        for (uint64_t i = a->e[k].base; i <= a->e[k].synced; i++)
            if (w->excused[a->e[k].no][i] == GONE)
                w->excused[a->e[k].no][i] = 0;
    boot(w);
    w->rolled = true;
}

static void fault(struct world *w) {
    unsigned x = below(w, 10000);
    if (x < 120) {
        start_store(w);
    } else if (x < 220) {
        boot(w);
    } else if (x < 300) {
        wipe(w);
        connect_agent(w, true);
    } else if (x < 360 && w->agent.linked) {
        w->agent.linked = false;
        w->agent.link_up = w->now + 20 + (int)below(w, 70);
    } else if (x < 380 && w->snapshot_n) {
        roll_back(w);
    } else if (x < 392) {
        lose_store(w);
    } else if (x < 430) {
        copy_disk(&w->disk, &w->backup);
        start_store(w);
        w->restored_at = w->now;
    }
}

static bool settled(const struct agent *a) {
    for (size_t i = 0; i < a->n; i++)
        if (a->e[i].acked != a->e[i].synced || a->e[i].synced != a->e[i].next - 1)
            return false;
    return a->ready;
}

static void audit(struct world *w) {
    const struct owner *o = &w->disk.owner;
    unsigned lanes = 0;
    for (unsigned no = 0; no < w->epoch_n; no++) {
        for (unsigned i = 1; i < SEQS; i++) {
            if (!w->accepted[no][i] || o->applied[no][i] == 1)
                continue;
            /* Trimmed once it was durable, then needed again: told, unless the store never knew. */
            if (w->excused[no][i] && !w->store_lost && !w->rolled)
                check(w, o->gap[no][i], "what a restored store lacks is told");
            if (w->excused[no][i])
                continue;
            check(w, o->gap[no][i] && w->given_up[no][i], "an accepted record is applied or told");
        }
    }
    drain_plans(w);
    bool last = w->s.front + 1 == w->s.epoch_n && w->s.epoch[w->s.front].joined;
    /* A lost or restored store that heard of the branch first which an image rolled back has then
     * forgotten, its fork already trimmed: nobody knows any more who came before whom. Its records
     * count, the step to it is not booked. A rule "what is younger than the open epoch is dead"
     * would close it, but also what a late hello of an older process does not know of. */
    if (!last && w->rolled && w->restored_at > 0)
        return;
    check(w, last, "no epoch but the open one is left unfinished");
    for (unsigned i = 0; i < SESSION_LANES; i++) {
        const struct slot *l = &w->owner.lane[i];
        lanes += l->used;
        if (l->used && l->has && l->start_has && !(w->rolled && w->store_lost))
            check(w, w->owner.booked == l->raw - l->start, "amount = last value - first value");
    }
    check(w, lanes == 1, "one lane is left when all is delivered");
}

static void step(struct world *w, int64_t *raw) {
    if (w->now <= FAULTY && below(w, 2)) {
        *raw += 1 + below(w, 9);
        reading(w, *raw);
    }
    if (!w->agent.linked && w->now >= w->agent.link_up)
        connect_agent(w, true);
    agent_step(w);
    deliver(w);
    store_step(w);
    if (w->now > FAULTY)
        return;
    fault(w);
    if (w->now % 70 == 0)
        take_snapshot(w);
    if (w->now % 60 == 0)
        copy_disk(&w->backup, &w->disk);
}

static void run(struct world *w) {
    int64_t raw = 0;
    w->link_quota = below(w, 10) < 4 ? 45 : 600;
    lose_store(w);
    w->store_lost = false;
    boot(w);
    for (w->now = 1; w->now < STEPS; w->now++) {
        step(w, &raw);
        if (w->now == FAULTY) {
            w->quiet = true;
            sync_journal(w, live(&w->agent));
        }
        if (w->now > FAULTY && w->now % 8 == 0 && settled(&w->agent))
            break;
    }
    check(w, w->now < STEPS, "everything becomes durable in the end");
    audit(w);
}

int main(int argc, char **argv) {
    uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 300;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    uint64_t applied = 0, duplicates = 0, gaps = 0;
    struct aepoch *held_epochs = malloc(HELD * sizeof *held_epochs);
    struct aepoch *snapshot = malloc(HELD * sizeof *snapshot);
    struct world *w = malloc(sizeof *w);
    if (!held_epochs || !snapshot || !w)
        return 2;
    for (uint64_t seed = first; seed < first + n; seed++) {
        memset(w, 0, sizeof *w);
        w->seed = w->random = seed;
        w->agent.e = held_epochs;
        w->snapshot = snapshot;
        run(w);
        applied += w->applied;
        duplicates += w->duplicates + w->s.duplicates;
        gaps += w->gap_records;
        wipe(w);
        session_fini(&w->s);
        buf_fini(&w->disk.packed);
        buf_fini(&w->backup.packed);
        buf_fini(&w->writing.packed);
    }
    free(w);
    free(snapshot);
    free(held_epochs);
    printf("session_property: %llu seeds, %llu records applied, %llu duplicates, %llu given up, "
           "all laws hold\n",
           (unsigned long long)n, (unsigned long long)applied, (unsigned long long)duplicates,
           (unsigned long long)gaps);
    return 0;
}
