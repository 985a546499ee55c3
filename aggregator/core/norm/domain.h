/* The consumption domain: time, energy or material of one piece, where less is better and means of
 * several are weighted by what they are of. It converts; it judges nothing. */
#ifndef PB_NORM_DOMAIN_H
#define PB_NORM_DOMAIN_H

#include "window/indicator.h"

enum norm_domain {
    DOMAIN_DIRECT,     /* is consumption already: kWh, minutes, kg of a piece */
    DOMAIN_RECIPROCAL, /* more is better: its reciprocal is, time of a piece */
    DOMAIN_YIELD,      /* a share that is lost: what it takes for one that is not, 1 / (1 - x) */
    DOMAIN_NONE        /* as normed, or no ratio of something made: nothing follows from history */
};

enum norm_domain domain_of(enum indicator i);
/* A ratio as an observation: its value in the consumption domain and the weight, such that the
 * weighted mean of several is what their sums give. False: it is none there (nothing was made,
 * nothing was used). */
bool domain_observe(enum indicator i, double numerator, double denominator, double *value,
                    double *weight);
/* From the indicator's unit into the domain and back; NAN: there is no such value. */
double domain_take(enum indicator i, double published);
double domain_publish(enum indicator i, double value);

#endif
