#include <criterion/criterion.h>

#include "modbus/modbus_poller.h"

enum { DEVICES_MAX = 8 };

/* A bus with one request for each device; answer_ms of a device that is dead: -1. */
struct bus {
    struct modbus_device devices[DEVICES_MAX];
    struct modbus_request requests[DEVICES_MAX];
    struct modbus_plan plan;
    struct modbus_conf conf;
    struct modbus_poller poller;
    int64_t now_ms, answer_ms[DEVICES_MAX];
    int64_t latest_ms[DEVICES_MAX]; /* how much later than its period a device was read */
    int64_t read_ms[DEVICES_MAX];
    int answers[DEVICES_MAX], asked[DEVICES_MAX], silences;
};

static void bus_init(struct bus *b, size_t n, int64_t every_ms) {
    *b = (struct bus){
        .conf = {.timeout_ms = 1000, .retries = 1, .again_ms = 1000, .again_most_ms = 30000}};
    for (size_t i = 0; i < n; i++) {
        b->requests[i] = (struct modbus_request){.device = (uint16_t)i, .every_ms = every_ms};
        b->answer_ms[i] = 20;
        b->read_ms[i] = -1;
    }
    b->plan = (struct modbus_plan){
        .devices = b->devices, .requests = b->requests, .device_n = n, .request_n = n};
    cr_assert_eq(modbus_poller_init(&b->poller, &b->plan, &b->conf), ERR_OK);
    modbus_poller_restart(&b->poller, 0);
}

static void note(struct bus *b, uint32_t i) {
    const int64_t late =
        b->read_ms[i] < 0 ? 0 : b->now_ms - b->read_ms[i] - b->requests[i].every_ms;
    if (late > b->latest_ms[i])
        b->latest_ms[i] = late;
    b->read_ms[i] = b->now_ms;
    b->answers[i]++;
}

static void run_until(struct bus *b, int64_t end_ms) {
    while (b->now_ms < end_ms) {
        uint32_t i;
        int64_t wait_ms;
        if (!modbus_poller_next(&b->poller, b->now_ms, &i, &wait_ms)) {
            cr_assert_gt(wait_ms, 0);
            b->now_ms += wait_ms;
            continue;
        }
        const int64_t sent_ms = b->now_ms;
        const bool dead = b->answer_ms[i] < 0;
        b->asked[i]++;
        b->now_ms += dead ? b->conf.timeout_ms : b->answer_ms[i];
        const enum modbus_tell what = modbus_poller_done(
            &b->poller, i, dead ? MODBUS_UNANSWERED : MODBUS_ANSWERED, sent_ms, b->now_ms);
        b->silences += what == MODBUS_TELL_SILENCE;
        if (what == MODBUS_TELL_VALUES)
            note(b, i);
    }
}

Test(poller, keeps_the_period_of_each_request) {
    struct bus b;
    bus_init(&b, 2, 1000);
    b.requests[1].every_ms = 5000;
    run_until(&b, 60000);
    cr_assert_eq(b.answers[0], 60);
    cr_assert_eq(b.answers[1], 12);
    modbus_poller_fini(&b.poller);
}

/* Turns that the bus has no time for are left out: 500 ms each of two, every 200 ms. */
Test(poller, gives_a_bus_that_is_too_slow_to_all) {
    struct bus b;
    bus_init(&b, 2, 200);
    b.answer_ms[0] = b.answer_ms[1] = 500;
    run_until(&b, 60000);
    cr_assert_eq(b.answers[0], 60);
    cr_assert_eq(b.answers[1], 60);
    modbus_poller_fini(&b.poller);
}

/* Three that take 150 ms each have 1.5 turns of 300 ms: whoever comes last is not left behind. */
Test(poller, prefers_nobody_on_a_bus_that_is_a_bit_too_slow) {
    struct bus b;
    bus_init(&b, 3, 300);
    b.answer_ms[0] = b.answer_ms[1] = b.answer_ms[2] = 150;
    run_until(&b, 90000);
    for (int i = 0; i < 3; i++)
        cr_assert(b.answers[i] >= 199 && b.answers[i] <= 201, "%d", b.answers[i]);
    modbus_poller_fini(&b.poller);
}

