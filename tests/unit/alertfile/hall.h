/* A plant and rules as texts, for the tests of this folder. */
#ifndef PB_ALERTFILE_HALL_H
#define PB_ALERTFILE_HALL_H

#include "alertfile/alertfile.h"

/* Site s, area a, line l with press-1, press-2 (class press; state, good, scrap, energy; shifts
 * early and late) and pack-1 (good alone), pieces are those of pack-1; line m with oven-1 (energy
 * alone, no calendar); gas in m3, but nobody measures it. Norm of press-1's time_utilization 0.8.
 */
struct plant *hall_open(void);
/* Loads one file f.yaml; said[] gets the report and its notes. */
enum { HALL_SAID = 8192 };
enum err hall_load(const char *yaml, const struct plant *p, struct alertfile **out,
                   char said[HALL_SAID]);

#endif
