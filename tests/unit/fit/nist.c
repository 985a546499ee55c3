#include "nist.h"

#include <math.h>
#include <stdio.h>

bool nist_longley(struct nist_data *out) {
    static const char path[] = PB_TOP "/../shared/data/nist_longley.csv";
    char line[256];
    FILE *f = fopen(path, "r");
    *out = (struct nist_data){.columns = 7};
    if (!f) {
        fprintf(stderr, "skip: no %s\n", path);
        return false;
    }
    bool ok = fgets(line, sizeof line, f) != NULL; /* the names */
    while (ok && out->rows < NIST_ROWS_MAX && fgets(line, sizeof line, f)) {
        double *x = out->a + out->rows * 7;
        x[0] = 1;
        ok = sscanf(line, "%lf,%lf,%lf,%lf,%lf,%lf,%lf", &out->y[out->rows], x + 1, x + 2, x + 3,
                    x + 4, x + 5, x + 6) == 7;
        out->rows++;
    }
    fclose(f);
    return ok;
}

void nist_wampler(int one_over_q, struct nist_data *out) {
    int64_t q5 = 1;
    for (int i = 0; i < 5; i++)
        q5 *= one_over_q;
    *out = (struct nist_data){.rows = 21, .columns = 6};
    for (int64_t x = 0; x <= 20; x++) {
        int64_t power = 1, sum = 0, weight = q5;
        for (int j = 0; j < 6; j++, power *= x, weight /= one_over_q) {
            out->a[x * 6 + j] = (double)power;
            sum += power * weight;
        }
        out->y[x] = (double)sum / (double)q5;
    }
}

struct fit_problem nist_problem(const struct nist_data *d) {
    return (struct fit_problem){d->a, d->y, d->rows, d->columns};
}

double nist_lre(double got, double certified) {
    double error = fabs(got - certified);
    if (certified != 0)
        error /= fabs(certified);
    return error > 0 ? fmin(15, -log10(error)) : 15;
}
