/* plantbus energy idle. */
#ifndef PB_CTL_ENERGY_IDLE_H
#define PB_CTL_ENERGY_IDLE_H

int idle_run(int argc, char **argv);

#endif
