/* Paho's own heap in place of its Heap.c, which keeps a tree of all blocks to find leaks: four
 * allocations for one, under a lock. What must be kept of it is that a block which is not in use is
 * never freed: Paho 1.3.12 frees the topic and payload of a message in flight twice when it loses
 * the broker at the wrong moment (freeCommand1 and removePublication), and reads what its heap had
 * set to zero. So the blocks in use stand in a table: open addressing, at most half full. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bus/paho_under.h"

enum { STEP = 16, FIRST = 256 };

/* Of the process, as all that Paho keeps. */
static struct {
    pthread_mutex_t lock;
    void **at; /* NULL: free */
    size_t n, cap;
} used = {.lock = PTHREAD_MUTEX_INITIALIZER};

static size_t home(const void *p) {
    return (size_t)(((uint64_t)(uintptr_t)p / STEP * UINT64_C(0x9e3779b97f4a7c15)) >> 32) &
           (used.cap - 1);
}

/* Where it is, or where it would go. */
static size_t place(const void *p) {
    size_t i = home(p);
    while (used.at[i] && used.at[i] != p)
        i = (i + 1) & (used.cap - 1);
    return i;
}

static bool make_room(void) {
    if (used.n * 2 < used.cap)
        return true;
    void **old = used.at;
    size_t cap = used.cap;
    void **wider = calloc(cap ? cap * 2 : FIRST, sizeof *wider);
    if (!wider)
        return false;
    used.at = wider;
    used.cap = cap ? cap * 2 : FIRST;
    for (size_t i = 0; i < cap; i++)
        if (old[i])
            used.at[place(old[i])] = old[i];
    free(old);
    return true;
}

/* There is room. */
static void enter(void *p) {
    used.at[place(p)] = p;
    used.n++;
}

/* What stands behind it moves up, so that it is still found from its home. */
static void close_up(size_t hole) {
    for (size_t i = (hole + 1) & (used.cap - 1); used.at[i]; i = (i + 1) & (used.cap - 1)) {
        size_t from_home = (i - home(used.at[i])) & (used.cap - 1);
        if (from_home < ((i - hole) & (used.cap - 1)))
            continue;
        used.at[hole] = used.at[i];
        hole = i;
    }
    used.at[hole] = NULL;
}

static bool leave(const void *p) {
    size_t i = used.cap && p ? place(p) : 0;
    if (!used.cap || !p || !used.at[i])
        return false;
    close_up(i);
    used.n--;
    return true;
}

static size_t in_steps(size_t size) {
    return size < SIZE_MAX - STEP ? (size / STEP + 1) * STEP : size;
}

void *mymalloc(char *file, int line, size_t size) {
    (void)file, (void)line;
    pthread_mutex_lock(&used.lock);
    void *p = make_room() ? calloc(1, in_steps(size)) : NULL;
    if (p)
        enter(p);
    pthread_mutex_unlock(&used.lock);
    return p;
}

void *myrealloc(char *file, int line, void *p, size_t size) {
    (void)file, (void)line;
    void *moved = NULL;
    pthread_mutex_lock(&used.lock);
    if (leave(p)) {
        moved = realloc(p, in_steps(size));
        enter(moved ? moved : p);
    }
    pthread_mutex_unlock(&used.lock);
    return moved;
}

void myfree(char *file, int line, void *p) {
    (void)file, (void)line;
    pthread_mutex_lock(&used.lock);
    bool ours = leave(p);
    pthread_mutex_unlock(&used.lock);
    if (ours)
        free(p);
}

size_t paho_heap_blocks(void) {
    pthread_mutex_lock(&used.lock);
    size_t n = used.n;
    pthread_mutex_unlock(&used.lock);
    return n;
}

int Heap_initialize(void) {
    return 0;
}

void Heap_terminate(void) {
    pthread_mutex_lock(&used.lock);
    if (used.n == 0) {
        free(used.at);
        used.at = NULL;
        used.cap = 0;
    }
    pthread_mutex_unlock(&used.lock);
}
