/* When a key frame says that it is from: beside a step of the wall clock. */
#include "rig.h"

enum { E1 = 301, E2 };
enum { HOUR_MS = 3600000 };

static void rig_begin(struct rig *r) {
    rig_init(r);
    cr_assert_eq(rig_open(r, E1, 1), ERR_OK);
}

/* The clock goes back by an hour. */
static struct batch_clock step_back(struct rig *r) {
    const struct batch_clock c = {r->wall_ms, r->wall_ms - HOUR_MS};
    journal_clock_steps(r->j, c.from_ms);
    r->wall_ms = c.to_ms;
    return c;
}

static enum err append_step(struct rig *r, const struct batch_clock *c) {
    batch_writer_reset(&r->w, c->to_ms);
    const struct journal_entry e = {.batch = &r->w, .clock = c};
    return journal_append(r->j, &e, r->mono_ms, r->wall_ms);
}

static int64_t time_of(struct rig *r, uint64_t epoch, uint64_t seq, enum batch_kind kind) {
    struct journal_record rec;
    struct batch_head head;
    cr_assert_eq(journal_read(r->j, r->cursor, epoch, seq, &rec), ERR_OK);
    cr_assert_eq(batch_parse_head(rec.frame, &head), ERR_OK);
    cr_assert_eq(head.kind, kind);
    return head.t_ms;
}

Test(journal_clock, a_key_frame_before_a_step_back_is_of_the_time_before_it) {
    struct rig r;
    rig_begin(&r);
    const struct batch_clock c = step_back(&r);
    r.mono_ms += 700;
    r.wall_ms += 700;
    cr_assert_eq(append_step(&r, &c), ERR_OK);
    rig_sync(&r);
    cr_assert_eq(time_of(&r, E1, 1, BATCH_KEY), c.from_ms);
    cr_assert_eq(time_of(&r, E1, 2, BATCH_CLOCK), c.to_ms);
    rig_fini(&r);
}

Test(journal_clock, a_step_that_nobody_announced_dates_its_key_frame_too) {
    struct rig r;
    rig_begin(&r);
    const struct batch_clock c = {r.wall_ms + HOUR_MS, r.wall_ms};
    cr_assert_eq(append_step(&r, &c), ERR_OK);
    rig_sync(&r);
    cr_assert_eq(time_of(&r, E1, 1, BATCH_KEY), c.from_ms);
    rig_fini(&r);
}

Test(journal_clock, a_key_frame_before_a_step_forth_is_of_now) {
    struct rig r;
    rig_begin(&r);
    const struct batch_clock c = {r.wall_ms, r.wall_ms + HOUR_MS};
    r.wall_ms = c.to_ms;
    cr_assert_eq(append_step(&r, &c), ERR_OK);
    rig_sync(&r);
    cr_assert_eq(time_of(&r, E1, 1, BATCH_KEY), c.to_ms);
    rig_fini(&r);
}

/* What was read before the step is handed over behind it. */
Test(journal_clock, until_the_step_is_told_key_frames_are_of_the_time_before_the_first_one) {
    struct rig r;
    rig_begin(&r);
    rig_accept(&r, 1);
    struct batch_clock c = step_back(&r);
    c.to_ms = step_back(&r).to_ms;
    journal_begin_epoch(r.j, E2);
    rig_tick(&r, 1000);
    rig_sync(&r);
    cr_assert_eq(time_of(&r, E2, 1, BATCH_KEY), c.from_ms);
    cr_assert_eq(append_step(&r, &c), ERR_OK);
    rig_sync(&r);
    journal_begin_epoch(r.j, E1 + 10);
    rig_tick(&r, 1000);
    rig_sync(&r);
    const int64_t behind = time_of(&r, E1 + 10, 1, BATCH_KEY);
    cr_assert_geq(behind, c.to_ms);
    cr_assert_leq(behind, r.wall_ms);
    rig_fini(&r);
}

/* The new segment's key frame stands before all that is written again, the step too. */
Test(journal_clock, a_step_that_is_written_again_stands_behind_a_key_frame_of_before) {
    struct rig r;
    rig_begin(&r);
    rig_accept(&r, 1);
    cr_assert_eq(rig_append(&r, 2), ERR_OK);
    const struct batch_clock c = step_back(&r);
    cr_assert_eq(append_step(&r, &c), ERR_OK);
    cr_assert_eq(rig_append(&r, 3), ERR_OK);
    r.disk.fail_sync = ERR_IO;
    rig_sync(&r);
    r.disk.fail_sync = ERR_OK;
    rig_tick(&r, 2000);
    rig_sync(&r);
    cr_assert_eq(time_of(&r, E1, 3, BATCH_KEY), c.from_ms); /* 1 the first one, 2 a reading */
    cr_assert_eq(time_of(&r, E1, 5, BATCH_CLOCK), c.to_ms);
    rig_fini(&r);
}

/* What a process finds says how far the one before it vouched. */
Test(journal_clock, a_start_knows_how_far_was_told) {
    struct rig r;
    rig_begin(&r);
    cr_expect_eq(journal_covered_ms(r.j), INT64_MIN);
    const int64_t told_ms = r.wall_ms;
    batch_writer_reset(&r.w, told_ms);
    batch_writer_add_asof(&r.w, (struct asof){0, told_ms - 1000, told_ms});
    const struct journal_entry e = {.batch = &r.w};
    cr_assert_eq(journal_append(r.j, &e, r.mono_ms, r.wall_ms), ERR_OK);
    rig_sync(&r);
    cr_expect_eq(journal_covered_ms(r.j), told_ms);
    rig_close(&r);
    r.wall_ms -= HOUR_MS;
    cr_assert_eq(rig_open(&r, E2, 1), ERR_OK);
    cr_expect_eq(journal_covered_ms(r.j), told_ms);
    rig_fini(&r);
}
