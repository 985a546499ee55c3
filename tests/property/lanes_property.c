/* What is told of a counter, a state or a product does not depend on which lane reads it. An
 * agent's epochs go to two aggregators: in the order of the chain, one lane reading all of them;
 * and in another order, in which younger epochs run in lanes of their own until the older ones have
 * ended, with ticks and now and then a death between. In the end windows, cells and logs are the
 * same, bit for bit. It is of a second source: an epoch's first key frame may not name it, so that
 * a later one does, with what the journal remembers. A disk may have been put back in between: what
 * an epoch remembers is then from before.
 *
 * usage: lanes_property [-v] [seeds [first seed]]. A seed that fails is made as small as it can be
 * and still fails; -v shows its records and the logs of both. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lanes_world.h"
#include "simkit/station.h"
#include "simworld/audit.h"
#include "simworld/auditlog.h"
#include "wire/session_msg.h"

enum { NOBODY = -1 };

struct play {
    const struct lanes_tape *tape;
    const struct lanes_world *world;
    struct station station;
    struct ident agent;
    uint32_t hello_n;
    unsigned told;                        /* epochs that a hello named */
    size_t next[LANES_EPOCHS];            /* record of each */
    bool refused[LANES_EPOCHS];           /* since something was applied */
    size_t order[LANES_RECORDS], order_n; /* as they were applied */
    struct audit_windows shown,
        windows;                /* windows: with another epoch behind them, which ends all */
    struct auditlog cells, log; /* log: the same */
};

static struct plant *plant;

static void must(enum err err, const char *what) {
    if (err == ERR_OK)
        return;
    printf("FAIL %s error=%s\n", what, err_name(err));
    exit(1);
}

/* --- telling -----------------------------------------------------------------------------------
 */

static void hello(struct play *p, unsigned epochs) {
    char topic[TOPIC_MAX];
    struct buf b;
    const bool put_back = p->world->image && epochs > p->world->image;
    struct hello h = {.agent = p->agent, .nonce = 77, .n = ++p->hello_n};
    for (unsigned i = 0; i < epochs; i++) {
        const unsigned prev = i ? lanes_prev(p->world, i) : 0;
        if (put_back && i > p->world->image_of && i < p->world->image)
            continue;
        h.epoch[h.epoch_n++] =
            (struct hello_epoch){.epoch = LANES_FIRST_EPOCH + i,
                                 .prev_epoch = i ? LANES_FIRST_EPOCH + prev : 0,
                                 .prev_last = i ? p->tape->last[prev] : 0,
                                 .base = i < p->world->n ? p->tape->base[i] : 1,
                                 .next = i < p->world->n ? p->tape->last[i] + 1 : 2,
                                 .open = i + 1 == epochs};
    }
    p->told = epochs;
    buf_init(&b);
    topic_format(TOPIC_HELLO, &p->agent, topic);
    must(hello_format(&h, &b), "hello");
    must(station_message(&p->station, topic, buf_span(&b)), "hello");
    buf_fini(&b);
}

static uint64_t applied(const struct play *p) {
    struct core_agent_view v = {0};
    if (core_agents(p->station.core) > 0)
        core_agent_view(p->station.core, 0, &v);
    return v.applied;
}

static bool send(struct play *p, const struct lanes_record *r) {
    char topic[TOPIC_MAX];
    const uint64_t before = applied(p);
    topic_format(TOPIC_DATA, &p->agent, topic);
    must(station_message(&p->station, topic, span_of(p->tape->bytes.p + r->at, r->n)), "record");
    return applied(p) > before;
}

static struct core_now now_at(const struct play *p, int64_t wall_ms) {
    const int64_t most = p->tape->end_ms;
    wall_ms = wall_ms < most ? wall_ms : most;
    return (struct core_now){wall_ms, 1000 + wall_ms - LANES_T0};
}

static void behind(struct play *p, const struct lanes_step *s) {
    if (s->ticks || s->restarts) {
        must(station_settle(&p->station), "settle");
        must(station_tick(&p->station, p->station.now), "tick");
    }
    if (!s->restarts)
        return;
    station_kill(&p->station, 0);
    must(station_start(&p->station, p->station.now, 9), "start");
    hello(p, p->told);
}

