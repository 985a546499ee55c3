#include "norm/domain.h"

#include <math.h>
#include <string.h>

/* Low shares of a whole: what is lost of it. Scrap held against planned scrap is no such share. */
static bool is_share(enum indicator i) {
    return i == IND_SETUP_RATIO || i == IND_SCRAP_RATIO || i == IND_REWORK_RATIO ||
           i == IND_STANDBY_RATIO;
}

enum norm_domain domain_of(enum indicator i) {
    const enum direction way = (enum direction)indicator_row(i)->direction;

    if (way == AS_NORMED || i == IND_SCRAP_ENERGY || i >= INDICATOR_COUNT)
        return DOMAIN_NONE;
    if (is_share(i))
        return DOMAIN_YIELD;
    return way == HIGH_IS_BETTER ? DOMAIN_RECIPROCAL : DOMAIN_DIRECT;
}

static bool positive(double x) {
    return isfinite(x) && x > 0;
}

bool domain_observe(enum indicator i, double numerator, double denominator, double *value,
                    double *weight) {
    double used = numerator, made = denominator;

    switch (domain_of(i)) {
    case DOMAIN_DIRECT:
        break;
    case DOMAIN_RECIPROCAL:
        used = denominator;
        made = numerator;
        break;
    case DOMAIN_YIELD:
        used = denominator;
        made = denominator - numerator;
        break;
    case DOMAIN_NONE:
        return false;
    }
    if (!positive(used) || !positive(made))
        return false;
    *value = used / made;
    *weight = made;
    return true;
}

double domain_take(enum indicator i, double published) {
    double x = NAN;

    switch (domain_of(i)) {
    case DOMAIN_DIRECT:
        x = published;
        break;
    case DOMAIN_RECIPROCAL:
        x = 1 / published;
        break;
    case DOMAIN_YIELD:
        x = published < 1 ? 1 / (1 - published) : NAN;
        break;
    case DOMAIN_NONE:
        break;
    }
    return positive(x) ? x : NAN;
}

double domain_publish(enum indicator i, double value) {
    if (!positive(value))
        return NAN;
    switch (domain_of(i)) {
    case DOMAIN_DIRECT:
        return value;
    case DOMAIN_RECIPROCAL:
        return 1 / value;
    case DOMAIN_YIELD:
        return 1 - 1 / value;
    case DOMAIN_NONE:
        break;
    }
    return NAN;
}
