/* An aggregator in a box: the real core and a store in memory, carried out step by step. It has no
 * clock and no network: times are given, acks go to a call-back. */
#ifndef PB_SIMKIT_STATION_H
#define PB_SIMKIT_STATION_H

#include "engine/core.h"
#include "memory/store_memory.h"

struct station {
    const struct plant *plant; /* borrowed */
    struct core_conf conf;
    const struct alert_rules *alerts; /* in force from a start on, borrowed; NULL: none */
    struct store *store;
    struct core *core; /* NULL: the process is dead */
    struct core_now now;
    void (*on_ack)(void *user, const char *topic, struct span bytes);
    void (*on_note)(void *user, const char *event, const char *detail); /* NULL: none */
    void *user;
    bool print;                 /* warnings go to stderr */
    bool by_hand;               /* commits and loads wait for station_store_step */
    bool eager;                 /* each is answered before the next effect is taken */
    struct station_call *calls; /* submitted to the store, not answered */
    enum err failed;            /* first error of the core; it must then be killed */
    uint64_t notes, warnings;
    char last_event[64];
};

/* Sensible times, credit and bounds; store id 7. Not started. */
enum err station_init(struct station *s, const struct plant *plant);
void station_fini(struct station *s);
/* Starts a process on what the store holds. */
enum err station_start(struct station *s, struct core_now now, uint64_t random);
/* Another plant takes the place of the present one, which is borrowed as well: to be called once
 * core_begin_flush has led to core_flushed. ERR_STATE: it has not. */
enum err station_reload(struct station *s, const struct plant *plant, struct core_now now,
                        uint64_t random);
/* kill -9: the oldest `written` commits under way still reach the disk. */
void station_kill(struct station *s, size_t written);
/* Each carries out the effects that follow. */
enum err station_message(struct station *s, const char *topic, struct span payload);
enum err station_tick(struct station *s, struct core_now now);
/* The same until the core has done all its slices. */
enum err station_tick_whole(struct station *s, struct core_now now);
void station_effects(struct station *s);
/* Answers the oldest commit or load, then the effects; false if there is none. */
bool station_store_step(struct station *s);
/* Ticks without the clocks moving until nothing is left to do; ERR_BUSY after many. */
enum err station_settle(struct station *s);

/* The sums of a window wherever it is: in memory, else in the store; false if nowhere. */
bool station_window(struct station *s, const struct window_key *key, struct window *out);

#endif