/* --- two ways ----------------------------------------------------------------------------------
 */

/* The image's process does not list those that it knows nothing of: what is not read of them then
 * is lost. */
static bool waits_for_image(const struct play *p, unsigned epoch) {
    const struct lanes_world *w = p->world;
    for (unsigned i = w->image_of + 1; i < w->image && epoch >= w->image; i++)
        if (p->next[i] < p->tape->n && p->tape->record[p->next[i]].epoch == i)
            return true;
    return false;
}

/* Of the epochs that were not refused the one whose next record has the least order. */
static int next_epoch(const struct play *p) {
    int least = NOBODY;
    for (unsigned i = 0; i < p->world->n; i++) {
        const size_t at = p->next[i];
        if (waits_for_image(p, i))
            continue;
        if (at == p->tape->n || p->tape->record[at].epoch != i || p->refused[i])
            continue;
        if (least == NOBODY ||
            p->tape->record[at].step->order < p->tape->record[p->next[least]].step->order)
            least = (int)i;
    }
    return least;
}

static void find_firsts(struct play *p) {
    size_t at = 0;
    for (unsigned i = 0; i < p->world->n; i++) {
        while (at < p->tape->n && p->tape->record[at].epoch < i)
            at++;
        p->next[i] = at;
    }
}

static void play_lanes(struct play *p) {
    int e;
    find_firsts(p);
    if (!p->world->one_by_one)
        hello(p, p->world->image ? p->world->image : p->world->n);
    while ((e = next_epoch(p)) != NOBODY) {
        const struct lanes_record *r = &p->tape->record[p->next[e]];
        if ((unsigned)e >= p->world->image && p->told < p->world->image)
            hello(p, p->world->image);
        if (p->told <= (unsigned)e)
            hello(p, (unsigned)e + 1);
        if (!send(p, r)) {
            p->refused[e] = true;
            continue;
        }
        p->order[p->order_n++] = p->next[e]++;
        memset(p->refused, 0, sizeof p->refused);
        behind(p, r->step);
    }
    if (p->told < p->world->n)
        hello(p, p->world->n);
}

static void play_straight(struct play *p) {
    const struct lanes_world *w = p->world;
    hello(p, w->image ? w->image : w->n);
    for (size_t i = 0; i < p->tape->n; i++) {
        if (w->image && p->told < w->n && p->tape->record[i].epoch >= w->image)
            hello(p, w->n);
        if (send(p, &p->tape->record[i]))
            p->order[p->order_n++] = i;
    }
}

static void begin(struct play *p, const struct lanes_world *w, const struct lanes_tape *t) {
    *p = (struct play){.world = w, .tape = t, .agent = {"gw1"}};
    must(station_init(&p->station, plant), "init");
    must(station_start(&p->station, now_at(p, INT64_MAX), 5), "start");
    must(station_tick(&p->station, p->station.now), "tick");
}

/* An epoch that knows no counter. */
static void close_chain(struct play *p) {
    const unsigned n = p->world->n;
    char topic[TOPIC_MAX];
    struct buf bytes;
    buf_init(&bytes);
    must(lanes_close(p->world, p->tape, &bytes), "closing");
    hello(p, n + 1);
    topic_format(TOPIC_DATA, &p->agent, topic);
    must(station_message(&p->station, topic, buf_span(&bytes)), "closing");
    buf_fini(&bytes);
}

static void end(struct play *p) {
    must(station_settle(&p->station), "settle");
    must(audit_collect(&p->station, &p->shown), "windows");
    must(auditlog_collect(&p->station, false, INT64_MIN, &p->cells), "cells");
    close_chain(p);
    must(station_settle(&p->station), "settle");
    must(audit_collect(&p->station, &p->windows), "windows");
    must(auditlog_collect(&p->station, true, INT64_MIN, &p->log), "log");
    station_fini(&p->station);
}

