/* Builders for the wire tests: points, readings and whole records with everything in them. */
#ifndef PB_TEST_WIRE_SAMPLE_H
#define PB_TEST_WIRE_SAMPLE_H

#include "wire/batch.h"

enum { SAMPLE_READINGS = 12 };

struct point sample_point(uint16_t id);
struct reading sample_int(uint16_t point, int64_t t_ms, int64_t v);
/* One reading of each kind and width, times around t_ms; i < SAMPLE_READINGS. */
struct reading sample_reading(unsigned i, int64_t t_ms);
bool sample_equal(const struct reading *a, const struct reading *b);
/* A record of the kind with readings, asofs and points where they are allowed, appended to out. */
void sample_record(enum batch_kind kind, struct buf *out);
/* Parses and walks to the end, counting; true if it was accepted. */
bool sample_walk(struct span frame);

#endif
