/* Rules of alerts by the API: shown as their files have them, a draft checked, one changed in its
 * file on a thread of the loop's pool and put in force by a reload. One change at a time: who has
 * an older edition before him is refused, nothing is overwritten. */
#ifndef PB_DAEMON_RULES_H
#define PB_DAEMON_RULES_H

#include <uv.h>

#include "access/people.h"
#include "alertfile/alertfile.h"
#include "web/web.h"

struct daemon;

enum { RULES_WHY_MAX = 200, RULES_DETAIL = 400 };

struct rules {
    struct daemon *d;
    enum { RULES_IDLE, RULES_WRITING, RULES_LOADING } step;
    bool working; /* the worker has what follows */
    uint64_t ticket;
    int64_t done_mono_ms; /* 0: not done; nobody fetches the answer for ever */
    uv_work_t work;
    char settings_path[1024], folder[1024], file[IDENT_MAX + 8];
    uint64_t in_force; /* settings.print when it was asked for */
    struct ident rule;
    struct buf body;
    struct alertfile_change change;
    enum err err;
    bool differs; /* files are others than what runs */
    char why_not[RULES_DETAIL];
    struct actor by;
    char what[24], detail[481]; /* for the audit */
    uint64_t reload;            /* number of the reload that puts it in force */
};

/* POST alerts/rules {"action": "save" | "delete", "rule": id, "text": its map, "file": of a new
 * one, "why": the reason}, If-Match or If-None-Match. */
enum err rules_command(struct daemon *d, struct web_command *command);
/* POST alerts/rules/check {"rule": id, "text": its map}: what is wrong with it and where. */
enum err rules_check(struct daemon *d, struct web_command *command);
void rules_fini(struct rules *r);

/* rules_view.c: what is told of them. */
enum err rules_view(void *user, struct web_rules_ask *ask, struct buf *out);
void rules_etag(struct span text, char out[24]);
/* NULL: it is not in force. */
const struct alertfile_place *rules_find(const struct daemon *d, const struct ident *rule,
                                         const struct alert_rule **found);
/* A draft as a file of rules, read for the plant in force, recipients too. ERR_CONFIG: the report
 * has what is wrong; ERR_NOMEM. */
enum err rules_draft(const struct daemon *d, const struct ident *rule, struct span body,
                     struct conf_report *report, struct alertfile **out);
enum err rules_view_check(const struct daemon *d, const struct ident *rule, struct span body,
                          struct buf *out);

#endif
