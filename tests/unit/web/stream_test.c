/* The live stream: a snapshot, then what changed; slow readers, many readers, readers that go. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "rig.h"

static void stream_open(struct peer *p, struct rig *r, const char *query) {
    char text[256];
    snprintf(text, sizeof text, "GET /api/v1/stream%s HTTP/1.1\r\nHost: localhost\r\n\r\n", query);
    peer_open(p, r, false);
    peer_say(p, text);
}

/* The data of the last whole event of a kind; NULL if there is none. */
static struct json_value *event_of(const struct peer *p, const char *kind) {
    char mark[32];
    const char *at = NULL, *text = (const char *)p->got.p;
    snprintf(mark, sizeof mark, "event: %s\n", kind);
    for (const char *next = text; (next = strstr(next, mark)); next++)
        if (strstr(next, "\n\n"))
            at = next;
    if (!at)
        return NULL;
    const char *data = strstr(at, "data: ") + 6;
    struct json_value *v = NULL;
    cr_assert_eq(json_parse(span_of(data, (size_t)(strchr(data, '\n') - data)), NULL, &v, NULL),
                 ERR_OK);
    return v;
}

static const char *text_of(const struct json_value *v, const char *key) {
    struct span s = {0};
    (void)json_string_of(json_find(v, key), &s);
    return s.p ? (const char *)s.p : "";
}

Test(stream, begins_with_everything) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    stream_open(&p, &r, "?node=site&window=hour");
    cr_assert(peer_until(&p, "\n\n"));
    cr_expect(strstr((char *)p.got.p, "content-type: text/event-stream\r\n"));
    struct json_value *v = event_of(&p, "plant");
    cr_assert_not_null(v);
    cr_expect_eq(json_count(json_find(v, "tiles")), 3); /* line, press, pack */
    const struct json_value *windows = json_find(json_find(v, "head"), "windows");
    cr_expect_eq(json_count(windows), 1);
    cr_expect_eq(json_count(json_find(json_find(windows, "hour"), "classes")), 4);
    json_close(v);
    peer_close(&p);
    rig_close(&r);
}

Test(stream, without_arguments_it_is_the_site_and_its_shift) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    stream_open(&p, &r, "");
    cr_assert(peer_until(&p, "\n\n"));
    struct json_value *v = event_of(&p, "plant");
    cr_expect_str_eq(text_of(json_find(v, "head"), "id"), "site");
    cr_expect_not_null(json_find(json_find(json_find(v, "head"), "windows"), "shift"));
    json_close(v);
    peer_close(&p);
    rig_close(&r);
}

Test(stream, new_reading_arrives_as_a_change) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    stream_open(&p, &r, "?node=line");
    cr_assert(peer_until(&p, "event: plant"));
    rig_say(&r, RIG_T0 + 2 * UTC_MINUTE_MS, MACHINE_FAILED);
    web_wake(r.web);
    rig_say(&r, RIG_T0 + 3 * UTC_MINUTE_MS, MACHINE_FAILED);
    web_wake(r.web);
    cr_assert(peer_until(&p, "\"cause\":\"failure\""));
    cr_assert(peer_until(&p, "event: change"));
    peer_close(&p);
    rig_close(&r);
}

/* A plant without the packer: whoever looks at the line is told everything again, in a new epoch,
 * whoever looks at the packer loses the connection. */
