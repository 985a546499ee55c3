/* plantbus energy balance. */
#ifndef PB_CTL_ENERGY_BALANCE_H
#define PB_CTL_ENERGY_BALANCE_H

int balance_run(int argc, char **argv);

#endif
