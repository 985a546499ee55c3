/* Small writers that the views share: one key with one value each. */
#ifndef PB_VIEWS_FIELD_H
#define PB_VIEWS_FIELD_H

#include "json/json_writer.h"

void field_text(struct json_writer *w, const char *key, const char *text); /* NULL: null */
void field_span(struct json_writer *w, const char *key, struct span text); /* n = 0: null */
void field_int(struct json_writer *w, const char *key, int64_t v);
void field_count(struct json_writer *w, const char *key, uint64_t v); /* capped at INT64_MAX */
void field_bool(struct json_writer *w, const char *key, bool v);
void field_real(struct json_writer *w, const char *key, double v, bool defined);
/* Two members: `key` as ISO 8601 UTC and `key`_ms; INT64_MIN: both null. */
/* v of base units with so many decimal places. */
void field_decimal(struct json_writer *w, const char *key, int64_t v, int places);
void field_time(struct json_writer *w, const char *key, int64_t t_ms);
/* NAN: null. */
void field_measured(struct json_writer *w, const char *key, double v);
void field_object(struct json_writer *w, const char *key);
void field_array(struct json_writer *w, const char *key);

#endif