Test(stream, begins_anew_when_the_plant_is_another_one) {
    struct rig r;
    struct peer line, pack;
    rig_open(&r, NULL);
    stream_open(&line, &r, "?node=line");
    stream_open(&pack, &r, "?node=pack");
    cr_assert(peer_until(&line, "\n\n"));
    cr_assert(peer_until(&pack, "event: plant"));
    char epoch[17] = "";
    memcpy(epoch, strstr((const char *)line.got.p, "id: ") + 4, 16);
    struct plant_node *node = plant_alloc(r.plant, r.plant->node_n * sizeof *node);
    memcpy(node, r.plant->node, r.plant->node_n * sizeof *node);
    memcpy(node[3].id.s, "wrap", 5);
    r.plant->node = node;
    cr_assert_eq(plant_index(r.plant), ERR_OK);
    peer_clear(&line);
    web_renew(r.web);
    cr_assert(peer_until(&line, "event: plant"));
    cr_assert(peer_until(&line, "\n\n"));
    cr_expect_neq(memcmp(strstr((const char *)line.got.p, "id: ") + 4, epoch, 16), 0);
    struct json_value *v = event_of(&line, "plant");
    cr_assert_not_null(v);
    cr_assert_eq(json_count(json_find(v, "tiles")), 2);
    cr_expect_str_eq(text_of(json_at(json_find(v, "tiles"), 1), "id"), "wrap");
    json_close(v);
    cr_expect(peer_ended(&pack));
    peer_close(&line);
    peer_close(&pack);
    rig_close(&r);
}

/* Unit pack says nothing, so its tile stays: only press moves. */
Test(stream, change_holds_only_the_tiles_that_changed) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    stream_open(&p, &r, "?node=line");
    cr_assert(peer_until(&p, "event: plant"));
    cr_assert(peer_until(&p, "\n\n"));
    rig_say(&r, RIG_T0 + UTC_MINUTE_MS + 1, MACHINE_HELD); /* within the same second and minute */
    peer_clear(&p);
    web_wake(r.web);
    cr_assert(peer_until(&p, "event: change"));
    cr_assert(peer_until(&p, "\n\n"));
    struct json_value *v = event_of(&p, "change");
    cr_assert_not_null(v);
    cr_assert_eq(json_count(json_find(v, "tiles")), 1);
    cr_expect_str_eq(text_of(json_at(json_find(v, "tiles"), 0), "id"), "press");
    json_close(v);
    peer_close(&p);
    rig_close(&r);
}

/* Four parts, one a turn: nobody sees half of them, and what changes is in one event. */
Test(stream, what_is_half_rendered_is_told_to_nobody) {
    struct rig r;
    struct peer p;
    const struct web_conf conf = {.slice_parts = 1};
    rig_open(&r, &conf);
    stream_open(&p, &r, "?node=site&window=hour");
    cr_assert(peer_until(&p, "event: plant"));
    cr_assert(peer_until(&p, "]}\n\n"));
    struct json_value *v = event_of(&p, "plant");
    cr_assert_not_null(v);
    cr_expect_eq(json_count(json_find(v, "tiles")), 3);
    json_close(v);
    peer_clear(&p);
    rig_say(&r, RIG_T0 + UTC_MINUTE_MS + 1, MACHINE_HELD);
    cr_expect(web_wake(r.web), "the head is rendered, the tiles are not");
    cr_assert(peer_until(&p, "event: change"));
    cr_assert(peer_until(&p, "]}\n\n"));
    v = event_of(&p, "change");
    cr_assert_not_null(v);
    cr_expect_not_null(json_find(v, "head"));
    bool press = false;
    for (size_t i = 0; i < json_count(json_find(v, "tiles")); i++)
        press = press || strcmp(text_of(json_at(json_find(v, "tiles"), i), "id"), "press") == 0;
    cr_expect(press, "head and tile come in one event");
    json_close(v);
    peer_close(&p);
    rig_close(&r);
}

/* A minute between two events: the beginning of a stream and time that only passes take none of it,
 * a reading does. */
Test(stream, only_readings_hold_back_a_reading) {
    struct rig r;
    struct peer p;
    struct answer a;
    const struct web_conf conf = {.push_ms = 60000};
    rig_open(&r, &conf);
    stream_open(&p, &r, "?node=line");
    cr_assert(peer_until(&p, "event: plant"));
    cr_assert(peer_until(&p, "\n\n"));
    rig_say(&r, RIG_T0 + UTC_MINUTE_MS + 1, MACHINE_FAILED);
    web_wake(r.web);
    cr_assert(peer_until(&p, "event: change"));
    cr_assert(peer_until(&p, "\n\n"));
    peer_clear(&p);
    rig_say(&r, RIG_T0 + UTC_MINUTE_MS + 2, MACHINE_RUN);
    web_wake(r.web);
    ask(&r, "GET", "/api/v1/status", "", NULL, &a); /* what was pushed would have come by then */
    cr_expect_eq(p.got.n, 0);
    answer_fini(&a);
    peer_close(&p);
    rig_close(&r);
}

