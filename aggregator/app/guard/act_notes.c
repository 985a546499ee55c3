/* Notes of what was done, until the core writes down what it was. A note that went ahead would tell
 * of an act that a crash undid; one that came behind would be missing of an act that stands. */
#include <stdlib.h>

#include "guard/guard_impl.h"

void guard_note_act(struct guard *g, const struct actor *by, int64_t now_ms, const char *what,
                    const char *detail, enum guard_act act, uint64_t n) {
    struct act_note **at = &g->act_notes, *note = calloc(1, sizeof *note);
    if (!note || guard_new_event(g, by, now_ms, what, detail, &note->event)) {
        g->stats.events_lost++;
        free(note);
        return;
    }
    note->act = act;
    note->n = n;
    while (*at)
        at = &(*at)->next;
    *at = note;
}

enum err guard_join(struct guard *g, struct store_tx *tx, const uint64_t handed[GUARD_ACT_COUNT]) {
    struct act_note **at = &g->act_notes;
    enum err err = ERR_OK;
    bool any = false;
    while (*at && !err) {
        struct act_note *note = *at;
        if (note->n > handed[note->act]) {
            at = &note->next;
            continue;
        }
        err = guard_put_event(tx, &note->event);
        if (err)
            break;
        any = true;
        *at = note->next;
        free(note);
    }
    return any && !err ? guard_put_last(g, tx) : err;
}
