#include "lanes_rig.h"

void lanes_points(struct lanes_bench *b, struct script *s) {
    b->state = script_point(s, "state", POINT_STATE, 1);
    b->product = script_point(s, "product", POINT_STATE, 1);
    s->point[b->product].sticky = true;
    b->total = script_point(s, "total", POINT_COUNTER, PIECE);
    b->energy = script_point(s, "energy", POINT_REGISTER, PIECE);
    b->extra = script_point(s, "extra", POINT_GAUGE, 1);
}

void lanes_open(struct lanes_bench *b) {
    cr_assert_eq(line_plant_open(&b->plant), ERR_OK);
    cr_assert_eq(station_init(&b->station, b->plant), ERR_OK);
    cr_assert_eq(station_start(&b->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&b->older, &b->station, "gw1", OLDER);
    script_init(&b->younger, &b->station, "gw1", YOUNGER);
    b->younger.nonce = b->older.nonce;
    lanes_points(b, &b->older);
    lanes_points(b, &b->younger);
    cr_assert_eq(station_tick(&b->station, (struct core_now){T0, 1000}), ERR_OK);
}

void lanes_close(struct lanes_bench *b) {
    script_fini(&b->older);
    script_fini(&b->younger);
    station_fini(&b->station);
    plant_close(b->plant);
}

void lanes_at(struct lanes_bench *b, int64_t wall_ms) {
    cr_assert_eq(station_tick(&b->station, (struct core_now){wall_ms, 1000 + wall_ms - T0}),
                 ERR_OK);
    cr_assert_eq(station_settle(&b->station), ERR_OK);
}

/* Both epochs; the older one has `records` in all. */
void lanes_hello(struct lanes_bench *b, uint64_t records) {
    struct script *g = &b->younger;
    char topic[TOPIC_MAX];
    struct buf bytes;
    struct hello h = {.agent = g->agent, .nonce = g->nonce, .n = ++g->hello_n, .epoch_n = 2};
    h.epoch[0] = (struct hello_epoch){.epoch = OLDER, .base = 1, .next = records + 1};
    h.epoch[1] = (struct hello_epoch){.epoch = YOUNGER,
                                      .prev_epoch = OLDER,
                                      .prev_last = records,
                                      .base = 1,
                                      .next = g->next > 1 ? g->next : 2,
                                      .open = true};
    g->prev_epoch = OLDER;
    g->prev_last = records;
    buf_init(&bytes);
    topic_format(TOPIC_HELLO, &g->agent, topic);
    cr_assert_eq(hello_format(&h, &bytes), ERR_OK);
    cr_assert_eq(station_message(&b->station, topic, buf_span(&bytes)), ERR_OK);
    buf_fini(&bytes);
}

static uint32_t word_of(struct lanes_bench *b, const char *text) {
    uint32_t word = 0;

    while (++word < 64 && !span_equal(core_word(b->station.core, word), span_str(text)))
        ;
    cr_assert_lt(word, 64, "nobody said %s", text);
    return word;
}

/* Of a product the team of the shift made, or of all; what the press did on that day. */
const struct sums *lanes_day(struct lanes_bench *b, const char *product, struct window *w) {
    struct window_key key = {.node = 2, .kind = WINDOW_DAY, .start_ms = SIM_DAY0};

    key.product = product ? word_of(b, product) : 0;
    key.team = product ? word_of(b, "red") : 0;
    *w = (struct window){0};
    cr_assert(station_window(&b->station, &key, w));
    return &w->sums;
}

/* What the agent holds, of one process. */
void lanes_tell(struct lanes_bench *b, uint32_t n, const struct hello_epoch *row) {
    struct script *g = &b->younger;
    struct hello h = {.agent = g->agent, .nonce = g->nonce, .n = ++g->hello_n, .epoch_n = n};
    char topic[TOPIC_MAX];
    struct buf bytes;
    memcpy(h.epoch, row, n * sizeof *row);
    buf_init(&bytes);
    topic_format(TOPIC_HELLO, &g->agent, topic);
    cr_assert_eq(hello_format(&h, &bytes), ERR_OK);
    cr_assert_eq(station_message(&b->station, topic, buf_span(&bytes)), ERR_OK);
    buf_fini(&bytes);
}

void lanes_drop_all(struct lanes_bench *b, uint64_t epoch, uint64_t records) {
    struct script *g = &b->younger;
    const struct batch_head head = {
        .kind = BATCH_DROPPED, .epoch = epoch, .seq = records, .t_ms = T0 + 40 * MIN};
    const struct batch_dropped all = {.from = 1, .to = records, .reason = DROP_QUOTA};
    struct batch_writer w;
    char topic[TOPIC_MAX];
    struct buf bytes;
    batch_writer_init(&w);
    batch_writer_reset(&w, head.t_ms);
    buf_init(&bytes);
    topic_format(TOPIC_DATA, &g->agent, topic);
    cr_assert_eq(batch_writer_encode(&w, &head, NULL, &all, NULL, &bytes), ERR_OK);
    cr_assert_eq(station_message(&b->station, topic, buf_span(&bytes)), ERR_OK);
    buf_fini(&bytes);
    batch_writer_fini(&w);
}
