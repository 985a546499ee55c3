/* Plants for the tests of this folder, from text. */
#ifndef PB_TEST_CTL_PLANT_TEXT_H
#define PB_TEST_CTL_PLANT_TEXT_H

#include "plant/plant.h"

/* One unit press-1 of agent gw with state, total and energy; `unit` adds keys to it. */
struct plant *plant_text_open(const char *unit);
/* The plant of a whole file. */
struct plant *plant_text_whole(const char *text);

#endif
