/* Whatever an adapter sends, in any pieces: lines come out the same, and what is told of them is
 * legal. The first byte chooses the clock and the size of the pieces. */
#include <stdlib.h>

#include "shdr/talk.h"
#include "shdr/told.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t points;

static enum err add_point(void *user, const struct point *p, uint16_t *id) {
    (void)user;
    if (!point_check(p))
        abort();
    *id = (uint16_t)points++;
    return ERR_OK;
}

static enum err reading(void *user, const struct reading *r) {
    (void)user;
    if (r->point >= points || r->quality >= QUALITY_COUNT ||
        (r->v.kind == VALUE_NONE && r->quality != QUALITY_BAD))
        abort();
    return ERR_OK;
}

static enum err covered(void *user, int64_t since_ms, int64_t until_ms) {
    (void)user;
    if (since_ms > until_ms)
        abort();
    return ERR_OK;
}

static void refused(void *user, const char *reason, const char *place) {
    (void)user;
    if (reason[0] == '\0' || place[0] == '\0')
        abort();
}

static char empty[] = "", one[] = "1",
            names[][5] = {"exec", "load", "cond", "note", "wave", "done"};

enum { POINTS = 6 };

static void take_all(struct talk *t, struct told *told, int64_t now_ms,
                     const struct source_out *out) {
    struct span line;

    for (enum talk_taken k = talk_take(t, &line); k != TALK_NONE; k = talk_take(t, &line)) {
        enum err e = ERR_OK;
        if (k == TALK_LINE)
            e = told_take(told, line, "line", now_ms, out);
        else if (k == TALK_PONG)
            e = told_alive(told, now_ms, out);
        if (e == ERR_OK)
            e = told_tell(told, out);
        if (e != ERR_OK || coverage_vouch(&told->coverage, out) != ERR_OK)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const int type[POINTS] = {POINT_STATE, POINT_GAUGE, POINT_STATE,
                                     POINT_STATE, POINT_GAUGE, POINT_EVENT};
    static const int form[POINTS] = {LINE_VALUE,   LINE_VALUE,  LINE_CONDITION,
                                     LINE_MESSAGE, LINE_SERIES, LINE_VALUE};
    struct shdr_point_conf point[POINTS];
    struct talk t;
    struct told *told = calloc(1, sizeof *told);
    const struct source_out out = {
        .add_point = add_point, .reading = reading, .covered = covered, .refused = refused};
    int64_t now_ms = INT64_C(1795413600000);

    if (size < 1) {
        free(told);
        return 0;
    }
    for (size_t i = 0; i < POINTS; i++)
        point[i] = (struct shdr_point_conf){.name = names[i],
                                            .key = empty,
                                            .hint = empty,
                                            .form = form[i],
                                            .quantity = {.type = type[i], .scale = one}};
    const struct shdr_conf conf = {.host = empty,
                                   .clock = data[0] % 3,
                                   .silence_ms = 60000,
                                   .name_unknown = true,
                                   .points = point,
                                   .point_n = POINTS};
    points = 0;
    if (told == NULL || told_init(told, &conf) != ERR_OK || talk_init(&t) != ERR_OK)
        abort();
    talk_begin(&t, now_ms);
    told_begin(told, now_ms);
    const size_t step = 1u + data[0] / 3;
    for (size_t at = 1; at < size; at += step) {
        const size_t n = size - at < step ? size - at : step;
        const struct span room = talk_room(&t);
        if (room.n < n)
            abort();
        memcpy(t.bytes + (room.p - t.bytes), data + at, n);
        talk_on_bytes(&t, n, now_ms);
        take_all(&t, told, now_ms, &out);
        now_ms += 1000;
        if (talk_is_dead(&t, now_ms)) {
            talk_begin(&t, now_ms);
            told_begin(told, now_ms);
        }
        (void)talk_ping(&t, now_ms);
    }
    talk_fini(&t);
    told_fini(told);
    free(told);
    return 0;
}
