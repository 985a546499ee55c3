#include "notify/route.h"

#include "calendar/calendar.h"

static route_channels set_of(const struct notify_conf *c, const struct ident *id, size_t n) {
    route_channels set = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < c->channel_n; k++)
            if (ident_equal(&c->channels[k].id, &id[i]))
                set |= UINT64_C(1) << k;
    return set;
}

static bool holds(const struct ident *id, size_t n, const struct ident *one) {
    for (size_t i = 0; i < n; i++)
        if (ident_equal(&id[i], one))
            return true;
    return n == 0;
}

/* The node is one of them, or below one. A node that is no more fits no list. */
static bool place_fits(const struct notify_route_conf *r, const struct plant *p, uint32_t node) {
    if (r->node_n == 0)
        return true;
    for (; node != UINT32_MAX; node = p->node[node].parent)
        if (holds(r->nodes, r->node_n, &p->node[node].id))
            return true;
    return false;
}

static bool shift_fits(const struct notify_route_conf *r, const struct plant *p, uint32_t node,
                       int64_t now_ms) {
    if (r->shift_n == 0)
        return true;
    if (node == UINT32_MAX)
        return false;
    const struct calendar_piece piece = calendar_at(p, plant_node_calendar(p, node), now_ms);
    return piece.shift_id && holds(r->shifts, r->shift_n, piece.shift_id);
}

static route_channels fitting(const struct notify_conf *c, const struct plant *plant,
                              const struct ident *position, const struct alert_event *e,
                              bool by_shift, int64_t now_ms) {
    route_channels set = 0;
    uint32_t node = plant_find_node(plant, e->node.s);
    for (size_t p = 0; p < c->position_n; p++) {
        if (!ident_equal(&c->positions[p].id, position))
            continue;
        for (size_t i = 0; i < c->positions[p].route_n; i++) {
            const struct notify_route_conf *r = &c->positions[p].routes[i];
            if (e->severity >= r->from && place_fits(r, plant, node) &&
                (!by_shift || shift_fits(r, plant, node, now_ms)))
                set |= set_of(c, r->channels, r->channel_n);
        }
    }
    return set;
}

/* Alertmanager keeps what is active: it is not told of norms, nor anew of what is over. */
static route_channels takers(const struct notify_conf *c, const struct alert_event *e,
                             route_channels set) {
    const bool over = e->why == ALERT_WHY_REPEATED && e->to == ALERT_RETURNED;
    for (size_t i = 0; i < c->channel_n && (over || alert_event_is_norm(e)); i++)
        if (c->channels[i].kind == NOTIFY_ALERTMANAGER)
            set &= ~(UINT64_C(1) << i);
    return set;
}

route_channels route_of(const struct notify_conf *c, const struct plant *plant,
                        const struct ident *position, const struct alert_event *e, int64_t now_ms,
                        bool *other) {
    route_channels set = fitting(c, plant, position, e, true, now_ms);
    if (alert_event_is_norm(e))
        set = takers(c, e, set);
    *other = set == 0;
    return takers(c, e, set ? set : set_of(c, c->otherwise, c->otherwise_n));
}

route_channels route_any_shift(const struct notify_conf *c, const struct plant *plant,
                               const struct ident *position, const struct alert_event *e) {
    return fitting(c, plant, position, e, false, 0) | set_of(c, c->otherwise, c->otherwise_n);
}
