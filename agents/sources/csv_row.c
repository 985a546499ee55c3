#include "sources/csv_row.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/decimal.h"

void csv_fault_set(struct csv_fault *fault, const char *reason, uint64_t line, int column,
                   const char *fmt, ...) {
    va_list ap;
    int n = snprintf(fault->place, sizeof fault->place, "line %llu", (unsigned long long)line);

    if (column != CSV_NO_COLUMN)
        n += snprintf(fault->place + n, sizeof fault->place - (size_t)n, ", column %d", column + 1);
    va_start(ap, fmt);
    (void)vsnprintf(fault->place + n, sizeof fault->place - (size_t)n, fmt, ap);
    va_end(ap);
    fault->reason = reason;
}

static struct span field_at(const struct csv_fields *f, int place) {
    return place >= 0 && (size_t)place < f->n ? f->at[place] : span_of("", 0);
}

/* The texts of the time columns, joined by blanks. */
static bool time_text(const struct csv_plan *p, const struct csv_fields *f, char *out, size_t room,
                      size_t *n) {
    *n = 0;
    for (size_t i = 0; i < p->conf->time_column_n && i < CSV_TIME_MAX; i++) {
        const struct span text = field_at(f, p->time[i]);
        if (text.n + 1 >= room - *n)
            return false;
        if (i > 0)
            out[(*n)++] = ' ';
        if (text.n > 0)
            memcpy(out + *n, text.p, text.n);
        *n += text.n;
    }
    return true;
}

static enum err stamp_of(const struct csv_plan *p, const struct csv_fields *f,
                         const struct csv_past *past, int64_t *stamp_ms, struct csv_fault *fault) {
    char text[128];
    size_t n;

    if (p->stamp.form == STAMP_ROW) {
        *stamp_ms = p->stamp.epoch_ms + past->rows * p->conf->period_ms;
        return ERR_OK;
    }
    if (time_text(p, f, text, sizeof text, &n)) {
        const struct span s = span_of(text, n);
        const size_t blanks = p->conf->time_column_n > 0 ? p->conf->time_column_n - 1 : 0;
        if (n == blanks && p->conf->missing_time == CSV_MISSING_PREVIOUS &&
            past->end_ms != INT64_MIN)
            return ERR_NOT_FOUND;
        const bool rising = p->conf->order == CSV_RISING;
        if (stamp_parse(&p->stamp, s, rising ? past->stamp_ms : INT64_MIN, stamp_ms) == ERR_OK)
            return ERR_OK;
    }
    csv_fault_set(fault, "time", f->line, p->time[0], " (%s): expected a time as %s",
                  p->conf->time_columns[0], p->conf->format);
    return ERR_FORMAT;
}

/* Length by the duration column or the period; ERR_FORMAT with *fault. */
static enum err length_of(const struct csv_plan *p, const struct csv_fields *f, int64_t *ms,
                          struct csv_fault *fault) {
    const struct quantity number = {.decimals = 6, .decimal_comma = p->conf->decimal == ','};
    int64_t micro;

    *ms = p->conf->period_ms;
    if (p->duration == CSV_NO_COLUMN)
        return ERR_OK;
    if (quantity_amount(&number, field_at(f, p->duration), &micro) == ERR_OK && micro >= 0 &&
        decimal_scale(micro, p->conf->duration_unit_ms, 1000000, ms) == ERR_OK &&
        *ms <= 3660 * UTC_DAY_MS)
        return ERR_OK;
    csv_fault_set(fault, "time", f->line, p->duration, " (%s): expected a length",
                  p->conf->duration_column);
    return ERR_FORMAT;
}

