/* Turns a loop until something holds. It never sleeps: the loop blocks in its own poll, and a
 * watchdog timer ends a wait that has failed. */
#ifndef PB_SUPPORT_LOOP_WAIT_H
#define PB_SUPPORT_LOOP_WAIT_H

#include <stdbool.h>
#include <stdint.h>

struct uv_loop_s;

/* True as soon as holds(user) is, looked at after every turn; false after timeout_ms. */
bool loop_until(struct uv_loop_s *loop, bool (*holds)(void *user), void *user, uint64_t timeout_ms);
/* Turns until the time is over: for what must not happen. */
void loop_for(struct uv_loop_s *loop, uint64_t time_ms);
/* Closes a loop; false if a handle was left open in it (a leak of the code under test). */
bool loop_closed(struct uv_loop_s *loop);

#endif
