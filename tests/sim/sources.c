/* sim_sources [--seeds N] [--first S] [--variant NAME|all] [-v] | --list: the positions of sources
 * under faults. The real readers of files, programs, MTConnect agents and brokers, the real batcher
 * and the real journal, each run from one seed: devices with a history of their own, an agent that
 * is killed at any effect, a disk that tears and refuses. Exit 1 if a run of the correct variant is
 * wrong, or if a variant with a rule taken away is never caught. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "simsources/story.h"

struct options {
    uint64_t seeds, first;
    const char *variant;
    bool verbose;
};

static bool parse(int argc, char **argv, struct options *o) {
    *o = (struct options){.seeds = 100, .first = 1, .variant = "correct"};
    for (int i = 1; i < argc; i++) {
        const bool more = i + 1 < argc;
        if (strcmp(argv[i], "-v") == 0)
            o->verbose = true;
        else if (more && strcmp(argv[i], "--seeds") == 0)
            o->seeds = strtoull(argv[++i], NULL, 10);
        else if (more && strcmp(argv[i], "--first") == 0)
            o->first = strtoull(argv[++i], NULL, 10);
        else if (more && strcmp(argv[i], "--variant") == 0)
            o->variant = argv[++i];
        else
            return false;
    }
    return o->seeds > 0;
}

static void sum(struct story_result *all, const struct story_result *one) {
    all->kills += one->kills;
    all->reloads += one->reloads;
    all->offered += one->offered;
    all->refused += one->refused;
    all->sources += one->sources;
    all->ledger.readings += one->ledger.readings;
    all->ledger.excused += one->ledger.excused;
}

/* Gives the number of bad seeds. */
static uint64_t play(const struct options *o, enum variant v, const char *folder) {
    struct story_result all = {0};
    uint64_t bad = 0;
    for (uint64_t seed = o->first; seed < o->first + o->seeds; seed++) {
        const struct story_conf conf = {
            .seed = seed, .variant = v, .folder = folder, .print = o->verbose};
        struct story_result r;
        const enum err e = story_run(&conf, &r);
        if (e)
            r.ledger.why = err_name(e);
        if (r.ledger.why) {
            bad++;
            if (v == VARIANT_NONE || o->verbose)
                printf("BAD seed=%" PRIu64 " why=\"%s: %s\"  repeat: sim_sources --variant %s "
                       "--first %" PRIu64 " --seeds 1 -v\n",
                       seed, r.ledger.why, r.ledger.what, variant_name(v), seed);
        }
        sum(&all, &r);
    }
    printf("variant=%s seeds=%" PRIu64 " bad=%" PRIu64 " sources=%" PRIu64 " offered=%" PRIu64
           " readings=%" PRIu64 " lost_or_late=%" PRIu64 " kills=%" PRIu64 " reloads=%" PRIu64
           " refused=%" PRIu64 "\n",
           variant_name(v), o->seeds, bad, all.sources, all.offered, all.ledger.readings,
           all.ledger.excused, all.kills, all.reloads, all.refused);
    return bad;
}

static int list(void) {
    for (unsigned v = VARIANT_NONE; v < VARIANT_COUNT; v++)
        printf("%s\n", variant_name((enum variant)v));
    return 0;
}

int main(int argc, char **argv) {
    struct options o;
    bool known = false, wrong = false;
    const char *top = getenv("TMPDIR");
    char folder[200];
    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return list();
    if (!parse(argc, argv, &o)) {
        fprintf(stderr, "usage: sim_sources [--seeds N] [--first S] [--variant NAME|all] [-v] | "
                        "--list\n");
        return 2;
    }
    (void)snprintf(folder, sizeof folder, "%s/sim_sources.XXXXXX", top && *top ? top : "/tmp");
    if (!mkdtemp(folder)) {
        fprintf(stderr, "sim_sources: %s: a folder for its files cannot be made\n", folder);
        return 2;
    }
    const bool all = strcmp(o.variant, "all") == 0;
    for (unsigned v = VARIANT_NONE; v < VARIANT_COUNT; v++) {
        if (!all && strcmp(o.variant, variant_name((enum variant)v)) != 0)
            continue;
        known = true;
        const uint64_t bad = play(&o, (enum variant)v, folder);
        wrong = wrong || (v == VARIANT_NONE ? bad != 0 : bad == 0);
    }
    (void)rmdir(folder);
    if (!known)
        fprintf(stderr, "sim_sources: no variant \"%s\"; --list says which there are\n", o.variant);
    return known ? wrong : 2;
}
