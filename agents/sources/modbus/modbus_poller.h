/* Decides which request is sent next, when, and what a device's silence means. Its inputs are the
 * outcomes and a clock that only rises; it touches no device.
 *
 * Live devices come first: the request that has been due longest, of equals the one that waited
 * longest. A device that leaves `retries`+1 requests unanswered in a row is silent; it is asked
 * once at a time, after pauses that double, and such a question may take at most a tenth of the bus
 * while others live. */
#ifndef PB_MODBUS_MODBUS_POLLER_H
#define PB_MODBUS_MODBUS_POLLER_H

#include "modbus/modbus_plan.h"

struct modbus_turn { /* of a request */
    int64_t due_ms, sent_ms;
};

struct modbus_health { /* of a device */
    bool silent;
    uint32_t failed;  /* attempts in a row */
    int64_t pause_ms; /* between questions to a silent one */
    int64_t again_ms; /* when it may be asked again */
};

struct modbus_poller {
    const struct modbus_plan *plan;
    struct modbus_turn *turns;
    struct modbus_health *health;
    int64_t retries, pause_ms, again_ms, again_most_ms;
    int64_t free_ms;  /* the bus is idle long enough then */
    int64_t spare_ms; /* the next question to a silent device, while others live */
    uint32_t retry;   /* the request that is sent again; UINT32_MAX: none */
};

enum modbus_outcome { MODBUS_ANSWERED, MODBUS_REFUSED, MODBUS_UNANSWERED };

/* What is to be told of an outcome. */
enum modbus_tell {
    MODBUS_TELL_NOTHING, /* it is tried again, or the device is known to be silent */
    MODBUS_TELL_VALUES,
    MODBUS_TELL_REFUSAL,
    MODBUS_TELL_SILENCE, /* the device has just been given up */
};

/* ERR_NOMEM. The plan is borrowed. */
enum err modbus_poller_init(struct modbus_poller *q, const struct modbus_plan *p,
                            const struct modbus_conf *c);
void modbus_poller_fini(struct modbus_poller *q);
/* True: *request is to be sent now. False: ask again in *wait_ms. */
bool modbus_poller_next(const struct modbus_poller *q, int64_t now_ms, uint32_t *request,
                        int64_t *wait_ms);
/* Takes what came of a request that was sent at sent_ms. */
enum modbus_tell modbus_poller_done(struct modbus_poller *q, uint32_t request,
                                    enum modbus_outcome outcome, int64_t sent_ms, int64_t now_ms);
/* A connection begins: everything is due, nobody is silent. */
void modbus_poller_restart(struct modbus_poller *q, int64_t now_ms);
/* No device answers. */
bool modbus_poller_alone(const struct modbus_poller *q);

#endif
