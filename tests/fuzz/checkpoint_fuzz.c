/* What a start reads from the store. The first byte chooses: a slab (its checksum put right first),
 * session positions, ranges, or a sound store with edits [row, offset, byte] from which a core must
 * start or name the row that is damaged; what started goes on without a fault. */
#include <stdlib.h>

#include "base/hash.h"
#include "engine/parts.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define T0 (SIM_DAY0 + 1000)         /* just behind midnight: no day to fill before it */
#define T1 (T0 + 10 * UTC_MINUTE_MS) /* of the start: what it missed is little work */

static void must(bool holds) {
    if (!holds)
        abort();
}

static void sealed(struct span bytes, struct buf *out) {
    buf_init(out);
    must(!buf_add(out, bytes.p, bytes.n));
    must(!buf_add_le32(out, crc32c(buf_span(out))));
}

/* --- parts --------------------------------------------------------------------------------------
 */

static void try_lane(struct span bytes) {
    struct lane a, b;
    struct buf first, second;
    lane_init(&a, 10000);
    lane_init(&b, 10000);
    buf_init(&first);
    buf_init(&second);
    if (!lane_unpack(&a, bytes)) {
        must(lane_check(&a));
        must(!lane_pack(&a, &first) && !lane_unpack(&b, buf_span(&first)));
        must(!lane_pack(&b, &second) && span_equal(buf_span(&first), buf_span(&second)));
    } else {
        must(a.n == 0);
    }
    buf_fini(&first);
    buf_fini(&second);
    lane_fini(&a);
    lane_fini(&b);
}

static void try_session(struct span bytes) {
    struct session a, b;
    struct buf first, second;
    const struct ident id = {"gw1"};
    session_init(&a, &id, 1 << 18);
    session_init(&b, &id, 1 << 18);
    buf_init(&first);
    buf_init(&second);
    if (!session_unpack(&a, bytes)) {
        must(session_check(&a));
        must(!session_pack(&a, &first) && !session_unpack(&b, buf_span(&first)));
        must(!session_pack(&b, &second) && span_equal(buf_span(&first), buf_span(&second)));
    }
    buf_fini(&first);
    buf_fini(&second);
    session_fini(&a);
    session_fini(&b);
}

static void try_ranges(struct span bytes) {
    struct cursor c = cursor_of(bytes);
    struct ranges r = {0};
    if (!ranges_unpack(&c, &r))
        for (size_t i = 0; i < r.n; i++)
            must(r.at[i].from_ms < r.at[i].to_ms &&
                 (i == 0 || r.at[i - 1].to_ms < r.at[i].from_ms));
    free(r.at);
}

/* --- a whole store ------------------------------------------------------------------------------
 */

struct edits {
    const struct core_conf *conf;
    const struct plant *plant;
    struct span bytes;
    struct core *core;
};

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct edits *e = user;
    char where[96] = "";
    must(!err && rows->n > 0);
    struct store_item *at = calloc(rows->n, sizeof *at);
    uint8_t **copy = calloc(rows->n, sizeof *copy);
    must(at && copy);
    for (size_t i = 0; i < rows->n; i++) {
        at[i] = rows->at[i];
        copy[i] = malloc(at[i].value.n + 1); /* of its own length: a step beyond it is seen */
        must(copy[i] != NULL);
        if (at[i].value.n)
            memcpy(copy[i], at[i].value.p, at[i].value.n);
        at[i].value.p = copy[i];
    }
    for (size_t k = 0; k + 3 <= e->bytes.n; k += 3) {
        struct store_item *row = &at[e->bytes.p[k] % rows->n];
        uint8_t offset = e->bytes.p[k + 1];
        if (offset == 255)
            row->value.n = row->value.n ? row->value.n - 1 : 0;
        else if (row->value.n)
            copy[row - at][offset % row->value.n] = e->bytes.p[k + 2];
    }
    struct store_rows edited = *rows;
    edited.at = at;
    must(!core_open(e->conf, e->plant, &e->core));
    if (core_start(e->core, &edited, (struct core_now){T1, 1000}, where)) {
        must(where[0]);
        core_close(e->core);
        e->core = NULL;
    }
    for (size_t i = 0; i < rows->n; i++)
        free(copy[i]);
    free(copy);
    free(at);
}

static void fill(struct station *st, struct script *s) {
    must(!station_start(st, (struct core_now){T0, 1000}, 5) &&
         !station_tick(st, (struct core_now){T0, 1000}));
    script_init(s, st, "gw1", 101);
    uint16_t state = script_point(s, "state", POINT_STATE, 1);
    uint16_t total = script_point(s, "total", POINT_COUNTER, 1000000);
    uint16_t order = script_point(s, "order", POINT_STATE, 1);
    uint16_t stray = script_point(s, "stray", POINT_REGISTER, 1);
    s->point[order].sticky = true;
    must(!script_hello(s) && !script_key(s, T0));
    for (int64_t i = 0; i < 3; i++) {
        int64_t t = T0 + i * UTC_MINUTE_MS;
        script_asof(s, T0, t);
        script_int(s, state, t, MACHINE_RUN);
        script_int(s, total, t, 100 + i);
        script_int(s, stray, t, i);
        script_text(s, order, t, "o-1");
        must(!script_send(s) && !station_tick(st, (struct core_now){t, 1000 + t - T0}));
    }
    must(!station_settle(st));
}

/* Filled once; each run begins with its rows as they were. */
static struct world {
    struct plant *plant;
    struct station st;
    struct script s;
    struct store_image *image;
} world;

static void open_world(struct world *w) {
    must(!line_plant_open(&w->plant));
    w->plant->keep_logs_ms =
        UTC_DAY_MS; /* what a wild time makes dirty, and so the work of a run */
    must(!station_init(&w->st, w->plant));
    fill(&w->st, &w->s);
    station_kill(&w->st, 0);
    must(!store_memory_save(w->st.store, &w->image));
}

/* Rows that are read later may contradict the edited ones: an error, not a fault. */
static void go_on(struct world *w) {
    struct station *st = &w->st;
    st->now = (struct core_now){T1, 1000};
    st->failed = ERR_OK;
    (void)station_tick(st, (struct core_now){T1, 2000});
    if (!st->failed)
        (void)script_hello(&w->s);
    if (!st->failed)
        (void)script_key(&w->s, T1);
    for (int i = 0; i < 4 && !st->failed; i++)
        (void)station_tick(st, (struct core_now){T1, 3000 + i * 1000});
    station_kill(st, 0);
}

static void try_store(struct span bytes) {
    struct world *w = &world;
    const struct store_range *range = NULL;
    size_t n = core_start_ranges(&range);
    if (!w->image)
        open_world(w);
    uint64_t next = w->s.next;
    struct edits e = {.conf = &w->st.conf, .plant = w->plant, .bytes = bytes};
    must(!w->st.store->ops->load_now(w->st.store, range, n, on_rows, &e));
    w->st.core = e.core;
    if (e.core)
        go_on(w);
    w->s.next = next;
    must(!store_memory_restore(w->st.store, w->image));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf b;
    if (size == 0)
        return 0;
    struct span bytes = span_of(data + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        sealed(bytes, &b);
        try_lane(buf_span(&b));
        buf_fini(&b);
        break;
    case 1:
        sealed(bytes, &b);
        try_session(buf_span(&b));
        buf_fini(&b);
        try_session(bytes);
        break;
    case 2:
        try_ranges(bytes);
        break;
    default:
        try_store(bytes);
    }
    return 0;
}
