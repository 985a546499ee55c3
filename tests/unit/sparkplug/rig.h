/* A host without a broker: a test says what comes and when, and sees what is told and published. */
#ifndef PB_TEST_SPARKPLUG_RIG_H
#define PB_TEST_SPARKPLUG_RIG_H

#include "bytes.h"
#include "sourcekit/capture.h"
#include "sparkplug/sphost.h"

enum { RIG_SENT_MAX = 64 };

struct rig_sent {
    char topic[80], payload[200];
    int qos;
    bool retain;
};

struct rig {
    struct sparkplug_conf conf;
    struct sphost host;
    struct capture got;
    int64_t now_ms;
    struct rig_sent sent[RIG_SENT_MAX];
    size_t sent_n;
};

/* more: further keys of the configuration; position: as the journal kept it. */
void rig_init(struct rig *r, const char *more, const char *position);
void rig_fini(struct rig *r);
/* The connection stands, its will asked for just before. */
void rig_up(struct rig *r);
/* kind as in the topic, "NBIRTH"; device "": of the node g/n. */
void rig_say(struct rig *r, const char *kind, const char *device, int64_t t_ms, int seq,
             const struct bytes_metric *m, size_t n);
/* Lets the time pass to now_ms, then tells what there is. */
void rig_pass(struct rig *r, int64_t now_ms);
/* How many births were asked for, of all that was published. */
size_t rig_rebirths(const struct rig *r);
/* NBIRTH seq 0 with bdSeq and "Temp" (alias 1, state), DBIRTH p seq 1 with "Good" (alias 2), each
 * with that value and time. */
void rig_birth(struct rig *r, int bdseq, int64_t t_ms, int temp, int good);
/* The newest reading of a point; fails the test if there is none. */
const struct reading *rig_last(const struct rig *r, const char *name);

#define RIG_SAY(r, kind, device, t_ms, seq, ...)                                                   \
    do {                                                                                           \
        const struct bytes_metric said[] = {__VA_ARGS__};                                          \
        rig_say(r, kind, device, t_ms, seq, said, sizeof said / sizeof said[0]);                   \
    } while (0)
#define RIG_WORD(w) .has_word = true, .word = (w)

#endif