Test(stream, quiet_plant_still_beats) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    stream_open(&p, &r, "?node=press");
    cr_assert(peer_until(&p, "event: plant"));
    cr_expect(peer_until(&p, "event: time"), "a beat within two seconds");
    peer_close(&p);
    rig_close(&r);
}

Test(stream, reader_that_comes_back_gets_everything_again) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    peer_open(&p, &r, false);
    peer_say(&p, "GET /api/v1/stream?node=line HTTP/1.1\r\nHost: localhost\r\n"
                 "Last-Event-ID: 0123456789abcdef-77\r\n\r\n");
    cr_assert(peer_until(&p, "event: plant"));
    peer_close(&p);
    rig_close(&r);
}

static bool none_open(void *user) {
    const struct rig *r = user;
    return web_stats(r->web)->streams_open == 0;
}

Test(stream, streams_are_limited_and_freed) {
    struct rig r;
    struct peer p[3];
    struct answer a;
    struct web_conf conf = {.clients_max = 3};
    rig_open(&r, &conf);
    for (size_t i = 0; i < 3; i++) {
        stream_open(&p[i], &r, "?node=line");
        cr_assert(peer_until(&p[i], "event: plant"));
    }
    cr_expect_eq(web_stats(r.web)->streams_open, 3);
    ask(&r, "GET", "/api/v1/stream", "", NULL, &a);
    cr_expect_eq(a.status, 503);
    answer_fini(&a);
    for (size_t i = 0; i < 3; i++)
        peer_close(&p[i]);
    cr_expect(loop_until(&r.loop, none_open, &r, 5000));
    stream_open(&p[0], &r, "");
    cr_expect(peer_until(&p[0], "event: plant"));
    cr_expect_eq(web_stats(r.web)->streams_open, 1);
    peer_close(&p[0]);
    rig_close(&r);
}

struct many {
    struct rig *r;
    struct peer *p;
    size_t n;
    const char *text;
};

static bool all_have(void *user) {
    const struct many *m = user;
    for (size_t i = 1; i < m->n; i++)
        if (!m->p[i].got.n || !strstr((const char *)m->p[i].got.p, m->text))
            return false;
    return true;
}

/* Reader 0 takes nothing. The server holds at most one event for it and the others go on; when it
 * reads again it has the newest state. */
Test(stream, stuck_reader_holds_up_nobody_and_catches_up, .timeout = 60) {
    enum { READERS = 200, ROUNDS = 40 };
    struct rig r;
    struct web_conf conf = {.clients_max = READERS};
    struct peer *p = calloc(READERS, sizeof *p);
    rig_open(&r, &conf);
    for (size_t i = 0; i < READERS; i++)
        stream_open(&p[i], &r, "?node=line");
    struct many m = {&r, p, READERS, "event: plant"};
    cr_assert(loop_until(&r.loop, all_have, &m, 20000));
    cr_assert(peer_until(&p[0], "event: plant"));
    peer_pause(&p[0], true);
    for (int i = 0; i < ROUNDS; i++) {
        rig_say(&r, RIG_T0 + UTC_MINUTE_MS + 1000 * (i + 1), i & 1 ? MACHINE_HELD : MACHINE_RUN);
        web_wake(r.web);
        uv_run(&r.loop, UV_RUN_NOWAIT);
    }
    rig_say(&r, RIG_T0 + 3 * UTC_MINUTE_MS, MACHINE_BLOCKED);
    rig_say(&r, RIG_T0 + 4 * UTC_MINUTE_MS, MACHINE_BLOCKED);
    web_wake(r.web);
    m.text = "\"cause\":\"blocked\"";
    cr_expect(loop_until(&r.loop, all_have, &m, 20000), "the others go on");
    peer_pause(&p[0], false);
    cr_expect(peer_until(&p[0], "\"cause\":\"blocked\""), "the slow one catches up");
    for (size_t i = 0; i < READERS; i++)
        peer_close(&p[i]);
    free(p);
    rig_close(&r);
}

