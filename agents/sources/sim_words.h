/* What a simulated machine calls its states, in the dialects that state maps know. */
#ifndef PB_SOURCES_SIM_WORDS_H
#define PB_SOURCES_SIM_WORDS_H

#include "sources/sim_plant.h"

/* PackML number of a state (ISA-TR88.00.02); blocked and starved as configured. */
int64_t sim_words_packml(const struct sim_conf *c, enum sim_state state);
/* MTConnect EXECUTION or the plain word, by dialect (not SIM_PACKML). */
const char *sim_words_state(enum sim_dialect dialect, enum sim_state state);
/* MTConnect FUNCTIONAL_MODE. */
const char *sim_words_mode(enum sim_state state);

#endif
