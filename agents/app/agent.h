/* The running agent: sources, batcher, journal, publisher and bus on one loop. It is the only place
 * that reads the clocks and draws random numbers. */
#ifndef PB_AGENT_AGENT_H
#define PB_AGENT_AGENT_H

#include "agent_app/agent_conf.h"

/* Runs until SIGTERM or SIGINT; at SIGHUP what differs at the sources in the file at `path`, of
 * which conf was loaded, is taken over. Returns ERR_OK after a clean end: everything accepted is on
 * the disk. What goes wrong is logged here. */
enum err agent_run(const char *path, const struct agent_conf *conf, struct log *log);

#endif
