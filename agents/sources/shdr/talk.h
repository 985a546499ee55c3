/* The talk with an adapter: bytes become lines; when to send PING, and when to give it up. Driven
 * by bytes and `now`: it opens nothing and reads no values. */
#ifndef PB_SHDR_TALK_H
#define PB_SHDR_TALK_H

#include "sources/line.h"

struct talk {
    uint8_t *bytes;       /* owned, LINE_BYTES_MAX + 1 */
    size_t start, n;      /* bytes[start .. n) are not used yet */
    bool skipping;        /* inside a line that is too long */
    uint64_t line;        /* lines of this connection */
    int64_t heartbeat_ms; /* as the adapter said with PONG; 0: it did not */
    int64_t heard_ms, ping_ms;
};

enum talk_taken { TALK_LINE, TALK_PONG, TALK_LONG, TALK_NONE };

enum err talk_init(struct talk *t); /* ERR_NOMEM */
void talk_fini(struct talk *t);
/* A connection begins. */
void talk_begin(struct talk *t, int64_t now_ms);
/* Where the next bytes go, at least one; how many were put there. */
struct span talk_room(struct talk *t);
void talk_on_bytes(struct talk *t, size_t n, int64_t now_ms);
/* The next line, valid until the next bytes. A PONG is a line, too. */
enum talk_taken talk_take(struct talk *t, struct span *line);
/* Whether "* PING" is to be sent now; asked again, the next one is due later. */
bool talk_ping(struct talk *t, int64_t now_ms);
/* Nothing was heard for two heartbeats: the connection is dead. */
bool talk_is_dead(const struct talk *t, int64_t now_ms);
/* When to ask again. */
int64_t talk_due(const struct talk *t);

#endif
