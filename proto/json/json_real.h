/* A double as the shortest decimal text that reads back as the same double. It knows finite numbers
 * only: what NaN and infinity become is its caller's choice. */
#ifndef PB_JSON_JSON_REAL_H
#define PB_JSON_JSON_REAL_H

enum { JSON_REAL_TEXT = 40 };

/* x (in any unit) finite; NUL-terminated, legal as a JSON number. */
void json_real_format(double x, char text[JSON_REAL_TEXT]);

#endif
