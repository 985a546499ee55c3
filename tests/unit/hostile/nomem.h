/* Memory that runs out at the n-th allocation: what a scenario of the programs' own code is played
 * under, for each n in turn. The linker puts these in the place of malloc and its like (--wrap), so
 * it works with sanitizers; allocations inside of other libraries are not among them. */
#ifndef PB_TEST_NOMEM_H
#define PB_TEST_NOMEM_H

#include <stdbool.h>
#include <stddef.h>

/* From here on allocations are counted, and the one whose turn it is fails, once. They nest: armed
 * is who was armed more often than disarmed. */
void nomem_arm(void);
void nomem_disarm(void);
bool nomem_struck(void); /* it has failed */
/* Ends the program's run of this n with what was wrong. */
void nomem_need(bool holds, const char *what);

/* A scenario plays once and leaves nothing behind; it arms where its own code runs. */
void nomem_core(void);
void nomem_agent(void);
void nomem_access(void);
void nomem_guard(void);
void nomem_files(void);
void nomem_energy(void);
void nomem_explain(void);
void nomem_archive(void);
void nomem_announce(void);
void nomem_modbus(void);
void nomem_mqtt(void);
void nomem_exec(void);
void nomem_outbox(void);
void nomem_influx(void);
void nomem_curl(void);
void nomem_bus(void);

#endif
