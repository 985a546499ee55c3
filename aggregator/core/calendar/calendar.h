/* The calendar of a unit turned into intervals of absolute time: shifts, breaks, planned stops,
 * teams. Pure: same plant, same answer. A shift that crosses midnight belongs to its start date; a
 * day of 23 or 25 hours yields shifts of the true length. */
#ifndef PB_CALENDAR_CALENDAR_H
#define PB_CALENDAR_CALENDAR_H

#include "plant/plant.h"

enum calendar_kind {
    CALENDAR_OFF,    /* no shift: NOT_SCHEDULED */
    CALENDAR_WORK,   /* in a shift */
    CALENDAR_BREAK,  /* a break of a shift: planned */
    CALENDAR_PLANNED /* a planned stop, also outside shifts */
};

struct calendar_piece {
    int64_t from_ms, to_ms;
    uint8_t kind;      /* enum calendar_kind */
    uint32_t shift;    /* index in the calendar's shifts in force, UINT32_MAX: none */
    int32_t shift_day; /* local start date of the shift, days since 1970-01-01 */
    int64_t shift_from_ms, shift_to_ms; /* whole shift; the piece itself if there is none */
    const struct ident *shift_id;       /* NULL: none */
    const struct ident *team;           /* from the rota, NULL: none; valid while the plant is */
};

/* The piece that contains t_ms; to_ms > t_ms always, pieces of a unit tile time without overlap.
 * UINT32_MAX as calendar: WORK for ever, without a shift. Outside shifts pieces end at local
 * midnight at the latest. calendar.c opens with the rules for overlaps and changes. O(shifts). */
struct calendar_piece calendar_at(const struct plant *p, uint32_t calendar, int64_t t_ms);
/* The shift that began on a local date, as people write it: "2026-11-19/early". ERR_FORMAT: it is
 * not written so; ERR_NOT_FOUND: none of that name began then. */
enum err calendar_find_shift(const struct plant *p, uint32_t calendar, struct span text,
                             int64_t *from_ms, int64_t *to_ms);
/* Of the calendars that have its id the one in force at t_ms. NULL: none yet, or UINT32_MAX, or the
 * plant has no time zone. */
const struct plant_calendar *calendar_in_force(const struct plant *p, uint32_t calendar,
                                               int64_t t_ms);
/* Whether no shift starts on that local date. */
bool calendar_is_holiday(const struct plant_calendar *c, int32_t day);
/* Whether a planned stop is on. */
bool calendar_stop_at(const struct plant_calendar *c, int64_t t_ms);
/* Days since 1970-01-01 of the site's local date at t_ms. */
int32_t calendar_day(const struct plant *p, int64_t t_ms);

#endif
