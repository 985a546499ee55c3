/* plantbus energy load. */
#ifndef PB_CTL_ENERGY_LOAD_H
#define PB_CTL_ENERGY_LOAD_H

int load_run(int argc, char **argv);

#endif
