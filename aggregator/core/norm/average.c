#include "norm/average.h"

#include <math.h>
#include <stdbool.h>

static bool positive(double x) {
    return isfinite(x) && x > 0;
}

enum err norm_average(const struct norm_observation *o, size_t n, struct norm_average *out) {
    struct norm_average a = {0};
    double sum = 0, weight = 0, better = 0, better_weight = 0;

    if (n == 0)
        return ERR_RANGE;
    a.best = o[0].value;
    for (size_t i = 0; i < n; i++) {
        if (!positive(o[i].value) || !positive(o[i].weight))
            return ERR_RANGE;
        sum += o[i].value * o[i].weight;
        weight += o[i].weight;
        a.best = o[i].value < a.best ? o[i].value : a.best;
    }
    a.mean = sum / weight;
    for (size_t i = 0; i < n; i++) {
        if (o[i].value >= a.mean)
            continue;
        better += o[i].value * o[i].weight;
        better_weight += o[i].weight;
        a.better_n++;
    }
    a.better = a.better_n > 0 ? better / better_weight : a.mean;
    a.advanced = (a.mean + a.better) / 2;
    a.middle = (a.mean + a.best) / 2;
    *out = a;
    return ERR_OK;
}

enum err norm_growth(const double *value, size_t n, struct norm_growth *out) {
    if (n < 2)
        return ERR_RANGE;
    for (size_t i = 0; i < n; i++)
        if (!positive(value[i]))
            return ERR_RANGE;
    out->factor = pow(value[n - 1] / value[0], 1.0 / (double)(n - 1));
    out->next = value[n - 1] * out->factor;
    return ERR_OK;
}
