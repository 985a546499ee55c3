/* The chain of an agent's epochs, oldest first, for the files of this room only: where a new one
 * stands, when one is done, which lane it may have. It knows no hellos, records or acks. */
#ifndef PB_SESSION_CHAIN_H
#define PB_SESSION_CHAIN_H

#include "session/session.h"

#define CHAIN_NONE SIZE_MAX

/* Index of an epoch, CHAIN_NONE if unknown. O(1) for the one found last, else O(n) from the end. */
size_t chain_find(struct session *s, uint64_t epoch);
enum err chain_reserve(struct session *s, size_t more);
/* Places a new epoch; memory is reserved. Returns its index; *fork tells that another epoch names
 * the same predecessor. */
size_t chain_add(struct session *s, const struct hello_epoch *row, bool *fork);
/* Books last + 1 .. to as given up: the next record must be a key frame. */
void chain_gap(struct session_epoch *e, uint64_t to);
/* Before records of it are booked as given up, or it ends: whether its first whole key frame lies
 * behind them, or never came. */
void chain_lose_head(struct session_epoch *e);
/* Gives an epoch up: what hellos told of and never came becomes a gap, were it that the journal is
 * lost which had it. */
void chain_abandon(struct session_epoch *e);
/* Works out anew what is not committed. */
void chain_note(struct session *s);
/* Closes what is done and moves the front. */
void chain_settle(struct session *s);
/* Closes the epoch at i if it is done. */
bool chain_close_done(struct session *s, size_t i);
/* Works out anew who is `aged`; after epochs came in and when one is renewed. */
void chain_mark_aged(struct session *s);
/* Looks at a record of an aged epoch that is about to be applied. */
void chain_read_anew(struct session *s, struct session_epoch *e, const struct batch *b);
/* Whether the lane of the closed epoch at i has come to its end; *into as in session_plan. */
bool chain_lane_ends(const struct session *s, size_t i, uint8_t *into);
/* Whether records between the end of an epoch and the start of the one that follows it will never
 * come. */
bool chain_gap_behind(const struct session *s, const struct session_epoch *e);
/* The lane that an epoch without one would begin, filled into *plan (lane, lane_new, lane_from,
 * after_gap). False: none now. */
bool chain_lane_for(const struct session *s, size_t i, struct session_plan *plan);

#endif
