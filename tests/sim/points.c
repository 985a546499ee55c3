/* sim_points [--variant NAME] [--every N] [--first N] [--count N] [-v]: one fixed story (points.h)
 * is run once for every point at which a process changes what outlives it or what others see. The
 * process dies there in each way there is, is started again, dies at the next such point and is
 * started again; the audit of the simulation follows. Exit 1 if any run of the correct variant is
 * wrong. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simworld/run.h"

struct options {
    const char *variant;
    uint64_t every, first, count;
    bool verbose;
};

struct way {
    const char *name;
    bool after, torn, more;
};
static const struct way gateway_ways[] = {
    {"before", false, false, false},
    {"after", true, false, false},
    {"before, power lost", false, false, true},
    {"after, power lost", true, false, true},
    {"torn", false, true, false}, /* of a write; the last one here */
};
static const struct way station_ways[] = {
    {"before", false, false, false},
    {"after", true, false, false},
    {"before, the rest written", false, false, true},
    {"after, the rest written", true, false, true},
};

struct tally {
    uint64_t runs, bad, deaths, readings, windows;
    uint64_t of[TRIP_KIND_COUNT], twice[TRIP_KIND_COUNT], runs_of[TRIP_KIND_COUNT];
};

static const struct way *ways_of(enum trip_kind kind, size_t *n) {
    if (kind >= TRIP_COMMIT) {
        *n = sizeof station_ways / sizeof *station_ways;
        return station_ways;
    }
    *n = sizeof gateway_ways / sizeof *gateway_ways - (kind != TRIP_WRITE);
    return gateway_ways;
}

/* The story with a death at point `at`, 0: without. */
static bool play(enum mutant m, bool print, struct trip *t, struct run_result *out) {
    struct run_conf conf = {.seed = 1, .mutant = m, .trip = t, .print = print};
    enum err err = run_seed(&conf, out);
    if (err)
        out->why = out->why ? out->why : err_name(err);
    return !err && out->bad == 0;
}

static void die_at(const struct options *o, enum mutant m, uint64_t at, const struct way *way,
                   struct trip *t, struct tally *all) {
    struct run_result r;
    *t = (struct trip){.at = at, .after = way->after, .torn = way->torn, .more = way->more};
    bool good = play(m, o->verbose, t, &r);
    all->runs++;
    all->bad += !good;
    all->deaths += t->deaths;
    all->readings += r.readings;
    all->windows += r.windows;
    if (t->deaths) {
        all->runs_of[t->killer]++;
        all->twice[t->killer] += t->deaths == 2;
    }
    if (!good && (m == MUTANT_NONE || o->verbose))
        printf("BAD point=%" PRIu64 " (%s, %s) why=\"%s\"  repeat: sim_points --first %" PRIu64
               " --count 1 -v\n",
               at, trip_name(t->killer), way->name, r.why, at);
}

static void tell(const struct options *o, uint64_t points, const struct tally *all) {
    for (unsigned k = 0; k < TRIP_KIND_COUNT; k++)
        printf("%-8s %5" PRIu64 " points, %5" PRIu64 " runs, in %5" PRIu64 " a second death\n",
               trip_name(k), all->of[k], all->runs_of[k], all->twice[k]);
    printf("variant=%s points=%" PRIu64 " runs=%" PRIu64 " bad=%" PRIu64 " deaths=%" PRIu64
           " readings=%" PRIu64 " windows=%" PRIu64 "\n",
           o->variant, points, all->runs, all->bad, all->deaths, all->readings, all->windows);
}

static int enumerate(const struct options *o, enum mutant m) {
    struct trip *plain = calloc(2, sizeof *plain), *t = plain + 1;
    struct run_result r;
    struct tally all = {0};
    if (!plain)
        return 1;
    bool good = play(m, o->verbose, plain, &r);
    if (!good && m == MUTANT_NONE)
        printf("BAD without any death why=\"%s\"\n", r.why);
    uint64_t last = plain->n < TRIP_POINTS_MAX ? plain->n : TRIP_POINTS_MAX;
    memcpy(all.of, plain->of, sizeof all.of);
    for (uint64_t at = o->first; at <= last && at - o->first < o->count; at += o->every) {
        size_t n = 0;
        const struct way *way = ways_of(plain->kind[at - 1], &n);
        for (size_t i = 0; i < n; i++)
            die_at(o, m, at, &way[i], t, &all);
    }
    tell(o, plain->n, &all);
    free(plain);
    return m == MUTANT_NONE ? !good || all.bad : all.bad == 0;
}

static bool parse(int argc, char **argv, struct options *o) {
    *o = (struct options){.variant = "correct", .every = 1, .first = 1, .count = UINT64_MAX};
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "-v") == 0)
            o->verbose = true;
        else if (more && strcmp(argv[i], "--variant") == 0)
            o->variant = argv[++i];
        else if (more && strcmp(argv[i], "--every") == 0)
            o->every = strtoull(argv[++i], NULL, 10);
        else if (more && strcmp(argv[i], "--first") == 0)
            o->first = strtoull(argv[++i], NULL, 10);
        else if (more && strcmp(argv[i], "--count") == 0)
            o->count = strtoull(argv[++i], NULL, 10);
        else
            return false;
    }
    return o->every > 0 && o->first > 0;
}

int main(int argc, char **argv) {
    struct options o;
    if (!parse(argc, argv, &o)) {
        fprintf(stderr,
                "usage: sim_points [--variant NAME] [--every N] [--first N] [--count N] [-v]\n");
        return 2;
    }
    for (unsigned m = MUTANT_NONE; m < MUTANT_COUNT; m++)
        if (strcmp(o.variant, mutant_name((enum mutant)m)) == 0)
            return enumerate(&o, (enum mutant)m);
    fprintf(stderr, "sim_points: no variant \"%s\"\n", o.variant);
    return 2;
}
