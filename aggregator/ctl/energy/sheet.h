/* A text of delimited records with a header, record by record, and numbers and times in it. It
 * gives columns no meaning; complaints name file and line. */
#ifndef PB_ENERGY_SHEET_H
#define PB_ENERGY_SHEET_H

#include "frozen/spec.h"
#include "sources/csv_reader.h"

struct sheet {
    const char *file; /* borrowed, for complaints */
    struct span left; /* what was not fed yet */
    struct csv_reader reader;
    struct buf head; /* names, each with a NUL behind it */
    size_t column_n;
    struct span *field; /* of the record at hand; owned */
    size_t field_n;
    char *why; /* ENERGY_WHY bytes, the caller's */
};

enum sheet_taken { SHEET_TAKEN, SHEET_END, SHEET_WRONG };

/* Reads the header. False with a complaint in why; sheet_close() in any case. */
bool sheet_open(struct sheet *t, const char *file, struct span text, char why[ENERGY_WHY]);
void sheet_close(struct sheet *t);
/* The next record that is not empty; one with another number of fields is a mistake. */
enum sheet_taken sheet_take(struct sheet *t);
/* Index of a column, or column_n. */
size_t sheet_find(const struct sheet *t, const char *name);
const char *sheet_name(const struct sheet *t, size_t column);
struct span sheet_field(const struct sheet *t, size_t column);
/* False with a complaint. An empty field is no number. */
bool sheet_real(struct sheet *t, size_t column, double *out);
bool sheet_time(struct sheet *t, size_t column, int64_t *out_ms);
/* Complains of the record at hand; gives false. */
__attribute__((format(printf, 2, 3))) bool sheet_complain(struct sheet *t, const char *fmt, ...);

#endif
