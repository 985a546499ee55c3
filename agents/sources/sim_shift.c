/* Which shift a moment belongs to. A shift that crosses midnight belongs to its start date. */
#include "sources/sim_plant.h"

#include "base/utc.h"

enum { DAY_MIN = 1440 };

static const struct sim_shift_conf three_shifts[] = {{360, 840}, {840, 1320}, {1320, 360}};

/* Minutes since the span's start, or -1 outside of it. */
static int64_t inside(const struct sim_shift_conf *s, int64_t minute) {
    const int64_t into = (minute - s->start_min + DAY_MIN) % DAY_MIN;
    int64_t length = (s->end_min - s->start_min + DAY_MIN) % DAY_MIN;

    if (length == 0)
        length = DAY_MIN;
    return into < length ? into : -1;
}

static bool in_break(const struct sim_conf *c, int64_t minute) {
    for (size_t i = 0; i < c->break_n; i++)
        if (inside(&c->breaks[i], minute) >= 0)
            return true;
    return false;
}

static void find(const struct sim_conf *c, int64_t local_min, struct sim_shift_now *now) {
    const struct sim_shift_conf *shifts = c->shift_n > 0 ? c->shifts : three_shifts;
    const size_t n = c->shift_n > 0 ? c->shift_n : 3;
    const int64_t day = local_min / DAY_MIN;
    const int64_t minute = local_min % DAY_MIN;

    *now = (struct sim_shift_now){.minute = local_min, .shift = SIZE_MAX};
    for (size_t i = 0; i < n; i++) {
        const int64_t into = inside(&shifts[i], minute);
        if (into < 0)
            continue;
        const int64_t start_day = into > minute ? day - 1 : day;
        /* 1970-01-01 was a Thursday, three days after a Monday. */
        if ((start_day + 3) % 7 >= c->work_days)
            continue;
        now->shift = i;
        now->week = (start_day + 3) / 7;
        now->start_ms = (local_min - into) * UTC_MINUTE_MS;
        now->in_break = in_break(c, minute);
        now->working = !now->in_break;
        return;
    }
}

void sim_shift_find(const struct sim_conf *c, int64_t t_ms, struct sim_shift_now *now) {
    const int64_t local_min = t_ms / UTC_MINUTE_MS + c->offset_min;

    if (local_min != now->minute)
        find(c, local_min, now);
}
