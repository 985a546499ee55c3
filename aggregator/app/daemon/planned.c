/* Two who plan the same: the second one is told of the first. */
#include <stdio.h>

#include "daemon/daemon_impl.h"
#include "engine/plans.h"
#include "views/entry.h"

static bool find_standing(const struct daemon *d, const struct act *act, struct core_act *out) {
    char id[IDENT_MAX + 1];
    if (act->unit.n == 0 || act->unit.n > IDENT_MAX)
        return false;
    (void)snprintf(id, sizeof id, "%.*s", (int)act->unit.n, (const char *)act->unit.p);
    const uint32_t unit = plant_find_unit(d->plant, id);
    return unit != UINT32_MAX && plans_standing(d->core, unit, act, out);
}

static bool refuse(struct web_command *command, int status, const struct core_act *was) {
    const char *me = command->by->local ? "yours" : command->by->name;
    command->status = status;
    (void)snprintf(command->field, sizeof command->field, "if-match");
    if (!was->n)
        (void)snprintf(command->detail, sizeof command->detail,
                       "if-match: the plan that %s would change does not hold any more: read "
                       "/api/v1/entries again, and plan with If-None-Match: * if there is none",
                       me);
    else
        (void)snprintf(command->detail, sizeof command->detail,
                       "if-match: %.*s has planned %.10g pieces of it (entry %llu), which the plan "
                       "of %s would replace unseen: look at it, then send If-Match: \"plan-%llu\"",
                       (int)was->act->who.n, (const char *)was->act->who.p,
                       (double)was->act->value / 1e6, (unsigned long long)was->n, me,
                       (unsigned long long)was->n);
    return false;
}

bool daemon_plan_is_seen(const struct daemon *d, struct web_command *command,
                         const struct act *act) {
    struct core_act was = {0};
    char etag[VIEW_PLAN_ETAG] = "";
    if (act->kind != ACT_PLAN || core_act_knows(d->core, act->key))
        return true;
    if (find_standing(d, act, &was))
        view_plan_etag(was.n, etag);
    if (command->new_only)
        return was.n == 0 || refuse(command, 412, &was);
    switch (etag_check(command->if_match, etag)) {
    case ETAG_SAME:
        return true;
    case ETAG_OTHER:
        return refuse(command, 412, &was);
    case ETAG_MISSING:
        break;
    }
    return was.n == 0 || command->by->local || refuse(command, 428, &was);
}
