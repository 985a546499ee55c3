/* The daemon's state, for the files of this room only: daemon.c runs it, daemon_open.c makes and
 * unmakes it. */
#ifndef PB_DAEMON_DAEMON_IMPL_H
#define PB_DAEMON_DAEMON_IMPL_H

#include <uv.h>

#include "archive/archive.h"
#include "bus/bus.h"
#include "daemon/announcer.h"
#include "daemon/daemon.h"
#include "daemon/giveback.h"
#include "daemon/notices.h"
#include "daemon/publish.h"
#include "daemon/reload.h"
#include "daemon/rules.h"
#include "daemon/teams.h"
#include "daemon/trial.h"
#include "engine/core.h"
#include "guard/guard.h"
#include "outbox/outbox.h"
#include "web/web.h"

/* What is being stopped; each waits for the one before. */
enum daemon_stage {
    STAGE_RUN,
    STAGE_RELOAD,
    STAGE_BUS,
    STAGE_WEB,
    STAGE_ARCHIVE,
    STAGE_GUARD,
    STAGE_NOTICES,
    STAGE_SINK,
    STAGE_STORE,
    STAGE_HANDLES,
    STAGE_OVER
};

struct daemon {
    struct settings *settings;      /* in force; owned */
    const struct daemon_conf *conf; /* of them, as all that follows */
    const struct plant *plant;
    struct log *log;
    uv_loop_t loop;
    uv_timer_t turn;
    uv_signal_t sigterm, sigint, sighup;
    uv_prepare_t before_wait; /* the chores, and how long a turn held the loop */
    uv_idle_t busy;           /* active: the loop does not wait, for chores are left */
    unsigned chore, quiet;    /* the next one; how many in a row had nothing more to do */
    bool web_more;            /* pages are half rendered */
    bool web_due;             /* something may have changed since the pages were told */
    int64_t web_mono_ms;      /* when they were */
    int lock_fd;
    struct store *store;
    struct archive *archive; /* reads what the store holds */
    struct bus *bus;
    struct core *core;
    struct guard *guard;
    struct web *web;
    struct sink *sink;     /* NULL: no database */
    struct outbox *outbox; /* made once there is a database; stays when there is none any more */
    struct view_sink view_sink; /* as last shown */
    struct notices notices;
    struct publisher_state publish;
    struct store_tx *held; /* a commit the store had no room for */
    uint64_t held_id;
    struct buf sealed; /* the ack being sent */
    bool bus_up, stopping;
    enum daemon_stage stage;
    int64_t started_mono_ms;
    uint64_t loop_max_us; /* longest turn of the loop */
    struct metric_histogram loop_turns, loop_cpu, checkpoints, acks;
    struct view_process process;                  /* as last shown */
    struct view_configuration view_configuration; /* the same */
    struct reload reload;
    struct trials trials;
    struct rules rules;
    struct teams teams;
    struct announcer announcer;
    struct giveback giveback;
    int64_t measured_mono_ms, resident_bytes, heap_bytes;
    uint64_t arrived_ns; /* oldest record since a commit was handed over, 0: none */
    uint64_t turn_begun_ns, turn_idle_ns; /* at the end of the turn before */
    int64_t turn_cpu_ns;
    unsigned to_close; /* handles of ours still open */
    int64_t stop_mono_ms;
    enum err failed;
    char path[1024];
};

struct core_now daemon_now(void);
/* Ends the present stage and begins the next that has something to stop. */
void daemon_next_stage(void *daemon);
/* Carries out what the core asks for. */
void daemon_pump(struct daemon *d);
/* What a core and an outbox are told of the configuration. */
struct core_conf daemon_core_conf(const struct settings *s);
struct outbox_conf daemon_outbox_conf(struct daemon *d, const struct database_conf *c);
/* The database; ERR_OK without one: *out is NULL. */
enum err daemon_open_sink(struct daemon *d, const struct database_conf *c, struct sink **out);
/* Bus call-backs. */
struct bus_events daemon_bus_events(struct daemon *d);
/* The timer of turns and the signals, as call-backs for uv. */
void daemon_on_turn(uv_timer_t *timer);
/* Begins a round of chores: tick, pages, database, indicators on the bus. */
void daemon_wake(struct daemon *d);
void daemon_before_wait(uv_prepare_t *prepare);
void daemon_on_signal(uv_signal_t *signal, int number);
/* What the page and the API may ask. */
struct web_source daemon_web_source(struct daemon *d);
enum err daemon_command(void *user, struct web_command *command); /* command.c */
/* Its body, an object with these members only. Owned by the caller, also on failure: json_close. */
struct json_value;
enum err daemon_object(struct web_command *command, const char *const *keys, size_t n,
                       struct json_value **root);
/* people.c: who comes in. */
enum err daemon_open_guard(struct daemon *d, char why[200]);
void daemon_first_link(struct daemon *d);
bool daemon_identify(void *user, const struct web_proof *proof, struct actor *out);
bool daemon_still(void *user, const struct actor *who);
enum err daemon_people(void *user, const struct web_people_ask *ask, struct buf *out);
enum err daemon_people_command(struct daemon *d, struct web_command *command);
/* Whether this command may be given by whoever gives it, at this node ("": of none). */
bool daemon_may(struct daemon *d, struct web_command *command, const char *action,
                const char *node);
/* planned.c: whether whoever plans has seen what stands in the place of it, or wants to know
 * nothing of it; else the command says who has planned what. */
bool daemon_plan_is_seen(const struct daemon *d, struct web_command *command,
                         const struct act *act);
/* The name that events tell: what was said is believed of the machine's owner only. */
struct span daemon_who(const struct web_command *command, struct span said);
/* Writes down that it was done: with number n of what the core has taken, in its transaction; n 0:
 * soon. */
void daemon_note_act(struct daemon *d, const struct web_command *command, const char *action,
                     struct span said, const char *detail, enum guard_act act, uint64_t n);
void daemon_join_notes(struct daemon *d, struct store_tx *tx); /* of a commit of the core */
/* Notes of core and outbox, as log lines. */
void daemon_note(void *user, bool warn, const char *event, const char *detail);

#endif
