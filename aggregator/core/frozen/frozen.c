/* A file of frozen baselines holds one JSON object a line, the oldest first; the last one is in
 * force. Lines are never changed: a new baseline is a line behind them, so that a file tells who
 * changed what, when and why. It is written whole beside the old one and renamed over it, so that a
 * crash leaves one or the other. A line has (all keys required):
 *
 *   format     1                          when, who, reason   of the act
 *   node, grain, zone, profile            as asked for; zone "" = none was said
 *   from, to   the reference period       drivers, parts      lists of texts
 *   terms      coefficients: base load in kWh per hour, then kWh per unit of each driver
 *   s_kwh, r2  for people; worked out anew when read
 *   part_terms parts with the node itself first x groups of states x terms
 *   rows       label, start, end, time_h, energy_kwh, drivers of each period
 *
 * At most 100,000 rows; numbers are the shortest texts that read back as the same double. */
#include "frozen/frozen.h"

#include <stdio.h>
#include <stdlib.h>

#include "json/json_writer.h"

enum { FORMAT = 1 };

/* --- fitting ------------------------------------------------------------------------------------
 */

static enum err fit_part(struct frozen *r, size_t part, size_t group, double *energy) {
    struct baseline_rows rows = energy_rows_view(&r->rows);
    for (size_t i = 0; i < rows.n; i++)
        energy[i] = energy_rows_part(&r->rows, i, part)[group];
    rows.energy_kwh = energy;
    return baseline_part(&rows, r->part[part][group]);
}

static enum err fit_parts(struct frozen *r) {
    double *energy = calloc(r->rows.n, sizeof *energy);
    enum err err = energy ? ERR_OK : ERR_NOMEM;
    for (size_t p = 0; p < r->rows.part_n && !err; p++)
        for (size_t g = 0; g < ENERGY_GROUP_COUNT && !err; g++)
            err = fit_part(r, p, g, energy);
    free(energy);
    return err;
}

enum err frozen_fit(struct frozen *r, struct baseline_wrong *wrong) {
    struct baseline_rows rows = energy_rows_view(&r->rows);
    enum err err = baseline_fit(&rows, &r->model, wrong);
    return err ? err : fit_parts(r);
}

void frozen_say_wrong(const struct energy_spec *s, const struct energy_rows *rows,
                      const struct baseline_wrong *wrong, char why[ENERGY_WHY]) {
    const struct energy_driver *d =
        wrong->term > 0 && wrong->term <= s->driver_n ? &s->driver[wrong->term - 1] : NULL;
    const char *name = d ? d->text : "the base load";
    switch (wrong->fault) {
    case BASELINE_FEW_ROWS:
        (void)snprintf(why, ENERGY_WHY, "%zu rows are too few for %zu drivers; at least %.0f",
                       rows->n, s->driver_n, wrong->value);
        return;
    case BASELINE_NO_NUMBER:
        (void)snprintf(why, ENERGY_WHY, "the row %.40s has a value that is no number",
                       wrong->term < rows->n ? rows->label[wrong->term] : "?");
        return;
    case BASELINE_DEPENDENT:
        (void)snprintf(why, ENERGY_WHY,
                       "%s follows from the other drivers or is 0 in every row; leave it out",
                       name);
        return;
    case BASELINE_NEGATIVE:
        (void)snprintf(why, ENERGY_WHY,
                       "the coefficient of %s is negative (%.6g kWh per %s); a baseline may not "
                       "save energy by it: leave it out or choose other drivers",
                       name, wrong->value, d ? energy_driver_unit(d) : "hour");
        return;
    case BASELINE_NO_FAULT:
        break;
    }
    (void)snprintf(why, ENERGY_WHY, "out of memory");
}

/* --- writing ------------------------------------------------------------------------------------
 */

static void put_text(struct json_writer *w, const char *key, const char *text) {
    json_writer_key(w, key);
    json_writer_text(w, text);
}

static void put_time(struct json_writer *w, const char *key, int64_t t_ms) {
    char text[UTC_TEXT];
    utc_format(t_ms, text);
    put_text(w, key, text);
}

static void put_real(struct json_writer *w, const char *key, double v) {
    json_writer_key(w, key);
    json_writer_real(w, v);
}

static void put_reals(struct json_writer *w, const double *v, size_t n) {
    json_writer_begin_array(w);
    for (size_t i = 0; i < n; i++)
        json_writer_real(w, v[i]);
    json_writer_end_array(w);
}

static void put_spec(struct json_writer *w, const struct energy_spec *s) {
    put_text(w, "node", s->node.s);
    put_text(w, "grain", energy_grain_name(s->grain));
    json_writer_key(w, "drivers");
    json_writer_begin_array(w);
    for (size_t i = 0; i < s->driver_n; i++)
        json_writer_text(w, s->driver[i].text);
    json_writer_end_array(w);
    json_writer_key(w, "parts");
    json_writer_begin_array(w);
    for (size_t i = 0; i < s->part_n; i++)
        json_writer_text(w, s->part[i].s);
    json_writer_end_array(w);
}

static void put_model(struct json_writer *w, const struct frozen *r) {
    size_t terms = r->model.driver_n + 1;
    double value[FIT_COLUMNS_MAX];
    for (size_t i = 0; i < terms; i++)
        value[i] = r->model.term[i].value;
    json_writer_key(w, "terms");
    put_reals(w, value, terms);
    put_real(w, "s_kwh", r->model.s_kwh);
    put_real(w, "r2", r->model.r2);
    json_writer_key(w, "part_terms");
    json_writer_begin_array(w);
    for (size_t p = 0; p < r->rows.part_n; p++) {
        json_writer_begin_array(w);
        for (size_t g = 0; g < ENERGY_GROUP_COUNT; g++)
            put_reals(w, r->part[p][g], terms);
        json_writer_end_array(w);
    }
    json_writer_end_array(w);
}

static void put_rows(struct json_writer *w, const struct energy_rows *rows) {
    json_writer_key(w, "rows");
    json_writer_begin_array(w);
    for (size_t i = 0; i < rows->n; i++) {
        json_writer_begin_object(w);
        put_text(w, "label", rows->label[i]);
        put_time(w, "start", rows->start_ms[i]);
        put_time(w, "end", rows->end_ms[i]);
        put_real(w, "time_h", rows->time_h[i]);
        put_real(w, "energy_kwh", rows->energy_kwh[i]);
        json_writer_key(w, "drivers");
        put_reals(w, rows->driver + i * rows->driver_n, rows->driver_n);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

enum err frozen_format(const struct frozen *r, struct buf *out) {
    struct json_writer w;
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    json_writer_key(&w, "format");
    json_writer_int64(&w, FORMAT);
    put_time(&w, "when", r->when_ms);
    put_text(&w, "who", r->who);
    put_text(&w, "reason", r->reason);
    put_spec(&w, &r->spec);
    put_text(&w, "zone", r->zone);
    put_text(&w, "profile", baseline_profile(r->profile)->name);
    put_time(&w, "from", r->from_ms);
    put_time(&w, "to", r->to_ms);
    put_model(&w, r);
    put_rows(&w, &r->rows);
    json_writer_end_object(&w);
    enum err err = json_writer_finish(&w);
    return err ? err : buf_add_byte(out, '\n');
}
