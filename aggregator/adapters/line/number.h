/* Numbers as text, fast: the shortest decimal that reads back as the same double, and integers. It
 * knows finite numbers only. */
#ifndef PB_LINE_NUMBER_H
#define PB_LINE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum { NUMBER_TEXT = 32 };

/* Both give the length; the text is not NUL-terminated. */
size_t number_int(int64_t v, char text[NUMBER_TEXT]);
size_t number_real(double x, char text[NUMBER_TEXT]);

#endif