static void forget(struct play *p) {
    audit_windows_fini(&p->shown);
    audit_windows_fini(&p->windows);
    auditlog_fini(&p->cells);
    auditlog_fini(&p->log);
}

/* --- the law -----------------------------------------------------------------------------------
 */

/* The next line of what was counted. When it was watched is told in pieces that may overlap. */
static const char *amount_line(const struct auditlog *l, size_t *at) {
    while (*at < l->n) {
        const char *line = l->line[(*at)++];
        if (strstr(line, " span ") || strstr(line, " break "))
            return line;
    }
    return NULL;
}

static bool same_logs(const struct auditlog *a, const struct auditlog *b) {
    size_t i = 0, k = 0;
    const char *x = NULL, *y = NULL;
    do {
        x = amount_line(a, &i);
        y = amount_line(b, &k);
    } while (x && y && strcmp(x, y) == 0);
    return !x && !y;
}

static const char *judge(const struct play *run, const struct play *straight) {
    if (straight->order_n < straight->tape->n)
        return "straight refused";
    if (run->order_n < run->tape->n)
        return "refused";
    if (audit_equal(&run->shown, &straight->shown, false) ||
        auditlog_differ(&run->cells, &straight->cells))
        return "shown";
    if (audit_equal(&run->windows, &straight->windows, false))
        return "windows";
    if (auditlog_differ(&run->log, &straight->log))
        return "cells";
    return same_logs(&run->log, &straight->log) ? NULL : "logs";
}

static void show_log(const char *what, const struct auditlog *l) {
    printf("  %s:\n", what);
    for (size_t i = 0; i < l->n; i++)
        if (strncmp(l->line[i], "cell", 4) != 0)
            printf("    %s\n", l->line[i]);
}

static void show(const struct play *run, const struct play *straight) {
    const struct lanes_world *w = run->world;
    static const char *const subject[] = {"register", "counter", "state", "product"};
    printf("  %s%s width=%u/%u poll=%" PRId64 "\n", subject[w->subject],
           w->one_by_one ? " one by one" : "", w->width_bits, w->width_digits, w->poll_ms);
    if (w->image)
        printf("  epoch %u is of an image of epoch %u, step %u\n", w->image, w->image_of,
               w->image_step);
    for (size_t i = 0; i < run->tape->n; i++) {
        const struct lanes_record *r = &run->tape->record[i];
        printf("  [%zu] epoch %u%s %+" PRId64 " %s%s%s\n", i, r->epoch,
               w->epoch[r->epoch].renewed ? " renewed" : "", (r->step->at_ms - LANES_T0) / 1000,
               r->text, r->step->ticks ? " | tick" : "", r->step->restarts ? " | restart" : "");
    }
    for (unsigned i = 0; i < w->n; i++)
        if (run->tape->base[i] > 1)
            printf("  epoch %u begins with %" PRIu64 "\n", i, run->tape->base[i]);
    printf("  run:");
    for (size_t i = 0; i < run->order_n; i++)
        printf(" %zu", run->order[i]);
    printf("\n");
    show_log("run", &run->log);
    show_log("straight", &straight->log);
    fflush(stdout);
    (void)audit_equal(&run->shown, &straight->shown, true);
    (void)audit_equal(&run->windows, &straight->windows, true);
    auditlog_print(&run->log, &straight->log, 40);
}

static const char *check(const struct lanes_world *w, bool print) {
    static struct play run, straight;
    static struct lanes_tape tape;
    must(lanes_record(w, &tape), "tape");
    begin(&run, w, &tape);
    play_lanes(&run);
    end(&run);
    begin(&straight, w, &tape);
    play_straight(&straight);
    end(&straight);
    const char *wrong = judge(&run, &straight);
    if (print)
        show(&run, &straight);
    forget(&run);
    forget(&straight);
    lanes_tape_fini(&tape);
    return wrong;
}

/* --- made small --------------------------------------------------------------------------------
 */

