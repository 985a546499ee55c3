/* A small plant for simulations: site > line > press, pack, on a calendar of two shifts with teams.
 * It is built in memory; no plant file is read. */
#ifndef PB_SIMKIT_LINE_PLANT_H
#define PB_SIMKIT_LINE_PLANT_H

#include "plant/plant.h"

/* 2026-06-01T00:00:00Z, a Monday. */
#define SIM_DAY0 INT64_C(1780272000000)

enum { SIM_UNITS = 2, SIM_AGENTS = 2, SIM_FIRST_UNIT = 2 /* node */ };

/* Nodes 0 site, 1 line, 2 press, 3 pack; the line's pieces are those of pack. Shifts early 06-14 h
 * (break 10:00-10:15) and late 14-22 h UTC, on Monday to Saturday, with teams red and blue that
 * change weekly. Agent gw1 reads press (state, total, energy, order, product, team), gw2 reads pack
 * (state, good, scrap, energy, power). State codes are enum machine_state; the wrap of a counter is
 * plausible up to 36,000 pieces an hour. Products bolt (PRI 10 s, default) and nut (20 s);
 * headcount 2. A copy of a plant differs by nothing: it depends on no argument. ERR_NOMEM. */
enum err line_plant_open(struct plant **out);
/* The same with air, reactive energy and a tariff at the press, first pass and export at the
 * packer, a crew of both whose persons gw2 tells, a meter of the hall's air at gw2 that both
 * share by running time, less the air of the press, and the gauges "temperature" (extra) of the
 * press, plausible from -40 to 150, and "level" of the packer. Beyond 80 for 90 s the former
 * breaches the condition "cool" of both, beyond -5 and 5 the latter "full" of the packer.
 * ERR_NOMEM. */
enum err line_plant_open_wide(struct plant **out);

#endif
