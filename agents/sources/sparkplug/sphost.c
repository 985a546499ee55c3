#include "sparkplug/sphost.h"

#include <stdio.h>
#include <stdlib.h>

#include "sources/position.h"

enum {
    SEQ_SPAN = 256,
    SEQ_BEHIND = 64,            /* a number so little behind may be a message that came twice */
    REBIRTHS_PER_SECOND = 20,   /* a whole plant that comes back is asked one after the other */
    REBIRTH_PATIENCE_MS = 2000, /* nodes that saw us come back publish a birth by themselves */
    DEVICES_MS = 10000          /* births of devices follow that of their node */
};

static int64_t later(int64_t t_ms, int64_t by_ms) {
    return t_ms > INT64_MAX - by_ms ? INT64_MAX : t_ms + by_ms;
}

/* --- nodes --------------------------------------------------------------------------------------
 */

/* device -1: of the node and all its devices. */
static enum err stale_metrics(struct sphost *h, struct spnode *n, int device, bool unborn_only,
                              int64_t t_ms) {
    for (size_t i = 0; i < n->metric_n; i++) {
        struct spnode_metric *m = &n->metrics[i];
        if ((device >= 0 && m->device != (uint32_t)device) || (unborn_only && m->born))
            continue;
        const enum err e = sphost_stale(h, m, t_ms);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static void forget_births(struct spnode *n, int device) {
    for (size_t i = 0; i < n->metric_n; i++)
        if (device < 0 || n->metrics[i].device == (uint32_t)device)
            n->metrics[i].born = n->metrics[i].has_alias = false;
    for (size_t i = 0; i < n->device_n; i++)
        if (device < 0 || i == (size_t)device)
            n->devices[i].born = false;
}

static void end_session(struct spnode *n, enum spnode_state state) {
    spnode_drop_all_held(n);
    n->state = state;
    n->hole_ms = n->devices_ms = n->rebirth_ms = INT64_MAX;
    forget_births(n, -1);
}

static void want_birth(const struct sphost *h, struct spnode *n, int64_t at_ms) {
    if (!h->env.conf->rebirth)
        return;
    at_ms = at_ms < n->may_ms ? n->may_ms : at_ms;
    n->rebirth_ms = at_ms < n->rebirth_ms ? at_ms : n->rebirth_ms;
}

/* The messages behind the missing one are given up with it: what is known ends with the last one
 * before it. */
static enum err lose_order(struct sphost *h, struct spnode *n, int64_t now_ms) {
    h->stats.lost++;
    const enum err e = stale_metrics(h, n, -1, false, later(n->heard_ms, 1));
    end_session(n, SPNODE_UNKNOWN);
    want_birth(h, n, now_ms);
    return e;
}

static void ask_for_birth(struct sphost *h, struct spnode *n, int64_t now_ms) {
    char topic[400];
    if (h->second_ms != now_ms / 1000)
        h->second_n = 0;
    h->second_ms = now_ms / 1000;
    if (h->second_n == REBIRTHS_PER_SECOND) {
        n->rebirth_ms = (h->second_ms + 1) * 1000;
        return;
    }
    n->rebirth_ms = INT64_MAX;
    n->may_ms = later(now_ms, h->env.conf->rebirth_every_ms);
    buf_reset(&h->scratch);
    if (sppayload_add_rebirth(now_ms, &h->scratch) != ERR_OK ||
        snprintf(topic, sizeof topic, SPTOPIC_NAMESPACE "/%s/NCMD/%s", n->group, n->id) >=
            (int)sizeof topic)
        return;
    h->second_n++;
    h->stats.rebirths++;
    h->env.publish(h->env.user, topic, buf_span(&h->scratch), 0, false);
}

/* --- messages in order --------------------------------------------------------------------------
 */

struct message {
    enum sptopic_kind kind;
    struct span device;
    const struct sppayload *payload;
    int64_t came_ms;
};

/* The integer of a metric bdSeq. */
static bool bdseq_of(const struct sppayload *p, uint64_t *bdseq) {
    for (size_t i = 0; i < p->n; i++)
        if (span_equal(p->metrics[i].name, span_str("bdSeq")) &&
            p->metrics[i].form == SPPAYLOAD_FORM_WORD) {
            *bdseq = p->metrics[i].as.word;
            return true;
        }
    return false;
}

static enum err on_nbirth(struct sphost *h, struct spnode *n, const struct message *m,
                          const struct source_out *out) {
    bool stranger;
    const int64_t said_ms = m->payload->has_time ? m->payload->t_ms : m->came_ms;
    end_session(n, SPNODE_ALIVE);
    n->has_bdseq = bdseq_of(m->payload, &n->bdseq);
    n->expect = (uint32_t)((m->payload->seq + 1) % SEQ_SPAN);
    n->heard_ms = m->came_ms;
    n->payload_ms = said_ms;
    n->devices[0].born = true;
    n->devices_ms = n->device_n > 1 ? later(m->came_ms, DEVICES_MS) : INT64_MAX;
    h->stats.births++;
    const enum err e = sphost_take(h, n, 0, m->payload, true, m->came_ms, out, &stranger);
    return e == ERR_OK ? stale_metrics(h, n, 0, true, said_ms) : e;
}

static enum err on_dbirth(struct sphost *h, struct spnode *n, const struct message *m,
                          const struct source_out *out) {
    bool stranger;
    uint32_t device;
    const int64_t said_ms = m->payload->has_time ? m->payload->t_ms : m->came_ms;
    enum err e = spnode_get_device(n, m->device, &device);
    if (e != ERR_OK)
        return e;
    forget_births(n, (int)device);
    n->devices[device].born = true;
    h->stats.births++;
    e = sphost_take(h, n, device, m->payload, true, m->came_ms, out, &stranger);
    return e == ERR_OK ? stale_metrics(h, n, (int)device, true, said_ms) : e;
}

static enum err on_ddeath(struct sphost *h, struct spnode *n, const struct message *m) {
    const int device = spnode_find_device(n, m->device);
    if (device < 0 || !n->devices[device].born)
        return ERR_OK;
    h->stats.deaths++;
    forget_births(n, device);
    return stale_metrics(h, n, device, false, m->payload->has_time ? m->payload->t_ms : m->came_ms);
}

static enum err on_data(struct sphost *h, struct spnode *n, const struct message *m,
                        const struct source_out *out) {
    const int device = spnode_find_device(n, m->device);
    bool stranger = device < 0 || !n->devices[device].born;
    enum err e = ERR_OK;
    if (stranger)
        h->stats.strangers++;
    else
        e = sphost_take(h, n, (uint32_t)device, m->payload, false, m->came_ms, out, &stranger);
    if (stranger)
        want_birth(h, n, m->came_ms);
    return e;
}

static enum err in_order(struct sphost *h, struct spnode *n, const struct message *m,
                         const struct source_out *out) {
    n->expect = (n->expect + 1) % SEQ_SPAN;
    n->heard_ms = m->came_ms;
    if (m->payload->has_time && m->payload->t_ms > n->payload_ms)
        n->payload_ms = m->payload->t_ms;
    if (m->kind == SPTOPIC_DBIRTH)
        return on_dbirth(h, n, m, out);
    if (m->kind == SPTOPIC_DDEATH)
        return on_ddeath(h, n, m);
    return on_data(h, n, m, out);
}

/* What waited for the message that has come now. */
static enum err drain_held(struct sphost *h, struct spnode *n, const struct source_out *out) {
    for (int i; (i = spnode_find_held(n, n->expect)) >= 0;) {
        const struct spnode_held *held = &n->held[i];
        struct sppayload p;
        enum err e = sppayload_parse(span_of(held->bytes, held->n), &p);
        if (e != ERR_OK)
            return e; /* it was parsed before, so there is no memory */
        if (out->raw != NULL)
            e = tells_raw(&h->tells, span_of(held->bytes, held->n));
        const struct message m = {held->kind, span_str(held->device), &p, held->came_ms};
        if (e == ERR_OK)
            e = in_order(h, n, &m, out);
        sppayload_close(&p);
        spnode_drop_held(n, (size_t)i);
        if (e != ERR_OK)
            return e;
    }
    n->hole_ms = INT64_MAX; /* or since the first that waits for another missing one */
    for (size_t i = 0; i < n->held_n; i++)
        if (n->held[i].came_ms < n->hole_ms)
            n->hole_ms = n->held[i].came_ms;
    return ERR_OK;
}

static enum err out_of_order(struct sphost *h, struct spnode *n, const struct message *m,
                             struct span bytes) {
    char device[256];
    const uint32_t behind = (n->expect - (uint32_t)m->payload->seq) & (SEQ_SPAN - 1);
    if ((behind <= SEQ_BEHIND && m->payload->has_time && m->payload->t_ms <= n->payload_ms) ||
        spnode_find_held(n, (uint32_t)m->payload->seq) >= 0) {
        h->stats.doubled++;
        return ERR_OK;
    }
    h->stats.out_of_order++;
    if (h->env.conf->reorder_ms == 0 || m->device.n >= sizeof device)
        return lose_order(h, n, m->came_ms);
    (void)snprintf(device, sizeof device, "%.*s", (int)m->device.n, (const char *)m->device.p);
    const struct spnode_held early = {.kind = m->kind,
                                      .seq = (uint32_t)m->payload->seq,
                                      .came_ms = m->came_ms,
                                      .device = device,
                                      .bytes = (uint8_t *)(uintptr_t)bytes.p,
                                      .n = bytes.n};
    const enum err e = spnode_hold(n, &early);
    if (e == ERR_FULL)
        return lose_order(h, n, m->came_ms);
    if (e == ERR_OK && n->hole_ms == INT64_MAX)
        n->hole_ms = m->came_ms;
    return e;
}

static enum err on_ndeath(struct sphost *h, struct spnode *n, const struct message *m) {
    uint64_t bdseq;
    if (n->state == SPNODE_ALIVE && n->has_bdseq && bdseq_of(m->payload, &bdseq) &&
        bdseq != n->bdseq) {
        h->stats.deaths_of_others++; /* the will of a session before this one */
        return ERR_OK;
    }
    h->stats.deaths += n->state == SPNODE_ALIVE;
    const enum err e = stale_metrics(h, n, -1, false, m->came_ms);
    end_session(n, SPNODE_DEAD);
    return e;
}

static enum err on_node(struct sphost *h, struct spnode *n, const struct message *m,
                        struct span bytes, const struct source_out *out) {
    if (m->kind == SPTOPIC_NDEATH)
        return on_ndeath(h, n, m);
    if (!m->payload->has_seq || m->payload->seq >= SEQ_SPAN) {
        h->stats.malformed++;
        out->refused(out->user, "seq", "expected a seq from 0 to 255 in every message of a node");
        return ERR_OK;
    }
    if (m->kind == SPTOPIC_NBIRTH)
        return on_nbirth(h, n, m, out);
    if (n->state != SPNODE_ALIVE) {
        h->stats.strangers++;
        want_birth(h, n, m->came_ms);
        return ERR_OK;
    }
    if (m->payload->seq != n->expect)
        return out_of_order(h, n, m, bytes);
    const enum err e = in_order(h, n, m, out);
    return e == ERR_OK ? drain_held(h, n, out) : e;
}

/* --- what comes from the broker -----------------------------------------------------------------
 */

static void publish_state(struct sphost *h, bool online, int64_t t_ms) {
    if (!h->env.conf->state)
        return;
    buf_reset(&h->scratch);
    if (sptopic_add_state(online, t_ms, &h->scratch) == ERR_OK)
        h->env.publish(h->env.user, h->state_topic, buf_span(&h->scratch), 1, true);
}

/* The will of a session of ours that is over may come late: what we are is said again. */
static void on_state(struct sphost *h, const struct sptopic *t, struct span payload) {
    bool online;
    if (span_equal(t->node, span_str(h->env.conf->host_id)) && h->up &&
        sptopic_parse_state(payload, &online) == ERR_OK && !online)
        publish_state(h, true, h->state_ms);
}

static enum err on_payload(struct sphost *h, const struct sptopic *t, struct span bytes,
                           int64_t now_ms, const struct source_out *out) {
    struct sppayload p;
    struct spnode *n = NULL;
    enum err e = sppayload_parse(bytes, &p);
    if (e == ERR_FORMAT || e == ERR_RANGE) {
        char place[200];
        (void)snprintf(place, sizeof place, "%.*s/%.*s: expected a payload of Sparkplug B",
                       (int)(t->group.n < 80 ? t->group.n : 80), (const char *)t->group.p,
                       (int)(t->node.n < 80 ? t->node.n : 80), (const char *)t->node.p);
        h->stats.malformed++;
        out->refused(out->user, "payload", place);
        return ERR_OK;
    }
    if (e != ERR_OK)
        return e;
    const struct message m = {t->kind, t->device, &p, now_ms};
    e = spnodes_get(&h->nodes, t->group, t->node, &n);
    if (e == ERR_FULL)
        out->refused(out->user, "nodes", "nodes_max is reached");
    if (e == ERR_OK && out->raw != NULL)
        e = tells_raw(&h->tells, bytes);
    if (e == ERR_OK)
        e = on_node(h, n, &m, bytes, out);
    sppayload_close(&p);
    return e == ERR_FULL ? ERR_OK : e;
}

enum err sphost_on_message(struct sphost *h, struct span topic, struct span payload, bool retained,
                           int64_t now_ms, const struct source_out *out) {
    const struct sptopic t = sptopic_parse(topic);
    enum err e = ERR_OK;
    h->heard_ms = now_ms;
    h->asked_ms = INT64_MIN;
    if (t.kind == SPTOPIC_STATE) {
        on_state(h, &t, payload);
    } else if (t.kind != SPTOPIC_OTHER) {
        h->stats.messages++;
        /* Sparkplug retains nothing but STATE; what a broker kept is of nobody knows when. */
        if (retained)
            h->stats.retained++;
        else
            e = on_payload(h, &t, payload, now_ms, out);
    }
    return e == ERR_OK && h->up ? tells_heard(&h->tells, now_ms) : e;
}

struct span sphost_will(struct sphost *h, int64_t now_ms) {
    h->state_ms = now_ms;
    buf_reset(&h->scratch);
    (void)sptopic_add_state(false, now_ms, &h->scratch);
    return buf_span(&h->scratch);
}

enum err sphost_on_up(struct sphost *h, int64_t now_ms) {
    h->up = true;
    h->heard_ms = now_ms;
    h->asked_ms = INT64_MIN;
    publish_state(h, true, h->state_ms);
    for (size_t i = 0; i < h->nodes.n; i++)
        want_birth(h, h->nodes.at[i], later(now_ms, REBIRTH_PATIENCE_MS));
    return tells_begin(&h->tells, now_ms);
}

void sphost_on_down(struct sphost *h, int64_t now_ms) {
    (void)now_ms; /* nothing is known since the last message, not since this moment */
    h->up = false;
    for (size_t i = 0; i < h->nodes.n; i++) {
        struct spnode *n = h->nodes.at[i];
        end_session(n, SPNODE_UNKNOWN);
        for (size_t k = 0; k < n->metric_n; k++)
            n->metrics[k].live = false; /* its time ends with what is vouched for */
    }
}

void sphost_goodbye(struct sphost *h, int64_t now_ms) {
    if (h->up)
        publish_state(h, false, now_ms);
}

/* --- time ---------------------------------------------------------------------------------------
 */

static enum err node_on_time(struct sphost *h, struct spnode *n, int64_t now_ms) {
    enum err e = ERR_OK;
    if (n->hole_ms != INT64_MAX && now_ms >= later(n->hole_ms, h->env.conf->reorder_ms))
        e = lose_order(h, n, now_ms);
    if (e == ERR_OK && now_ms >= n->devices_ms) {
        const int64_t born_ms = n->devices_ms - DEVICES_MS;
        n->devices_ms = INT64_MAX;
        for (size_t i = 1; i < n->device_n && e == ERR_OK; i++)
            if (!n->devices[i].born)
                e = stale_metrics(h, n, (int)i, false, born_ms);
    }
    if (e == ERR_OK && h->up && now_ms >= n->rebirth_ms)
        ask_for_birth(h, n, now_ms);
    return e;
}

enum err sphost_on_time(struct sphost *h, int64_t now_ms) {
    for (size_t i = 0; i < h->nodes.n; i++) {
        const enum err e = node_on_time(h, h->nodes.at[i], now_ms);
        if (e != ERR_OK)
            return e;
    }
    if (h->up && h->env.conf->state && h->asked_ms == INT64_MIN &&
        now_ms >= later(h->heard_ms, h->env.conf->heartbeat_ms)) {
        h->asked_ms = now_ms;
        publish_state(h, true, h->state_ms);
    }
    return ERR_OK;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

int64_t sphost_due_ms(const struct sphost *h) {
    int64_t due_ms = INT64_MAX;
    for (size_t i = 0; i < h->nodes.n; i++) {
        const struct spnode *n = h->nodes.at[i];
        due_ms = least(due_ms, later(n->hole_ms, h->env.conf->reorder_ms));
        due_ms = least(due_ms, n->devices_ms);
        if (h->up)
            due_ms = least(due_ms, n->rebirth_ms);
    }
    if (h->up && h->env.conf->state && h->asked_ms == INT64_MIN)
        due_ms = least(due_ms, later(h->heard_ms, h->env.conf->heartbeat_ms));
    return due_ms;
}

/* --- from the first to the last -----------------------------------------------------------------
 */

enum err sphost_init(struct sphost *h, const struct sphost_env *env, struct span position) {
    int64_t v[3] = {1, COVERAGE_NONE, INT64_MIN};
    if (position.n > 0 && (position_parse(position, v, 3) != ERR_OK || v[0] != 1))
        return ERR_FORMAT;
    *h = (struct sphost){.env = *env, .event_ms = v[2], .asked_ms = INT64_MIN};
    buf_init(&h->scratch);
    tells_init(&h->tells, v[1]);
    h->tells.event_ms = v[2];
    (void)snprintf(h->state_topic, sizeof h->state_topic, SPTOPIC_STATE_PREFIX "%s",
                   env->conf->host_id);
    enum err e = sprules_init(&h->rules, env->conf);
    if (e == ERR_OK)
        e = spnodes_init(&h->nodes, (size_t)env->conf->nodes_max,
                         (size_t)env->conf->points_max * 4);
    if (e != ERR_OK)
        sphost_fini(h);
    return e;
}

void sphost_fini(struct sphost *h) {
    spnodes_fini(&h->nodes);
    sprules_fini(&h->rules);
    tells_fini(&h->tells);
    buf_fini(&h->scratch);
}

void sphost_position(const struct sphost *h, struct buf *out) {
    position_add(out, 1);
    position_add(out, h->tells.coverage.until_ms);
    position_add(out, h->tells.event_ms);
}
