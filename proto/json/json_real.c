#include "json/json_real.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* In the normal range no two decimals of at most DBL_DIG = 15 digits are the same double, so if 15
 * digits read back, the shortest text is those without trailing zeros, which %g leaves out. Below
 * DBL_MIN precision shrinks and fewer digits may do: there all lengths are tried. */
void json_real_format(double x, char text[JSON_REAL_TEXT]) {
    int digits = fabs(x) < DBL_MIN && x != 0.0 ? 1 : DBL_DIG;
    for (; digits < DBL_DECIMAL_DIG; digits++) {
        snprintf(text, JSON_REAL_TEXT, "%.*g", digits, x);
        if (strtod(text, NULL) == x) {
            return;
        }
    }
    snprintf(text, JSON_REAL_TEXT, "%.*g", DBL_DECIMAL_DIG, x);
}
