/* nomem [--every K] [SCENARIO [N]]: plays each scenario again and again, the n-th allocation
 * failing, n = 1, 1 + K, ... until none fails any more. No crash, nothing left behind, no wrong
 * figure after memory came back. With N only that run. Ends with "N passed, N failed". */
#include "nomem.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    bool struck;
    int armed; /* so much more often than disarmed */
    unsigned long count, strike_at;
    long live; /* allocations of ours not freed */
    const char *scenario, *wrong;
    jmp_buf out;
} nomem;

/* --- the allocator ------------------------------------------------------------------------------
 */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void __real_free(void *p);

static bool strikes(void) {
    if (nomem.armed <= 0 || ++nomem.count != nomem.strike_at)
        return false;
    nomem.struck = true;
    return true;
}

static void *counted(void *p) {
    nomem.live += p != NULL;
    return p;
}

void *__wrap_malloc(size_t n) {
    return strikes() ? NULL : counted(__real_malloc(n));
}

void *__wrap_calloc(size_t n, size_t size) {
    return strikes() ? NULL : counted(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t n) {
    if (strikes())
        return NULL;
    void *fresh = __real_realloc(p, n);
    return p ? fresh : counted(fresh);
}

char *__wrap_strdup(const char *s) {
    return strikes() ? NULL : counted(__real_strdup(s));
}

char *__wrap_strndup(const char *s, size_t n) {
    return strikes() ? NULL : counted(__real_strndup(s, n));
}

void __wrap_free(void *p) {
    nomem.live -= p != NULL;
    __real_free(p);
}

void nomem_arm(void) {
    nomem.armed++;
}

void nomem_disarm(void) {
    nomem.armed--;
}

bool nomem_struck(void) {
    return nomem.struck;
}

void nomem_need(bool holds, const char *what) {
    if (holds)
        return;
    nomem.wrong = what;
    longjmp(nomem.out, 1);
}

/* --- the runs -----------------------------------------------------------------------------------
 */

static const struct scenario {
    const char *name;
    void (*play)(void);
} scenarios[] = {
    {"core", nomem_core},       {"agent", nomem_agent},     {"access", nomem_access},
    {"guard", nomem_guard},     {"files", nomem_files},     {"energy", nomem_energy},
    {"explain", nomem_explain}, {"archive", nomem_archive}, {"announce", nomem_announce},
    {"modbus", nomem_modbus},   {"mqtt", nomem_mqtt},       {"exec", nomem_exec},
    {"outbox", nomem_outbox},   {"influx", nomem_influx},   {"curl", nomem_curl},
    {"bus", nomem_bus}};

/* NULL, or what was wrong; *over: nothing failed, there are no more allocations. */
static const char *run(const struct scenario *s, unsigned long n, bool *over) {
    long before = nomem.live;
    nomem.armed = 0;
    nomem.struck = false;
    nomem.count = 0;
    nomem.strike_at = n;
    nomem.wrong = NULL;
    if (setjmp(nomem.out) == 0) {
        s->play();
        if (nomem.live != before)
            nomem.wrong = "memory was left behind";
    }
    nomem.armed = 0;
    *over = !nomem.struck;
    return nomem.wrong;
}

/* A crash says which run it was. */
static void on_death(void) {
    fprintf(stderr, "crashed: nomem %s %lu\n", nomem.scenario, nomem.strike_at);
}
extern void __sanitizer_set_death_callback(void (*f)(void)) __attribute__((weak));

enum { SHOWN = 20, ALL_BELOW = 300 };

static void play_all(const struct scenario *s, unsigned long every, unsigned *passed,
                     unsigned *failed) {
    unsigned wrong = 0;
    unsigned long runs = 0;
    bool over = false;
    for (unsigned long n = 1; !over; n += n < ALL_BELOW ? 1 : every, runs++) {
        const char *what = run(s, n, &over);
        if (what && wrong++ < SHOWN)
            printf("FAILED: %s, allocation %lu: %s\n", s->name, n, what);
    }
    printf("%s: %lu runs, %u wrong\n", s->name, runs, wrong);
    *passed += wrong == 0 && runs > 10;
    *failed += wrong != 0 || runs <= 10;
}

int main(int argc, char **argv) {
    unsigned long every = 1, only = 0;
    unsigned passed = 0, failed = 0;
    int at = 1;
    bool over = false;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(on_death);
    if (argc > 2 && strcmp(argv[1], "--every") == 0) {
        every = strtoul(argv[2], NULL, 10);
        at = 3;
    }
    only = at + 1 < argc ? strtoul(argv[at + 1], NULL, 10) : 0;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        nomem.scenario = scenarios[i].name;
        if (at < argc && strcmp(argv[at], nomem.scenario) != 0)
            continue;
        if (!only) {
            play_all(&scenarios[i], every ? every : 1, &passed, &failed);
            continue;
        }
        const char *what = run(&scenarios[i], only, &over);
        printf("%s, allocation %lu: %s\n", nomem.scenario, only, what ? what : "right");
        passed += !what;
        failed += what != NULL;
    }
    printf("%u passed, %u failed\n", passed, failed);
    return passed && !failed ? 0 : 1;
}
