/* An agent's stream written by hand: hello, key frame, data, for tests that need no journal.
 * Readings are collected and become one record with script_send. */
#ifndef PB_SIMKIT_SCRIPT_H
#define PB_SIMKIT_SCRIPT_H

#include "simkit/station.h"
#include "wire/batch.h"

enum { SCRIPT_POINTS = 16 };

struct script {
    struct station *station; /* borrowed */
    struct ident agent;
    uint64_t nonce, epoch, prev_epoch, prev_last, next;
    uint32_t hello_n;
    struct point point[SCRIPT_POINTS];
    size_t point_n;
    struct batch_writer writer;
    struct buf bytes; /* the record sent last */
};

void script_init(struct script *s, struct station *station, const char *agent, uint64_t epoch);
void script_fini(struct script *s);
/* Amount = raw * num. Gives the point's id; all before the key frame. */
uint16_t script_point(struct script *s, const char *name, enum point_type type, int64_t num);
/* Announces the stream so far; `next` counts what was sent. */
enum err script_hello(struct script *s);
enum err script_key(struct script *s, int64_t t_ms);
/* The same with the last value of one point. */
enum err script_key_value(struct script *s, int64_t t_ms, const struct reading *r);
/* ... and what one source covers; r may be NULL. */
enum err script_key_asof(struct script *s, int64_t t_ms, const struct reading *r, struct asof a);
void script_int(struct script *s, uint16_t point, int64_t t_ms, int64_t value);
void script_bad(struct script *s, uint16_t point, int64_t t_ms, enum batch_why why);
void script_text(struct script *s, uint16_t point, int64_t t_ms, const char *text);
void script_amount(struct script *s, uint16_t point, int64_t t_ms, int64_t amount);
void script_asof(struct script *s, int64_t since_ms, int64_t until_ms);
/* The record, to the station. */
enum err script_send(struct script *s);
/* A step of its clock. */
enum err script_clock(struct script *s, int64_t from_ms, int64_t to_ms);
enum err script_send_again(struct script *s);
/* A new epoch of a new process; the station hears of it by the next hello. */
void script_restart(struct script *s, uint64_t epoch);

#endif
