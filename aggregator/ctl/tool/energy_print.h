/* What `plantbus energy` shows: tables for people, CSV for programs. It works nothing out. */
#ifndef PB_CTL_ENERGY_PRINT_H
#define PB_CTL_ENERGY_PRINT_H

#include "study/study.h"

struct energy_target { /* the best-practice line, or why there is none */
    bool found;
    struct baseline line;
    char why[ENERGY_WHY];
};

/* The model with its figures, verdict and target. */
void energy_print_model(const struct frozen *r, const struct energy_target *target);
/* Reasons why a baseline is unusable, as a sentence; to standard error. */
void energy_print_unusable(const struct study *s);
/* Rows with their deviations, the chart and the alarms. ERR_NOMEM. */
enum err energy_print_cusum(const struct study *s);
void energy_print_report(const struct study *s, const struct study_finding *f);
/* Rows of the reference, of a CUSUM (with its columns), shares of a finding. */
void energy_csv_model(const struct frozen *r, const struct energy_target *target);
void energy_csv_cusum(const struct study *s);
void energy_csv_report(const struct study *s, const struct study_finding *f);

#endif
