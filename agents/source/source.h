/* A source turns one outside thing (a generator, a file, a socket) into points and readings. It
 * never sleeps, knows neither journal nor network of ours, and is driven by whoever owns it: the
 * agent on its loop with the machine's clock, or `plantbus replay` with a clock of its own. */
#ifndef PB_SOURCE_SOURCE_H
#define PB_SOURCE_SOURCE_H

#include "wire/batch.h"

/* What a source may call, only from inside open and poll. All spans are borrowed for the call. */
struct source_out {
    /* Declares a point; *id is valid for the source's life. Allowed at any time (a new point makes
     * the agent write a key frame). p->id and p->source are filled in by the owner. */
    enum err (*add_point)(void *user, const struct point *p, uint16_t *id);
    /* Takes one reading. ERR_FULL: the journal cannot take more now; stop polling and offer the
     * same reading again at the next poll. */
    enum err (*reading)(void *user, const struct reading *r);
    /* Vouches for [since_ms, until_ms]; call after the readings of that time, in every poll that
     * gave readings, also when the last one was answered with ERR_FULL: a batch must vouch for the
     * times of its own readings, or their states are unknown. Before readings that come after a gap
     * it begins a new span, [t, t] of the first of them: they go with that. */
    enum err (*covered)(void *user, int64_t since_ms, int64_t until_ms);
    /* Something was refused (a bad line, a broken row): counted by reason and logged with its
     * place, such as "line 17, column 4: expected a number". */
    void (*refused)(void *user, const char *reason, const char *place);
    /* The bytes a reading was made of, told just before it; NULL: nobody looks at them. */
    void (*raw)(void *user, uint16_t point, struct span bytes);
    /* What a program behind the source says for people: a line of text, for the log; NULL: nobody
     * reads it. */
    void (*said)(void *user, const char *text);
    void *user;
    bool no_clock; /* a replay: now_ms only paces, a reading without a time of its own has none */
};

struct source;

/* How far a source with an end is, that of an import. */
struct source_progress {
    uint64_t done, all; /* bytes of the file */
    uint64_t rows;      /* taken or passed over */
    int64_t until_ms;   /* end of the newest row, by the clock of the readings; INT64_MIN: none */
};

/* What a source tells of itself beside its readings, for whoever looks after it. */
struct source_state {
    char state[16];   /* "" : it has nothing to tell; "connected", "waiting", "failed" ... */
    char detail[200]; /* of the last trouble: what, where, since when */
    uint64_t requests, errors, reconnects;
    int64_t devices, devices_silent; /* 0: it knows none */
};

struct source_ops {
    const char *kind; /* its key in a configuration */
    /* Produces every reading that is due at now_ms (UTC) and returns in *next_ms when to poll
     * again; INT64_MAX: only when fd() is readable; INT64_MIN: nothing will ever come again (end of
     * file). */
    enum err (*poll)(struct source *s, int64_t now_ms, const struct source_out *out,
                     int64_t *next_ms);
    /* Descriptor to watch for reading, or -1. May change after a poll. */
    int (*fd)(const struct source *s);
    /* Where a restart has to go on: a short text kept in the journal by the owner ("" if the source
     * needs none), given back at open. Bounded by 240 bytes. */
    void (*position)(const struct source *s, struct buf *out);
    void (*close)(struct source *s);
    /* NULL, or false: there is no end to come. */
    bool (*progress)(const struct source *s, struct source_progress *out);
    /* NULL: it tells nothing. */
    void (*state)(const struct source *s, struct source_state *out);
};

struct source {
    const struct source_ops *ops;
};

#endif
