/* The topics of Sparkplug B 3.0 (section 4) and the STATE message, which is JSON. It parses and
 * writes; what a message means to a session is the host's. */
#ifndef PB_SPARKPLUG_SPTOPIC_H
#define PB_SPARKPLUG_SPTOPIC_H

#include "base/buf.h"

enum sptopic_kind {
    SPTOPIC_OTHER, /* a command, a namespace or a kind of message that is not ours */
    SPTOPIC_STATE,
    SPTOPIC_NBIRTH,
    SPTOPIC_NDEATH,
    SPTOPIC_NDATA,
    SPTOPIC_DBIRTH,
    SPTOPIC_DDEATH,
    SPTOPIC_DDATA
};

#define SPTOPIC_NAMESPACE "spBv1.0"
#define SPTOPIC_STATE_PREFIX SPTOPIC_NAMESPACE "/STATE/"

struct sptopic {
    enum sptopic_kind kind;
    struct span group, node, device; /* STATE: node is the host's id */
};

/* SPTOPIC_OTHER also for what has too few or too many levels, or empty ones. Borrows from text. */
struct sptopic sptopic_parse(struct span text);
/* A group, node, device or host id: not empty, without / + # (section 4.1). */
bool sptopic_id_check(const char *id);

/* Appends the payload of STATE. ERR_NOMEM. */
enum err sptopic_add_state(bool online, int64_t t_ms, struct buf *out);
/* Whether a payload of STATE says that the host is there: JSON with "online", else the ONLINE of
 * older publishers. ERR_FORMAT. */
enum err sptopic_parse_state(struct span payload, bool *online);

#endif
