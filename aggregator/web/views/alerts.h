/* Alerts as JSON: those that stand, what happened, how the alarm system itself does; commands. */
#ifndef PB_VIEWS_ALERTS_H
#define PB_VIEWS_ALERTS_H

#include "views/history.h"
#include "views/views.h"
#include "json/json.h"

struct view_alerts { /* what is asked for */
    uint32_t node;   /* it and those below; UINT32_MAX: all */
    bool all;        /* those that are normal, too */
    size_t limit;
};
/* An object with `alerts`: rule, node, state, severity, age, value, threshold, texts, the loudest
 * and the longest active first; and how many there are by state. */
enum err view_alerts(struct json_writer *w, const struct core *core, const struct view_alerts *ask,
                     int64_t now_ms);
void view_alert_event(struct json_writer *w, const struct alert_event *e);

/* A command from JSON: act, rule, node, who, note, until (a time) or minutes. The texts are the
 * tree's. ERR_FORMAT, ERR_NOMEM: *why is a sentence. */
enum err view_alert_read(struct span json, int64_t now_ms, struct json_value **root,
                         struct alert_command *out, char why[160]);

/* What of the present belongs to the figures; copied, for another thread. */
void view_alarms_now(const struct core *core, int64_t now_ms, struct view_alarms_now *out);
/* From STORE_EVENT: what happened, newest first; figures of a span. Errors of the reader;
 * ERR_NOMEM. */
enum err view_past_alerts(const struct view_history *ask, const struct history_reader *r,
                          struct buf *out);
enum err view_past_figures(const struct view_history *ask, const struct history_reader *r,
                           struct buf *out);
/* alert_letters.c: dead letters of channels, by channel and number. Errors of the reader;
 * ERR_NOMEM. */
enum err view_past_letters(const struct view_history *ask, const struct history_reader *r,
                           struct buf *out);

#endif
