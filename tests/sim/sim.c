/* sim [--seeds N] [--first S] [--variant NAME|all] [--keep] [--light] [--quota] [--split] [--late]
 * [--clock] [--hard] [--reload] [--fingerprint] [-v] | --list: runs of the real agents and the real
 * core under faults, each from one seed. Exit 1 if a run of the correct variant is wrong, or if a
 * variant with a rule taken away is never caught.
 * --fingerprint prints a number a seed that stands for all the run left behind: the same before and
 * after a change that should change nothing. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simworld/run.h"

struct options {
    uint64_t seeds, first;
    const char *variant;
    bool verbose, fingerprint, keep, light, quota, split, late, clock, hard, reload;
};

static bool parse(int argc, char **argv, struct options *o) {
    *o = (struct options){.seeds = 100, .variant = "correct"};
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "-v") == 0)
            o->verbose = true;
        else if (strcmp(argv[i], "--fingerprint") == 0)
            o->fingerprint = true;
        else if (strcmp(argv[i], "--keep") == 0)
            o->keep = true;
        else if (strcmp(argv[i], "--light") == 0)
            o->light = true;
        else if (strcmp(argv[i], "--quota") == 0)
            o->quota = true;
        else if (strcmp(argv[i], "--split") == 0)
            o->split = true;
        else if (strcmp(argv[i], "--late") == 0)
            o->late = true;
        else if (strcmp(argv[i], "--clock") == 0)
            o->clock = true;
        else if (strcmp(argv[i], "--hard") == 0)
            o->hard = true;
        else if (strcmp(argv[i], "--reload") == 0)
            o->reload = true;
        else if (more && strcmp(argv[i], "--seeds") == 0)
            o->seeds = strtoull(argv[++i], NULL, 10);
        else if (more && strcmp(argv[i], "--first") == 0)
            o->first = strtoull(argv[++i], NULL, 10);
        else if (more && strcmp(argv[i], "--variant") == 0)
            o->variant = argv[++i];
        else
            return false;
    }
    return !(o->keep && o->light); /* hours that are kept, and hours that pass */
}

static void sum(struct run_result *all, const struct run_result *one) {
    all->readings += one->readings;
    all->records += one->records;
    all->kills += one->kills;
    all->wipes += one->wipes;
    all->restores += one->restores;
    all->duplicates += one->duplicates;
    all->gaps += one->gaps;
    all->given_up += one->given_up;
    all->restated += one->restated;
    all->gauge_ms += one->gauge_ms;
    all->windows += one->windows;
    all->unplaced += one->unplaced;
    all->reloads += one->reloads;
    all->edits += one->edits;
}

static void tell(const struct options *o, const char *variant, uint64_t seed,
                 const struct run_result *r) {
    printf("BAD seed=%" PRIu64 " why=\"%s\"  repeat: sim --variant %s --first %" PRIu64
           " --seeds 1%s%s%s%s%s%s%s%s -v\n",
           seed, r->why ? r->why : "", variant, seed, o->keep ? " --keep" : "",
           o->light ? " --light" : "", o->quota ? " --quota" : "", o->split ? " --split" : "",
           o->late ? " --late" : "", o->clock ? " --clock" : "", o->hard ? " --hard" : "",
           o->reload ? " --reload" : "");
    fflush(stdout);
}

/* Gives the number of bad seeds. */
static uint64_t play(const struct options *o, enum mutant m) {
    struct run_result all = {0};
    uint64_t bad = 0;
    for (uint64_t seed = o->first; seed < o->first + o->seeds; seed++) {
        struct run_conf conf = {.seed = seed,
                                .mutant = m,
                                .keep = o->keep,
                                .light = o->light,
                                .quota = o->quota,
                                .split = o->split,
                                .late = o->late,
                                .clock = o->clock,
                                .hard = o->hard,
                                .reload = o->reload,
                                .print = o->verbose,
                                .fingerprint = o->fingerprint};
        struct run_result r;
        enum err err = run_seed(&conf, &r);
        if (err)
            r.why = r.why ? r.why : err_name(err);
        if (err || r.bad) {
            bad++;
            if (m == MUTANT_NONE || o->verbose)
                tell(o, mutant_name(m), seed, &r);
        }
        sum(&all, &r);
        if (o->fingerprint)
            printf("seed=%" PRIu64 " fingerprint=%016" PRIx64 "\n", seed, r.fingerprint);
    }
    printf("variant=%s seeds=%" PRIu64 " bad=%" PRIu64 " readings=%" PRIu64 " records=%" PRIu64
           " kills=%" PRIu64 " wipes=%" PRIu64 " restores=%" PRIu64 " duplicates=%" PRIu64
           " gaps=%" PRIu64 " given_up=%" PRIu64 " restated=%" PRIu64 " windows=%" PRIu64
           " gauge_h=%" PRId64,
           mutant_name(m), o->seeds, bad, all.readings, all.records, all.kills, all.wipes,
           all.restores, all.duplicates, all.gaps, all.given_up, all.restated, all.windows,
           all.gauge_ms / 3600000);
    if (o->keep)
        printf(" unplaced=%" PRIu64, all.unplaced); /* seeds in which something came too late */
    if (o->reload)
        printf(" reloads=%" PRIu64 " edits=%" PRIu64, all.reloads, all.edits);
    printf("\n");
    return bad;
}

static int list(void) {
    for (unsigned m = MUTANT_NONE; m < MUTANT_COUNT; m++)
        printf("%s\n", mutant_name((enum mutant)m));
    return 0;
}

int main(int argc, char **argv) {
    struct options o;
    bool known = false, wrong = false;
    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return list();
    if (!parse(argc, argv, &o)) {
        fprintf(stderr, "usage: sim [--seeds N] [--first S] [--variant NAME|all] [--keep] "
                        "[--light] [--quota] [--split] [--late] [--clock] [--hard] "
                        "[--reload] [--fingerprint] [-v] | --list\n");
        return 2;
    }
    bool all = strcmp(o.variant, "all") == 0;
    for (unsigned m = MUTANT_NONE; m < MUTANT_COUNT; m++) {
        if (!all && strcmp(o.variant, mutant_name((enum mutant)m)) != 0)
            continue;
        known = true;
        uint64_t bad = play(&o, (enum mutant)m);
        wrong = wrong || (m == MUTANT_NONE ? bad != 0 : bad == 0);
    }
    if (!known)
        fprintf(stderr, "sim: no variant \"%s\"\n", o.variant);
    return known ? wrong : 2;
}
