/* Terms of commissioning: from when on, and until when. Cells are minutes, so both are. */
#include "base/utc.h"
#include "plantfile/build.h"

static void check_minute(struct build *b, const char *key, int64_t t_ms, struct conf_pos pos) {
    const int64_t minute = utc_floor(t_ms, UTC_MINUTE_MS);
    char given[UTC_TEXT], before[UTC_TEXT];
    if (minute == t_ms)
        return;
    utc_format(t_ms, given);
    utc_format(minute, before);
    conf_report_at(b->report, pos, "commissioning: %s is %s, no full minute: write %s", key, given,
                   before);
}

struct plant_term build_term(struct build *b, const struct term_row *row, bool again) {
    const struct plant_term out = {row->since_given ? row->since_ms : INT64_MIN,
                                   row->accepted_given ? row->accepted_ms : INT64_MAX};
    if (again)
        return out;
    if (row->since_given)
        check_minute(b, "since", out.from_ms, row->since_pos);
    if (row->accepted_given)
        check_minute(b, "accepted", out.to_ms, row->accepted_pos);
    if (out.from_ms >= out.to_ms)
        conf_report_at(b->report, row->accepted_pos,
                       "commissioning: accepted must lie behind since: it counts from then on");
    return out;
}