/* Of 200 readers that are all ready a few are served in a turn of the loop, everybody soon. */
Test(stream, many_readers_do_not_hold_the_loop, .timeout = 60) {
    enum { READERS = 200, A_TURN = 48 };
    struct rig r;
    struct web_conf conf = {.clients_max = READERS};
    struct peer *p = calloc(READERS, sizeof *p);
    rig_open(&r, &conf);
    for (size_t i = 0; i < READERS; i++)
        stream_open(&p[i], &r, "?node=line");
    struct many m = {&r, p, READERS, "event: plant"};
    cr_assert(loop_until(&r.loop, all_have, &m, 20000));
    rig_say(&r, RIG_T0 + 3 * UTC_MINUTE_MS, MACHINE_BLOCKED);
    rig_say(&r, RIG_T0 + 4 * UTC_MINUTE_MS, MACHINE_BLOCKED);
    uint64_t before = web_stats(r.web)->events, most = 0;
    m.text = "\"cause\":\"blocked\"";
    web_wake(r.web);
    for (unsigned turn = 0; turn < 20000 && !all_have(&m); turn++) {
        uv_run(&r.loop, UV_RUN_ONCE);
        uint64_t now = web_stats(r.web)->events;
        most = now - before > most ? now - before : most;
        before = now;
    }
    cr_expect(all_have(&m), "everybody has it");
    cr_expect(most >= 1 && most <= A_TURN, "%ju in one turn", (uintmax_t)most);
    for (size_t i = 0; i < READERS; i++)
        peer_close(&p[i]);
    free(p);
    rig_close(&r);
}

Test(stream, request_with_a_body_is_refused) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    peer_open(&p, &r, false);
    peer_say(&p,
             "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}more");
    cr_expect(peer_until(&p, " 400 "));
    cr_expect(peer_ended(&p));
    cr_expect_eq(web_stats(r.web)->streams_open, 0);
    peer_close(&p);
    rig_close(&r);
}

/* The library leaves what comes in unread while it answers, and its socket is ready all the time:
 * the loop would turn without a pause. */
static void expect_ended(struct rig *r, const char *ahead, const char *later) {
    struct peer p;
    stream_open(&p, r, "");
    peer_say(&p, ahead); /* most often in one packet with the request */
    cr_expect(peer_until(&p, "event: plant"));
    peer_say(&p, later);
    cr_expect(peer_ended(&p), "%s, then %s", ahead, later);
    cr_expect_eq(web_stats(r->web)->streams_open, 0);
    peer_close(&p);
}

Test(stream, peer_that_talks_into_its_stream_is_ended) {
    struct rig r;
    struct peer quiet;
    rig_open(&r, NULL);
    expect_ended(&r, "", "x");
    expect_ended(&r, "", "GET /api/v1/plant HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect_ended(&r, "\r\n", "");
    expect_ended(&r, "GET /api/v1/plant HTTP/1.1\r\nHost: localhost\r\n\r\n", "");
    stream_open(&quiet, &r, "");
    cr_expect(peer_until(&quiet, "event: plant"));
    loop_for(&r.loop, 50); /* ten looks at it */
    cr_expect_not(quiet.ended);
    peer_close(&quiet);
    rig_close(&r);
}

Test(stream, server_can_stop_while_readers_are_there) {
    struct rig r;
    struct peer p[3];
    rig_open(&r, NULL);
    for (size_t i = 0; i < 3; i++) {
        stream_open(&p[i], &r, "?node=line");
        cr_assert(peer_until(&p[i], "event: plant"));
    }
    web_stop(r.web, rig_on_stopped, &r);
    for (size_t i = 0; i < 3; i++) {
        cr_expect(peer_ended(&p[i]));
        peer_close(&p[i]);
    }
    rig_end(&r);
}