Test(poller, leaves_a_pause_between_frames) {
    struct bus b;
    bus_init(&b, 2, 100);
    b.poller.pause_ms = 80;
    run_until(&b, 10000); /* 20 + 80 ms each: two of them take 200 ms */
    cr_assert_eq(b.answers[0] + b.answers[1], 100);
    modbus_poller_fini(&b.poller);
}

/* A time-out of 1 s, asked again after 1, 2, 4 ... 30 s, twice at first: in ten minutes
 * 2 + 5 (1+1, 2+1, 4+1, 8+1, 16+1 = 36 s with the time-outs) + (600 - 38) / 31 = 18 times. */
Test(poller, asks_a_silent_device_ever_more_seldom) {
    struct bus b;
    bus_init(&b, 5, 1000);
    b.answer_ms[2] = -1;
    run_until(&b, 600000);
    cr_assert_eq(b.silences, 1);
    cr_assert_leq(b.asked[2], 2 + 5 + 19);
    cr_assert_geq(b.asked[2], 2 + 5 + 16);
    for (int i = 0; i < 5; i++) {
        if (i == 2)
            continue;
        /* The two seconds of the first silence are missed, and at most one turn at each question.
         */
        cr_assert_geq(b.answers[i], 600 - 2 - 24, "%d", b.answers[i]);
        cr_assert_leq(b.latest_ms[i], 2 * 1000 + 5 * 20, "%d", (int)b.latest_ms[i]);
    }
    modbus_poller_fini(&b.poller);
}

/* However many are silent, their questions take a tenth of the bus. */
Test(poller, gives_at_most_a_tenth_of_the_bus_to_silent_devices) {
    struct bus b;
    bus_init(&b, 8, 1000);
    for (int i = 1; i < 8; i++)
        b.answer_ms[i] = -1;
    b.conf.again_most_ms = b.poller.again_most_ms = 1000;
    run_until(&b, 15000); /* all are found out: 7 x 2 s */
    cr_assert_eq(b.silences, 7);
    int had = 0, has = 0;
    for (int i = 1; i < 8; i++)
        had += b.asked[i];
    const int live = b.answers[0];
    b.latest_ms[0] = 0;
    run_until(&b, 1015000);
    for (int i = 1; i < 8; i++)
        has += b.asked[i];
    cr_assert_leq(has - had, 1000 / 10 + 1, "%d", has - had);
    cr_assert_geq(b.answers[0] - live, 895, "%d", b.answers[0] - live);
    cr_assert_leq(b.latest_ms[0], 1000 + 40, "%d", (int)b.latest_ms[0]);
    modbus_poller_fini(&b.poller);
}

Test(poller, reads_a_device_that_is_back_at_once) {
    struct bus b;
    bus_init(&b, 2, 1000);
    b.answer_ms[1] = -1;
    run_until(&b, 100000);
    const int before = b.answers[1];
    cr_assert_eq(before, 0);
    b.answer_ms[1] = 20;
    run_until(&b, 132000); /* the longest pause is 30 s */
    const int first = b.answers[1];
    cr_assert_geq(first, 1);
    run_until(&b, 142000);
    cr_assert_eq(b.answers[1] - first, 10);
    modbus_poller_fini(&b.poller);
}

Test(poller, knows_when_nobody_answers) {
    struct bus b;
    bus_init(&b, 2, 1000);
    b.answer_ms[0] = b.answer_ms[1] = -1;
    run_until(&b, 3000);
    cr_assert(!modbus_poller_alone(&b.poller));
    run_until(&b, 4000);
    cr_assert(modbus_poller_alone(&b.poller));
    modbus_poller_fini(&b.poller);
}

Test(poller, an_exception_is_an_answer) {
    struct bus b;
    uint32_t i;
    int64_t wait_ms;
    bus_init(&b, 1, 1000);
    cr_assert(modbus_poller_next(&b.poller, 0, &i, &wait_ms));
    cr_assert_eq(modbus_poller_done(&b.poller, i, MODBUS_REFUSED, 0, 5), MODBUS_TELL_REFUSAL);
    cr_assert(!modbus_poller_alone(&b.poller));
    cr_assert(!modbus_poller_next(&b.poller, 5, &i, &wait_ms));
    cr_assert_eq(wait_ms, 995);
    modbus_poller_fini(&b.poller);
}
