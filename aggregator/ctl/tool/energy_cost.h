/* plantbus energy cost. */
#ifndef PB_CTL_ENERGY_COST_H
#define PB_CTL_ENERGY_COST_H

int cost_run(int argc, char **argv);

#endif
