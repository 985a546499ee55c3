/* Another configuration while all runs: files are read and checked on a thread of the loop's pool;
 * what differs is then swapped as a whole, or all stays as it is. Another plant needs a core of its
 * own, which is started from the store on such a thread, too: meanwhile the bus is held, entries
 * wait, pages and database go on with what there is. */
#ifndef PB_DAEMON_RELOAD_H
#define PB_DAEMON_RELOAD_H

#include <uv.h>

#include "daemon/settings.h"
#include "daemon/watch.h"
#include "engine/core.h"
#include "views/views.h"

struct daemon;
struct sink;
struct retired;

enum reload_step {
    RELOAD_IDLE,
    RELOAD_READING,
    RELOAD_FLUSHING, /* all that the core knows goes to the store */
    RELOAD_BUILDING  /* the next one is started from there */
};
enum reload_result { RELOAD_NONE, RELOAD_LOADED, RELOAD_UNCHANGED, RELOAD_REFUSED };

struct reload {
    struct daemon *d;
    bool opened, stopping;
    uint8_t step;        /* enum reload_step */
    uint64_t run, asked; /* number of the newest one that has begun; of the newest asked for */
    uint64_t told;       /* number of the newest one that has ended */
    /* Who asks: "signal", "command", "files". A look is what nobody asked for: the files may have
     * changed, and whether they are taken over is for the settings to say. */
    const char *by, *asked_by;
    bool look, asked_look; /* of the one under way; of the next one */
    uv_work_t work;
    bool working, built; /* built: the worker's part of it is done */
    struct watch watch;
    /* Of the run under way; the worker's while it works. */
    struct settings *next;
    struct settings_change change;
    struct conf_report report;
    uint64_t print;
    struct buf said; /* what differs, or what is wrong */
    struct core_conf core_conf;
    struct core *core;
    struct sink *sink;
    struct notify *notify;
    struct notices_old *notices_old; /* room for the end of one of the two */
    enum err err;
    char where[96];
    int64_t begun_mono_ms, held_mono_ms, paused_ms;
    uint64_t swap_us; /* how long the swap held the loop */
    /* Of the last one that was not a mere look. */
    uint8_t result; /* enum reload_result */
    const char *told_by;
    int64_t at_ms, took_ms, told_paused_ms;
    struct buf told_text;
    size_t told_n;                /* changes, or mistakes */
    int64_t since_ms, differs_ms; /* as in view_configuration */
    uint64_t loaded_n, refused_n, refused_print;
    struct retired *retired; /* cores and plants that wait for their last reader */
    unsigned retired_n;      /* ... or are being freed */
    unsigned sinks_n;        /* sinks that are being closed */
};

/* Watches the files; once the loop's handles are opened. */
void reload_open(struct daemon *d);
/* Asks for one; its number. by: static text. */
uint64_t reload_ask(struct daemon *d, const char *by);
/* A chore: true when there is more to do at once. */
bool reload_turn(struct daemon *d);
/* Nothing may be entered now: it would be lost with the core. */
bool reload_holds(const struct daemon *d);
/* What became of the last one, and whether the files are others than what runs. */
void reload_state(const struct daemon *d, struct view_configuration *out);
/* The last checkpoint is near: what is under way is given up. */
void reload_give_up(struct daemon *d);
/* Begins to end; false: nothing is to be waited for, else daemon_next_stage follows. */
bool reload_stop(struct daemon *d);
/* Frees what is left; after the loop has ended. */
void reload_close(struct daemon *d);

/* For swap.c: the files of the settings in force are watched; something that is waited for at the
 * end has gone. */
void reload_watch(struct daemon *d);
void reload_stopped(struct daemon *d);

/* --- swap.c -------------------------------------------------------------------------------------
 */

/* Puts r->next in force, with r->core and r->sink where these change. ERR_NOMEM, ERR_STATE: nothing
 * has changed. */
enum err swap_make(struct daemon *d);
/* A chore: cores and plants whose last reader is gone are freed, off the loop. */
void swap_retire(struct daemon *d);
void swap_close_sink(struct daemon *d, struct sink *sink);

#endif