static bool drop_epoch(struct lanes_world *w, unsigned i) {
    if (i >= w->n || w->n == 1)
        return false;
    if (w->image && (i == w->image || i == w->image_of || w->image - w->image_of == 2))
        w->image = 0;
    w->image -= w->image > i;
    w->image_of -= w->image && w->image_of > i;
    memmove(&w->epoch[i], &w->epoch[i + 1], (w->n - i - 1) * sizeof w->epoch[0]);
    w->n--;
    return true;
}

static bool drop_step(struct lanes_world *w, unsigned i) {
    struct lanes_epoch *e = &w->epoch[i / LANES_STEPS];
    const unsigned k = i % LANES_STEPS;
    if (i / LANES_STEPS >= w->n || k == 0 || k >= e->n)
        return false;
    memmove(&e->step[k], &e->step[k + 1], (e->n - k - 1) * sizeof e->step[0]);
    e->n--;
    w->image_step -= w->image && i / LANES_STEPS == w->image_of && w->image_step >= k;
    return true;
}

static bool clear(bool *what) {
    const bool was = *what;
    *what = false;
    return was;
}

static bool read_less(struct lanes_step *s, enum step_read least) {
    const uint8_t was = s->read;
    s->read = was > (uint8_t)least ? (uint8_t)least : was;
    return s->read != was;
}

static bool read_now(struct lanes_step *s) {
    const bool was = s->ago_ms != 0 || s->mate_ago_ms != 0;
    s->ago_ms = s->mate_ago_ms = 0;
    return was;
}

enum { PLAINER = 14 };

/* One of the things that a step, its epoch or all can do without. */
static bool plainer(struct lanes_world *w, unsigned i) {
    struct lanes_epoch *e = &w->epoch[i / PLAINER / LANES_STEPS];
    struct lanes_step *s = &e->step[i / PLAINER % LANES_STEPS];
    bool *const flag[] = {&s->restarts, &s->ticks,      &s->gone,    &s->names_mate,
                          &s->anew,     &s->reads_mate, &s->vouches, &s->told_twice,
                          &e->renewed,  &w->one_by_one, &e->by_hello};
    enum { FLAGS = sizeof flag / sizeof *flag };
    if (i / PLAINER / LANES_STEPS >= w->n || i / PLAINER % LANES_STEPS >= e->n)
        return false;
    switch (i % PLAINER) {
    case FLAGS:
        return read_less(s, READ_GOOD);
    case FLAGS + 1:
        return read_less(s, READ_NOTHING);
    case FLAGS + 2:
        return read_now(s);
    default:
        return clear(flag[i % PLAINER]);
    }
}

static bool change_each(struct lanes_world *w, bool (*change)(struct lanes_world *, unsigned),
                        unsigned n) {
    bool any = false;
    for (unsigned i = n; i-- > 0;) {
        struct lanes_world less = *w;
        if (!change(&less, i) || !check(&less, false))
            continue;
        *w = less;
        any = true;
    }
    return any;
}

static void shrink(struct lanes_world *w) {
    bool any = true;
    while (any) {
        any = change_each(w, drop_epoch, LANES_EPOCHS);
        any = change_each(w, drop_step, LANES_EPOCHS * LANES_STEPS) || any;
        any = change_each(w, plainer, LANES_EPOCHS * LANES_STEPS * PLAINER) || any;
    }
}

int main(int argc, char **argv) {
    static struct lanes_world w;
    const bool print = argc > 1 && strcmp(argv[1], "-v") == 0;
    argv += print;
    argc -= print;
    const uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 200;
    const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    uint64_t bad = 0;
    must(line_plant_open(&plant), "plant");
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        lanes_draw(&w, seed);
        const char *wrong = check(&w, false);
        if (!wrong)
            continue;
        bad++;
        if (print)
            shrink(&w);
        printf("FAIL seed=%" PRIu64 " %s differ\n", seed, wrong);
        if (print)
            (void)check(&w, true);
    }
    plant_close(plant);
    printf("%s seeds=%" PRIu64 " different=%" PRIu64 "\n", bad ? "FAIL" : "ok", seeds, bad);
    return bad != 0;
}
