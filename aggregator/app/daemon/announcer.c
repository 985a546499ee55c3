#include "daemon/announcer.h"

#include <stdio.h>

#include "base/log.h"
#include "base/utc.h"
#include "daemon/daemon_impl.h"

enum { LOOK_EVERY_MS = 1000, AGAIN_AFTER_MS = 600000 };

void announcer_set(struct core *c, const struct notify_norms_conf *conf) {
    struct core_announcing a = {.steps = conf->steps,
                                .answers = conf->answers,
                                .verdicts = conf->verdicts,
                                .neglected = conf->neglected,
                                .ahead_ms = conf->ahead_ms};
    for (; a.to_n < conf->to_n && a.to_n < ALERT_RECIPIENTS_MAX; a.to_n++)
        a.to[a.to_n] = conf->to[a.to_n];
    core_set_announcing(c, &a);
}

/* On the archive's thread. */
static enum err step(void *user, const struct history_reader *r, bool *more) {
    struct announcer *a = &((struct daemon *)user)->announcer;
    *more = false;
    announce_findings_fini(&a->found);
    return announce_review(&a->conf, a->plant, r, a->to_ms, a->verdicts, a->neglected, &a->found);
}

static void on_done(void *user, enum err err) {
    struct daemon *d = user;
    d->announcer.err = err;
    d->announcer.working = false;
    d->announcer.worked = true;
    daemon_wake(d);
}

static void begin(struct daemon *d, struct core_now now) {
    struct announcer *a = &d->announcer;
    const struct core_announcing *conf = core_announcing(d->core);
    a->next_mono_ms = now.mono_ms + LOOK_EVERY_MS;
    if (!core_review_due(d->core, now, &a->to_ms))
        return;
    a->verdicts = conf->verdicts;
    a->neglected = conf->neglected;
    a->conf = *core_norm_conf(d->core);
    a->plant = d->plant;
    a->working = archive_run(d->archive, step, on_done, d) == ERR_OK;
}

/* What was found may be of a core that another one has followed: it goes by names and times. */
static void hand_over(struct daemon *d, struct core_now now) {
    struct announcer *a = &d->announcer;
    char to[UTC_TEXT];
    const enum err err = a->err ? a->err : core_on_review(d->core, &a->found, now);
    utc_format(a->to_ms, to);
    if (err) {
        log_event(d->log, LOG_WARN, "norm_review_failed", "to=%s err=%s", to, err_name(err));
        a->next_mono_ms = now.mono_ms + AGAIN_AFTER_MS;
    } else {
        log_event(d->log, a->found.left_out ? LOG_WARN : LOG_INFO, "norm_review",
                  "to=%s told=%zu left_out=%zu", to, a->found.n, a->found.left_out);
    }
    announce_findings_fini(&a->found);
    a->worked = false;
}

bool announcer_turn(struct daemon *d, struct core_now now) {
    struct announcer *a = &d->announcer;
    if (d->stopping || !d->archive || a->working || reload_holds(d))
        return false;
    if (a->worked)
        hand_over(d, now);
    else if (now.mono_ms >= a->next_mono_ms)
        begin(d, now);
    return false;
}

void announcer_fini(struct announcer *a) {
    announce_findings_fini(&a->found);
}