static enum err span_of_row(const struct csv_plan *p, const struct csv_fields *f,
                            struct csv_time *out, struct csv_fault *fault) {
    int64_t length;

    out->start_ms = out->end_ms = out->stamp_ms;
    if (p->conf->rows == CSV_SAMPLES)
        return ERR_OK;
    if (p->end != CSV_NO_COLUMN) {
        if (stamp_parse(&p->stamp, field_at(f, p->end), INT64_MIN, &out->end_ms) != ERR_OK) {
            csv_fault_set(fault, "time", f->line, p->end, " (%s): expected a time as %s",
                          p->conf->end_column, p->conf->format);
            return ERR_FORMAT;
        }
    } else {
        const enum err e = length_of(p, f, &length, fault);
        if (e != ERR_OK)
            return e;
        if (p->conf->stamp == CSV_STAMP_END)
            out->start_ms -= length;
        else
            out->end_ms += length;
    }
    if (out->end_ms >= out->start_ms)
        return ERR_OK;
    csv_fault_set(fault, "time", f->line, p->end, ": expected an end that is not before the start");
    return ERR_FORMAT;
}

enum err csv_row_time(const struct csv_plan *p, const struct csv_fields *f,
                      const struct csv_past *past, struct csv_time *out, struct csv_fault *fault) {
    struct csv_time t;
    enum err e = stamp_of(p, f, past, &t.stamp_ms, fault);

    if (e == ERR_NOT_FOUND) {
        *out = (struct csv_time){past->stamp_ms, past->end_ms, past->end_ms};
        return ERR_OK;
    }
    if (e == ERR_OK)
        e = span_of_row(p, f, &t, fault);
    if (e == ERR_OK)
        *out = t;
    return e;
}

/* Where a column's message points to: itself, or its tag. */
static enum err value_fault(const struct csv_column *k, const struct csv_fields *f, bool tag,
                            struct csv_fault *fault) {
    csv_fault_set(fault, "value", f->line, tag ? k->tag : k->index, " (%s): expected %s",
                  tag ? k->conf->tag : k->conf->column,
                  tag ? "a code or a word of the map" : quantity_expects(&k->quantity));
    return ERR_FORMAT;
}

static enum err amount_value(const struct csv_column *k, const struct csv_fields *f,
                             const struct csv_time *time, struct span text, struct reading *r,
                             struct csv_fault *fault) {
    int64_t amount = 0, tag = 0;
    const int64_t length = k->quantity.type == POINT_INTERVAL ? time->end_ms - time->start_ms : 0;

    if (k->index == CSV_NO_COLUMN)
        amount = k->quantity.type == POINT_INTERVAL ? length : 1;
    else if (quantity_amount(&k->quantity, text, &amount) != ERR_OK)
        return value_fault(k, f, false, fault);
    if (k->tag != CSV_NO_COLUMN && quantity_code(&k->quantity, field_at(f, k->tag), &tag) != ERR_OK)
        return value_fault(k, f, true, fault);
    r->v = (struct value){.kind = VALUE_AMOUNT, .as.span = {amount, length, tag}};
    return ERR_OK;
}

enum err csv_row_value(const struct csv_plan *p, const struct csv_column *k,
                       const struct csv_fields *f, const struct csv_time *time, struct reading *r,
                       struct csv_fault *fault) {
    const bool spans = k->quantity.type == POINT_INTERVAL || k->quantity.type == POINT_EVENT;
    const bool at_end = spans || k->conf->at == CSV_STAMP_END;
    struct span text = field_at(f, k->index);

    *r = (struct reading){.quality = QUALITY_GOOD, .t_ms = at_end ? time->end_ms : time->start_ms};
    if (k->index != CSV_NO_COLUMN && text.n == 0) {
        if (k->conf->empty == CSV_EMPTY_SKIP)
            return ERR_NOT_FOUND;
        if (k->conf->empty == CSV_EMPTY_BAD) {
            batch_bad(r, BATCH_WHY_UNAVAILABLE);
            return ERR_OK;
        }
        text = span_str(k->quantity.type == POINT_STATE ? "" : "0");
    }
    if (csv_plan_bad_word(p, text)) {
        batch_bad(r, BATCH_WHY_UNAVAILABLE);
        return ERR_OK;
    }
    if (spans)
        return amount_value(k, f, time, text, r, fault);
    if (quantity_value(&k->quantity, text, &r->v) != ERR_OK)
        return value_fault(k, f, false, fault);
    return ERR_OK;
}
