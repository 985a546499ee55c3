/* Pages of the outbox's table: the one behind is read while the database works on this one's end.
 */
#include <criterion/criterion.h>

#include "outbox_rig.h"

enum { FIRST = 6, LAST = 15 }; /* ten hours: pages of 4, 4, 2, requests of 2 */

static const struct sink_memory_conf works = {.deletes = true};

static void open_pages(struct outbox_rig *r) {
    outbox_rig_open(r, &works);
    r->rows_max = 4;
    r->request_rows = 2;
    outbox_rig_restart(r, false);
    for (int hour = FIRST; hour <= LAST; hour++)
        outbox_rig_put(r, PACK, hour, 90, 0);
    outbox_on_tick(r->outbox, 1000, 0, 0);
    cr_assert(store_memory_step(r->rig.store)); /* the first page, its first request under way */
}

Test(pages, the_next_one_is_there_before_the_last_answer) {
    struct outbox_rig r;
    open_pages(&r);
    cr_expect_eq(store_memory_pending(r.rig.store), 0, "half of the page is still to be sent");
    cr_assert(sink_memory_step(r.sink)); /* its second request is under way */
    cr_expect_eq(store_memory_pending(r.rig.store), 1, "the next page is asked for");
    cr_assert(store_memory_step(r.rig.store));
    cr_assert(sink_memory_step(r.sink));
    cr_expect(sink_memory_busy(r.sink), "the next page's first request waits for nothing");
    cr_expect_eq(store_memory_rows(r.rig.store, STORE_OUTBOX), 10, "not even for the commit");
    outbox_rig_settle(&r);
    cr_expect_eq(store_memory_rows(r.rig.store, STORE_OUTBOX), 0);
    cr_expect_eq(sink_memory_points(r.sink), 10);
    cr_expect_eq(sink_memory_requests(r.sink), 5, "none was sent twice");
    outbox_rig_close(&r);
}

/* The store answers after the database: the commit of what was told does not overtake the load. */
Test(pages, the_next_one_may_come_late) {
    struct outbox_rig r;
    open_pages(&r);
    cr_assert(sink_memory_step(r.sink));
    cr_assert(sink_memory_step(r.sink));
    cr_expect_not(sink_memory_busy(r.sink));
    cr_assert(store_memory_step(r.rig.store));
    cr_expect(sink_memory_busy(r.sink), "it is sent as soon as it is read");
    outbox_rig_settle(&r);
    cr_expect_eq(store_memory_rows(r.rig.store, STORE_OUTBOX), 0);
    cr_expect_eq(sink_memory_points(r.sink), 10);
    outbox_rig_close(&r);
}

/* A window is restated while its old row waits in memory: the new one follows. */
Test(pages, a_row_restated_while_it_waits_goes_again) {
    struct outbox_rig r;
    open_pages(&r);
    cr_assert(sink_memory_step(r.sink));
    cr_assert(store_memory_step(r.rig.store));
    outbox_rig_put(&r, PACK, 11, 80, 1); /* the second of the second page */
    outbox_rig_tick(&r, 1000);
    cr_expect(outbox_rig_drain(&r, 3));
    const struct line_read *p = outbox_rig_point(&r, "pack", 11);
    cr_assert_not_null(p);
    cr_expect_str_eq(line_read_field(p, "revision"), "1i");
    cr_expect_str_eq(line_read_field(p, "gq"), "80000000i");
    cr_expect_eq(sink_memory_points(r.sink), 10);
    outbox_rig_close(&r);
}

Test(pages, a_stop_waits_for_the_page_that_is_read) {
    struct outbox_rig r;
    open_pages(&r);
    cr_assert(sink_memory_step(r.sink));
    cr_expect_not(outbox_stop(r.outbox));
    outbox_rig_settle(&r);
    cr_expect(outbox_stop(r.outbox));
    cr_expect_eq(sink_memory_requests(r.sink), 2);
    outbox_rig_close(&r);
}

/* --- another plant ------------------------------------------------------------------------------
 */

static uint32_t without_press(void *user, uint32_t number) {
    const struct outbox_rig *r = user;
    if (!r->press_is_gone)
        return number;
    return number == PRESS ? UINT32_MAX : number < PRESS ? number : number - 1;
}

/* The plant less the press, so that the packer's number is another one; made of a whole one. */
static struct plant *plant_without_press(void) {
    struct plant *p = NULL;
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    struct plant_node *node = plant_alloc(p, p->node_n * sizeof *node);
    memcpy(node, p->node, p->node_n * sizeof *node);
    node[PRESS] = node[PACK];
    p->node = node;
    p->node_n--;
    cr_assert_eq(plant_index(p), ERR_OK);
    return p;
}

/* The first page is four hours of the press, of which two are on their way. */
static void open_two(struct outbox_rig *r) {
    outbox_rig_open(r, &works);
    r->rows_max = 4;
    r->request_rows = 2;
    r->node = without_press;
    outbox_rig_restart(r, false);
    for (int hour = FIRST; hour < FIRST + 4; hour++) {
        outbox_rig_put(r, PRESS, hour, 50, 0);
        outbox_rig_put(r, PACK, hour, 90, 0);
    }
    outbox_on_tick(r->outbox, 1000, 0, 0);
    cr_assert(store_memory_step(r->rig.store));
    cr_assert(sink_memory_busy(r->sink));
}

/* What was sent is sent, what was not waits in the table; the packer's rows go on, as the packer's.
 */
Test(pages, rows_of_a_node_that_leaves_while_they_are_sent_wait) {
    static const uint32_t less[] = {0, 1, UINT32_MAX, 2}, more[] = {0, 1, 3};
    struct outbox_rig r;
    open_two(&r);
    struct plant *whole = r.plant, *part = plant_without_press();
    r.press_is_gone = true;
    r.plant = part;
    outbox_set_plant(r.outbox, part, less);
    outbox_rig_settle(&r);
    for (int i = 0; i < 5; i++)
        outbox_rig_tick(&r, 1000);
    cr_expect_not_null(outbox_rig_point(&r, "press", FIRST), "its words were made before");
    cr_expect_null(outbox_rig_point(&r, "press", FIRST + 2));
    cr_expect_eq(store_memory_rows(r.rig.store, STORE_OUTBOX), 4, "all of the press wait");
    for (int hour = FIRST; hour < FIRST + 4; hour++)
        cr_expect_not_null(outbox_rig_point(&r, "pack", hour));
    r.press_is_gone = false;
    r.plant = whole;
    outbox_set_plant(r.outbox, whole, more);
    plant_close(part);
    cr_expect(outbox_rig_drain(&r, 5), "it is back");
    cr_expect_eq(sink_memory_points(r.sink), 8);
    outbox_rig_close(&r);
}
