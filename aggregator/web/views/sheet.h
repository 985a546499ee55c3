/* Tables as files: rows of a JSON answer as CSV for programs (RFC 4180, base units, UTC), and any
 * such CSV as a sheet for people: what a spreadsheet of the reader's country opens by a double
 * click. It reads no store and knows no route. */
#ifndef PB_VIEWS_SHEET_H
#define PB_VIEWS_SHEET_H

#include "base/buf.h"
#include "plant/plant.h"

enum sheet_locale { SHEET_NONE, SHEET_EN, SHEET_VI, SHEET_LOCALE_COUNT };
/* "en", "vi"; SHEET_LOCALE_COUNT: there is no such one. */
enum sheet_locale sheet_locale_find(const char *name);

/* The elements of an answer's array, a line each. columns: names with blanks between them; "a.b" is
 * member b of a; a list is its texts with blanks between them. */
struct sheet_rows {
    const char *array, *columns;
};
/* Replaces *json, an answer, by its CSV. *next: the answer's `next` as text, "": none. ERR_FORMAT:
 * it is no such answer; ERR_NOMEM. */
enum err sheet_rows(const struct sheet_rows *rows, struct buf *json, char next[64]);

struct sheet {
    enum sheet_locale locale; /* SHEET_NONE: all stays as it is */
    const struct plant *plant;
    const char *times; /* columns that are times besides those that always are; NULL: none */
    const char *unit;  /* of the columns mean, least and greatest; NULL: none */
    bool rooms; /* columns are a room's own: of what they are called, none is a sum of windows,
                 * and start and end alone are times */
};
/* Replaces *csv by the sheet: UTF-8 with its mark, lines that end with CR LF, the locale's
 * separator and decimal mark, amounts in kWh, s, kg and pieces, times as the site's clock has them
 * with the offset beside, and nothing that people wrote taken for a formula. Columns of what the
 * plant does not have are left out. Exact: no digit of an amount is lost. ERR_NOMEM. O(bytes). */
enum err sheet_of(const struct sheet *sheet, struct buf *csv);

#endif
