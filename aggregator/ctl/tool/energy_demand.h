/* plantbus energy demand. */
#ifndef PB_CTL_ENERGY_DEMAND_H
#define PB_CTL_ENERGY_DEMAND_H

int demand_run(int argc, char **argv);

#endif
