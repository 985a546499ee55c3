/* Variants with one rule about positions taken away, to show that the audit can fail. They lie from
 * outside of the code that is tested. */
#ifndef PB_SIMSOURCES_VARIANT_H
#define PB_SIMSOURCES_VARIANT_H

enum variant {
    VARIANT_NONE,
    VARIANT_EARLY,    /* a position is written before the readings up to it */
    VARIANT_LATE,     /* ... with the batch after theirs */
    VARIANT_SWAPPED,  /* a source is given the position of another one of its kind */
    VARIANT_INSTANCE, /* an MTConnect agent's instance says nothing */
    VARIANT_TIMES,    /* the times of messages that were told are forgotten by a restart */
    VARIANT_SKIP,     /* how much of a row was told is forgotten by a restart */
    VARIANT_NO_SYNC,  /* what the disk has not yet is told as synced */
    VARIANT_COUNT
};

static inline const char *variant_name(enum variant v) {
    static const char *const names[VARIANT_COUNT] = {[VARIANT_NONE] = "correct",
                                                     [VARIANT_EARLY] = "position_early",
                                                     [VARIANT_LATE] = "position_late",
                                                     [VARIANT_SWAPPED] = "position_of_another",
                                                     [VARIANT_INSTANCE] = "instance_ignored",
                                                     [VARIANT_TIMES] = "times_forgotten",
                                                     [VARIANT_SKIP] = "row_begun_anew",
                                                     [VARIANT_NO_SYNC] = "no_sync"};
    return v < VARIANT_COUNT ? names[v] : "";
}

#endif
