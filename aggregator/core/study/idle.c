#include "study/idle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const idle_state[] = {"delay", "down_no_order", "planned_down", "not_scheduled"};
static const char *const other_state[] = {"production", "setup", "engineering"};

static int64_t sum_of(const struct energy_window *w, const char *what, const char *state) {
    char name[48];

    (void)snprintf(name, sizeof name, "%s_%s", what, state);
    return w->sum(w->user, name);
}

enum err idle_take(void *unit, const struct energy_window *w) {
    struct idle_unit *u = unit;

    for (size_t i = 0; i < sizeof idle_state / sizeof *idle_state; i++) {
        const int64_t uwh = sum_of(w, "energy", idle_state[i]);
        u->energy_uwh += uwh;
        u->idle_uwh += uwh;
        u->idle_ms += sum_of(w, "time", idle_state[i]);
    }
    for (size_t i = 0; i < sizeof other_state / sizeof *other_state; i++)
        u->energy_uwh += sum_of(w, "energy", other_state[i]);
    u->unknown_uwh += sum_of(w, "energy", "unknown");
    u->energy_uwh += sum_of(w, "energy", "unknown");
    u->windows++;
    return ERR_OK;
}

static int compare(const void *x, const void *y) {
    const struct idle_unit *a = x, *b = y;

    if (a->idle_uwh != b->idle_uwh)
        return a->idle_uwh > b->idle_uwh ? -1 : 1;
    return strcmp(a->id.s, b->id.s);
}

void idle_rank(struct idle_unit *at, size_t n) {
    qsort(at, n, sizeof *at, compare);
}

double idle_kw(const struct idle_unit *u) {
    return u->idle_ms > 0 ? (double)u->idle_uwh / 1e9 / ((double)u->idle_ms / 3.6e6) : NAN;
}

int64_t idle_total_uwh(const struct idle_unit *at, size_t n) {
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += at[i].idle_uwh;
    return sum;
}
