#include "simworld/alarm_rows.h"

#include "alert/alerts.h"

static void on_row(void *user, enum err err, const struct store_rows *rows) {
    struct cursor c = cursor_of(!err && rows->n ? rows->at[0].value : span_of(NULL, 0));
    int64_t next = INT64_MIN;
    uint8_t form = 0;
    if (!cursor_take_byte(&c, &form) && !cursor_take_svarint(&c, &next))
        *(int64_t *)user = next;
}

/* The row's key is a NUL and the node's id; behind its next NUL the range ends. */
int64_t alarm_rows_next(const struct station *s, uint32_t node) {
    const struct ident *id = &s->plant->node[node].id;
    char key[IDENT_MAX + 2] = "";
    const size_t n = strlen(id->s) + 1;
    memcpy(key + 1, id->s, n);
    const struct store_range row = {
        .table = STORE_ALERT, .from = span_of(key, n), .to = span_of(key, n + 1)};
    int64_t next = INT64_MIN;
    return s->store->ops->load_now(s->store, &row, 1, on_row, &next) ? INT64_MIN : next;
}

bool alarm_rows_hold(const struct station *s) {
    const struct alerts *all = core_alerts(s->core);
    for (uint32_t node = 0; node < s->plant->node_n && !alerts_unstored(all); node++)
        if (alerts_watches(all, node) && alarm_rows_next(s, node) != alerts_next(all, node))
            return false;
    return true;
}
