/* The host against the assertions of the Sparkplug 3.0.0 specification: a test is named after the
 * assertion it holds, tck-id-... with underscores. Further ones are about what counts here. */
#include <criterion/criterion.h>

#include "rig.h"

static void expect_int(const struct rig *r, const char *name, int64_t t_ms, int64_t value) {
    const struct reading *last = rig_last(r, name);
    cr_expect_eq(last->quality, QUALITY_GOOD, "%s is not good", name);
    cr_expect_eq(last->t_ms, t_ms, "%s is of %lld", name, (long long)last->t_ms);
    cr_expect_eq(last->v.as.i, value, "%s is %lld", name, (long long)last->v.as.i);
}

static void expect_bad(const struct rig *r, const char *name, int64_t t_ms) {
    const struct reading *last = rig_last(r, name);
    cr_expect_eq(last->quality, QUALITY_BAD, "%s is not bad", name);
    cr_expect_neq(batch_why_of(last), BATCH_WHY_NONE, "%s says why", name);
    cr_expect_eq(last->t_ms, t_ms, "%s is of %lld", name, (long long)last->t_ms);
}

static void expect_state(const struct rig_sent *s, const char *payload) {
    cr_expect_str_eq(s->topic, "spBv1.0/STATE/plantbus");
    cr_expect_str_eq(s->payload, payload);
    cr_expect_eq(s->qos, 1);
    cr_expect(s->retain);
}

/* --- STATE --------------------------------------------------------------------------------------
 */

Test(sphost, tck_id_operational_behavior_host_application_connect_will_payload) {
    struct rig r;
    rig_init(&r, "", "");
    cr_expect(
        span_equal(sphost_will(&r.host, 77), span_str("{\"online\":false,\"timestamp\":77}")));
    rig_fini(&r);
}

/* ... with the time of the will of this very connection. */
Test(sphost, tck_id_operational_behavior_host_application_connect_birth_payload) {
    struct rig r;
    rig_init(&r, "", "");
    (void)sphost_will(&r.host, 5);
    r.now_ms = 2000000;
    (void)sphost_will(&r.host, 1999000);
    cr_assert_eq(sphost_on_up(&r.host, 2000000), ERR_OK);
    cr_assert_eq(r.sent_n, 1);
    expect_state(&r.sent[0], "{\"online\":true,\"timestamp\":1999000}");
    rig_fini(&r);
}

Test(sphost, tck_id_message_flow_hid_sparkplug_state_message_delivered) {
    struct rig r;
    const struct span mine = span_str("spBv1.0/STATE/plantbus"),
                      other = span_str("spBv1.0/STATE/other"),
                      dead = span_str("{\"online\":false,\"timestamp\":1}");
    rig_init(&r, "", "");
    rig_up(&r);
    cr_assert_eq(sphost_on_message(&r.host, other, dead, true, 1000001, &r.got.out), ERR_OK);
    cr_expect_eq(r.sent_n, 1);
    cr_assert_eq(sphost_on_message(&r.host, mine, dead, false, 1000002, &r.got.out), ERR_OK);
    cr_assert_eq(r.sent_n, 2);
    expect_state(&r.sent[1], "{\"online\":true,\"timestamp\":1000000}");
    rig_fini(&r);
}

Test(sphost, tck_id_operational_behavior_host_application_termination) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    sphost_goodbye(&r.host, 1500000);
    cr_assert_eq(r.sent_n, 2);
    expect_state(&r.sent[1], "{\"online\":false,\"timestamp\":1500000}");
    rig_fini(&r);
}

/* --- births, data, aliases ----------------------------------------------------------------------
 */

Test(sphost, births_name_what_data_mean_by_alias) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 21, 5);
    expect_int(&r, "n/temp", 999900, 21);
    expect_int(&r, "p/good", 999900, 5);
    RIG_SAY(&r, "DDATA", "p", 1000100, 2, {.alias = 2, .t_ms = 1000050, RIG_WORD(6)});
    expect_int(&r, "p/good", 1000050, 6);
    RIG_SAY(&r, "NDATA", "", 1000200, 3, {.alias = 1, RIG_WORD(22)}); /* the message's time */
    expect_int(&r, "n/temp", 1000200, 22);
    cr_expect_eq(rig_rebirths(&r), 0);
    rig_fini(&r);
}

/* tck-id-payloads-sequence-num-incrementing: 255 is followed by 0. */
Test(sphost, tck_id_payloads_sequence_num_incrementing) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 0, 0);
    for (int i = 2; i < 520; i++)
        RIG_SAY(&r, "DDATA", "p", 1000000 + i, i % 256, {.alias = 2, RIG_WORD((uint64_t)i)});
    expect_int(&r, "p/good", 1000519, 519);
    cr_expect_eq(capture_count(&r.got, "p/good"), 519);
    cr_expect_eq(r.host.stats.out_of_order, 0);
    rig_fini(&r);
}

Test(sphost, a_birth_repeats_and_is_not_told_again) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 21, 5);
    r.now_ms = 1000500;
    RIG_SAY(&r, "NBIRTH", "", 1000400, 0, {.name = "bdSeq", .type = 4, RIG_WORD(0)},
            {.name = "Temp", .alias = 9, .t_ms = 999900, .type = 3, RIG_WORD(21)});
    cr_expect_eq(capture_count(&r.got, "n/temp"), 1);
    RIG_SAY(&r, "DBIRTH", "p", 1000400, 1,
            {.name = "Good", .alias = 2, .t_ms = 1000300, .type = 3, RIG_WORD(6)});
    expect_int(&r, "p/good", 1000300, 6);
    RIG_SAY(&r, "NDATA", "", 1000600, 2, {.alias = 9, RIG_WORD(23)});
    expect_int(&r, "n/temp", 1000600, 23);
    rig_fini(&r);
}

Test(sphost, an_event_of_a_birth_is_told_once_over_restarts_too) {
    struct rig r;
    struct buf position;
    buf_init(&position);
    rig_init(&r, "", "");
    rig_up(&r);
    RIG_SAY(&r, "NBIRTH", "", 999900, 0, {.name = "bdSeq", .type = 4, RIG_WORD(0)},
            {.name = "Scrap", .t_ms = 999800, .type = 3, RIG_WORD(7)});
    cr_expect_eq(capture_amount(&r.got, "scrap"), 7);
    sphost_position(&r.host, &position);
    rig_fini(&r);
    cr_assert_eq(buf_add_byte(&position, 0), ERR_OK);
    rig_init(&r, "", (const char *)position.p);
    r.now_ms = 1100000;
    rig_up(&r);
    RIG_SAY(&r, "NBIRTH", "", 1100000, 0, {.name = "bdSeq", .type = 4, RIG_WORD(1)},
            {.name = "Scrap", .t_ms = 999800, .type = 3, RIG_WORD(7)});
    cr_expect_eq(capture_count(&r.got, "scrap"), 0);
    RIG_SAY(&r, "NDATA", "", 1100100, 1, {.name = "Scrap", .t_ms = 1100050, RIG_WORD(2)});
    cr_expect_eq(capture_amount(&r.got, "scrap"), 2);
    rig_fini(&r);
    buf_fini(&position);
}

Test(sphost, history_is_told_with_its_time_and_changes_nothing) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 21, 5);
    RIG_SAY(&r, "DDATA", "p", 1000000, 2,
            {.alias = 2, .t_ms = 900000, .historical = true, RIG_WORD(3)});
    expect_int(&r, "p/good", 900000, 3);
    r.now_ms = 1000300;
    RIG_SAY(&r, "NDEATH", "", 0, -1, {.name = "bdSeq", .type = 4, RIG_WORD(0)});
    expect_bad(&r, "p/good", 1000300);
    rig_fini(&r);
}

Test(sphost, quality_and_null_are_told) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 21, 5);
    RIG_SAY(&r, "DDATA", "p", 1000001, 2,
            {.alias = 2, RIG_WORD(6), .has_quality = true, .quality = 192});
    cr_expect_eq(rig_last(&r, "p/good")->quality, QUALITY_GOOD);
    RIG_SAY(&r, "DDATA", "p", 1000002, 3,
            {.alias = 2, RIG_WORD(6), .has_quality = true, .quality = 500});
    expect_bad(&r, "p/good", 1000002);
    cr_expect_eq(batch_why_of(rig_last(&r, "p/good")), BATCH_WHY_NOT_LIVE);
    RIG_SAY(&r, "DDATA", "p", 1000003, 4,
            {.alias = 2, RIG_WORD(6), .has_quality = true, .quality = 64});
    cr_expect_eq(rig_last(&r, "p/good")->quality, QUALITY_UNCERTAIN);
    RIG_SAY(&r, "DDATA", "p", 1000004, 5,
            {.alias = 2, RIG_WORD(6), .has_quality = true, .quality = 0});
    expect_bad(&r, "p/good", 1000004);
    cr_expect_eq(batch_why_of(rig_last(&r, "p/good")), BATCH_WHY_MARKED);
    RIG_SAY(&r, "DDATA", "p", 1000005, 6, {.alias = 2, .null = true});
    expect_bad(&r, "p/good", 1000005);
    cr_expect_eq(batch_why_of(rig_last(&r, "p/good")), BATCH_WHY_UNAVAILABLE);
    rig_fini(&r);
}

Test(sphost, other_types_are_passed_over_and_counted) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    RIG_SAY(&r, "NBIRTH", "", 999900, 0, {.name = "bdSeq", .type = 4, RIG_WORD(0)},
            {.name = "Temp", .alias = 1, .type = 19}, /* Template, without a value: null */
            {.name = "Nobody's", .alias = 3, .type = 3, RIG_WORD(1)});
    RIG_SAY(&r, "NDATA", "", 1000000, 1, {.alias = 1, .text = "x"}); /* of a Template */
    cr_expect_eq(r.host.stats.passed_over, 1);
    cr_expect_eq(r.host.stats.unmatched, 1);
    cr_assert_eq(r.got.refused_n, 1);
    cr_expect(strstr(r.got.refused[0], "Template") != NULL, "%s", r.got.refused[0]);
    rig_fini(&r);
}

/* --- deaths -------------------------------------------------------------------------------------
 */

/* By our time, although the NDEATH has none: NDEATH marks node and devices alike
 * (...-ndeath-node-offline, -ndeath-devices-offline, -ndeath-devices-tags-stale). */
Test(sphost, tck_id_operational_behavior_edge_node_termination_host_action_ndeath_node_tags_stale) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 3, 999900, 21, 5);
    r.now_ms = 1005000;
    RIG_SAY(&r, "NDEATH", "", 0, -1, {.name = "bdSeq", .type = 4, RIG_WORD(3)});
    expect_bad(&r, "n/temp", 1005000);
    expect_bad(&r, "p/good", 1005000);
    cr_expect_eq(r.host.nodes.at[0]->state, SPNODE_DEAD);
    rig_fini(&r);
}

/* tck-id-payloads-ndeath-bdseq: a will of a session before this one is none of ours. */
Test(sphost, tck_id_payloads_ndeath_bdseq) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 4, 999900, 21, 5);
    RIG_SAY(&r, "NDEATH", "", 0, -1, {.name = "bdSeq", .type = 4, RIG_WORD(3)});
    cr_expect_eq(rig_last(&r, "n/temp")->quality, QUALITY_GOOD);
    cr_expect_eq(r.host.stats.deaths_of_others, 1);
    rig_fini(&r);
}

/* By the time in the DDEATH; the node goes on. */
Test(sphost,
     tck_id_operational_behavior_edge_node_termination_host_action_ddeath_devices_tags_stale) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 21, 5);
    r.now_ms = 1005000;
    rig_say(&r, "DDEATH", "p", 1004000, 2, NULL, 0);
    expect_bad(&r, "p/good", 1004000);
    cr_expect_eq(rig_last(&r, "n/temp")->quality, QUALITY_GOOD);
    RIG_SAY(&r, "DDATA", "p", 1005000, 3, {.alias = 2, RIG_WORD(6)});
    rig_pass(&r, 1005000);
    cr_expect_eq(rig_rebirths(&r), 1); /* data of a device that is not born */
    rig_fini(&r);
}

Test(sphost, a_birth_after_a_death_begins_anew) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 21, 5);
    r.now_ms = 1005000;
    RIG_SAY(&r, "NDEATH", "", 0, -1, {.name = "bdSeq", .type = 4, RIG_WORD(0)});
    r.now_ms = 1010000;
    /* The value is as old as before; that it still holds is said by the birth, at 1009000. */
    RIG_SAY(&r, "NBIRTH", "", 1009000, 0, {.name = "bdSeq", .type = 4, RIG_WORD(1)},
            {.name = "Temp", .alias = 1, .t_ms = 999900, .type = 3, RIG_WORD(21)});
    expect_int(&r, "n/temp", 1009000, 21);
    expect_bad(&r, "p/good", 1005000);
    rig_fini(&r);
}

Test(sphost, a_sticky_point_keeps_its_value) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    RIG_SAY(&r, "NBIRTH", "", 999900, 0, {.name = "bdSeq", .type = 4, RIG_WORD(0)},
            {.name = "Order", .type = 12, .text = "O-17"});
    RIG_SAY(&r, "NDEATH", "", 0, -1, {.name = "bdSeq", .type = 4, RIG_WORD(0)});
    cr_expect_eq(capture_count(&r.got, "order"), 1);
    cr_expect_str_eq(capture_reading(&r.got, "order", 0)->text, "O-17");
    rig_fini(&r);
}

Test(sphost, an_empty_text_is_a_value) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    RIG_SAY(&r, "NBIRTH", "", 999900, 0, {.name = "bdSeq", .type = 4, RIG_WORD(0)},
            {.name = "Order", .type = 12, .text = ""});
    cr_expect_eq(capture_count(&r.got, "order"), 1);
    cr_expect_str_eq(capture_reading(&r.got, "order", 0)->text, "");
    rig_fini(&r);
}

Test(sphost, a_metric_that_a_birth_has_no_more_is_bad) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 21, 5);
    r.now_ms = 1002000;
    RIG_SAY(&r, "NBIRTH", "", 1001000, 0, {.name = "bdSeq", .type = 4, RIG_WORD(0)});
    expect_bad(&r, "n/temp", 1001000);
    cr_expect_eq(rig_last(&r, "p/good")->quality, QUALITY_GOOD); /* its DBIRTH follows ... */
    rig_pass(&r, 1002000 + 10000);
    expect_bad(&r, "p/good", 1002000); /* ... or does not */
    rig_fini(&r);
}

/* --- order --------------------------------------------------------------------------------------
 */

Test(sphost, tck_id_operational_behavior_host_reordering_success) {
    struct rig r;
    rig_init(&r, "reorder: 2 s", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 21, 5);
    RIG_SAY(&r, "DDATA", "p", 1000003, 4, {.alias = 2, RIG_WORD(8)});
    RIG_SAY(&r, "DDATA", "p", 1000002, 3, {.alias = 2, RIG_WORD(7)});
    cr_expect_eq(capture_count(&r.got, "p/good"), 1);
    cr_expect_eq(sphost_due_ms(&r.host), 1002000);
    r.now_ms = 1001000;
    RIG_SAY(&r, "DDATA", "p", 1000001, 2, {.alias = 2, RIG_WORD(6)});
    cr_assert_eq(capture_count(&r.got, "p/good"), 4);
    for (size_t i = 1; i < 4; i++)
        cr_expect_eq(capture_reading(&r.got, "p/good", i)->r.v.as.i, (int64_t)(5 + i));
    rig_pass(&r, 1005000);
    cr_expect_eq(rig_rebirths(&r), 0);
    cr_expect_eq(r.host.stats.lost, 0);
    rig_fini(&r);
}

Test(sphost, tck_id_operational_behavior_host_reordering_rebirth) {
    struct rig r;
    rig_init(&r, "reorder: 2 s", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 21, 5);
    r.now_ms = 1000500;
    RIG_SAY(&r, "NDATA", "", 1000400, 2, {.alias = 1, RIG_WORD(22)});
    r.now_ms = 1001000;
    RIG_SAY(&r, "DDATA", "p", 1000900, 4, {.alias = 2, RIG_WORD(8)});
    rig_pass(&r, 1002999);
    cr_expect_eq(rig_rebirths(&r), 0);
    rig_pass(&r, 1003000);
    cr_expect_eq(rig_rebirths(&r), 1);
    /* Known until the last message in order, at 1000500; what came behind the gap is not told. */
    expect_bad(&r, "n/temp", 1000501);
    expect_bad(&r, "p/good", 1000501);
    const struct rig_sent *s = &r.sent[r.sent_n - 1];
    cr_expect_eq(s->qos, 0);
    cr_expect_not(s->retain);
    rig_fini(&r);
}

Test(sphost, requests_for_a_birth_are_limited) {
    struct rig r;
    rig_init(&r, "rebirth_every: 60 s", "");
    rig_up(&r);
    for (int i = 0; i < 30; i++) {
        r.now_ms += 1000;
        RIG_SAY(&r, "NDATA", "", r.now_ms, i, {.alias = 1, RIG_WORD(1)});
        rig_pass(&r, r.now_ms);
    }
    cr_expect_eq(rig_rebirths(&r), 1);
    rig_pass(&r, 1000000 + 1000 + 60000);
    cr_expect_eq(rig_rebirths(&r), 2);
    rig_birth(&r, 0, r.now_ms, 1, 1);
    rig_pass(&r, r.now_ms + 600000);
    cr_expect_eq(rig_rebirths(&r), 2); /* it came */
    rig_fini(&r);
}

Test(sphost, a_listener_asks_for_nothing) {
    struct rig r;
    rig_init(&r, "state: false\nrebirth: false", "");
    rig_up(&r);
    RIG_SAY(&r, "NDATA", "", 1000000, 7, {.alias = 1, RIG_WORD(1)});
    rig_pass(&r, 2000000);
    sphost_goodbye(&r.host, 2000000);
    cr_expect_eq(r.sent_n, 0);
    rig_fini(&r);
}

Test(sphost, a_message_that_comes_twice_counts_once) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 21, 5);
    for (int i = 0; i < 2; i++)
        RIG_SAY(&r, "DDATA", "p", 1000001, 2, {.alias = 2, RIG_WORD(6)});
    RIG_SAY(&r, "DDATA", "p", 1000002, 3, {.alias = 2, RIG_WORD(7)});
    cr_expect_eq(capture_count(&r.got, "p/good"), 3);
    cr_expect_eq(r.host.stats.doubled, 1);
    rig_fini(&r);
}

Test(sphost, an_unknown_alias_asks_for_a_birth) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 21, 5);
    RIG_SAY(&r, "DDATA", "p", 1000001, 2, {.alias = 77, RIG_WORD(6)});
    rig_pass(&r, 1000001);
    cr_expect_eq(rig_rebirths(&r), 1);
    rig_fini(&r);
}

/* --- the connection -----------------------------------------------------------------------------
 */

Test(sphost, a_break_of_the_connection_is_a_gap_and_births_are_asked_for) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 21, 5);
    r.now_ms = 1010000;
    RIG_SAY(&r, "NDATA", "", 1009990, 2, {.alias = 1, RIG_WORD(22)});
    sphost_on_down(&r.host, 1030000);
    r.now_ms = 1050000;
    rig_up(&r);
    cr_assert_eq(r.got.cover_n, 2);
    cr_expect_eq(r.got.covers[0].since_ms, 1000000);
    cr_expect_eq(r.got.covers[0].until_ms, 1010000);
    cr_expect_eq(r.got.covers[1].since_ms, 1050000);
    RIG_SAY(&r, "NDATA", "", 1050000, 3, {.alias = 1, RIG_WORD(23)});
    cr_expect_eq(capture_count(&r.got, "n/temp"), 2); /* no birth, no value */
    rig_pass(&r, 1050000);
    cr_expect_eq(rig_rebirths(&r), 1);
    rig_birth(&r, 1, 1050100, 24, 9);
    expect_int(&r, "n/temp", 1050100, 24);
    rig_fini(&r);
}

Test(sphost, silence_is_known_by_the_echo_of_state) {
    struct rig r;
    rig_init(&r, "heartbeat: 10 s", "");
    rig_up(&r);
    cr_expect_eq(sphost_due_ms(&r.host), 1010000);
    rig_pass(&r, 1010000);
    cr_assert_eq(r.sent_n, 2);
    expect_state(&r.sent[1], "{\"online\":true,\"timestamp\":1000000}");
    rig_pass(&r, 1025000); /* no echo: nothing is vouched for, and it is not asked again */
    cr_expect_eq(r.sent_n, 2);
    cr_expect_eq(r.got.covers[0].until_ms, 1000000);
    cr_assert_eq(sphost_on_message(&r.host, span_str("spBv1.0/STATE/plantbus"),
                                   span_str("{\"online\":true,\"timestamp\":1000000}"), false,
                                   1026000, &r.got.out),
                 ERR_OK);
    rig_pass(&r, 1026000);
    cr_expect_eq(r.got.covers[0].until_ms, 1026000);
    rig_fini(&r);
}

Test(sphost, what_a_broker_retained_is_no_reading) {
    struct rig r;
    struct buf bytes;
    const struct bytes_metric m = {.name = "Temp", .type = 3, RIG_WORD(1)};
    buf_init(&bytes);
    bytes_payload(&bytes, 1, 0, &m, 1);
    rig_init(&r, "", "");
    rig_up(&r);
    cr_assert_eq(sphost_on_message(&r.host, span_str("spBv1.0/g/NBIRTH/n"), buf_span(&bytes), true,
                                   1000000, &r.got.out),
                 ERR_OK);
    rig_pass(&r, 1000000);
    cr_expect_eq(r.got.reading_n, 0);
    cr_expect_eq(r.host.stats.retained, 1);
    rig_fini(&r);
    buf_fini(&bytes);
}

Test(sphost, a_full_journal_loses_nothing) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    rig_birth(&r, 0, 999900, 21, 5);
    struct buf bytes;
    buf_init(&bytes);
    const struct bytes_metric m[] = {{.alias = 2, .t_ms = 1000001, RIG_WORD(6)},
                                     {.alias = 2, .t_ms = 1000002, RIG_WORD(7)}};
    bytes_payload(&bytes, 1000002, 2, m, 2);
    r.got.room = 1;
    cr_assert_eq(sphost_on_message(&r.host, span_str("spBv1.0/g/DDATA/n/p"), buf_span(&bytes),
                                   false, 1000002, &r.got.out),
                 ERR_OK);
    cr_expect_eq(tells_tell(&r.host.tells, 1000002, &r.got.out), ERR_FULL);
    cr_expect(tells_waiting(&r.host.tells));
    cr_expect_eq(r.got.covers[0].until_ms, 1000001); /* not beyond what was told */
    r.got.room = SIZE_MAX;
    rig_pass(&r, 1000100);
    cr_expect_eq(capture_count(&r.got, "p/good"), 3);
    expect_int(&r, "p/good", 1000002, 7);
    rig_fini(&r);
    buf_fini(&bytes);
}

Test(sphost, a_rule_may_take_the_time_of_arrival) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    RIG_SAY(&r, "NBIRTH", "", 5, 0, {.name = "bdSeq", .type = 4, RIG_WORD(0)},
            {.name = "Late", .t_ms = 5, .type = 11, RIG_WORD(1)});
    expect_int(&r, "late", 1000000, 1);
    rig_fini(&r);
}

/* Whatever the node's clock says, of its births too: an hour ahead is no time to come, and what a
 * birth says again behind a lost message is not old because the node's clock is behind. */
Test(sphost, the_time_of_arrival_needs_no_clock_of_the_node) {
    static const int64_t off[] = {3600000, -900000};
    for (size_t i = 0; i < 2; i++) {
        struct rig r;
        rig_init(&r, "", "");
        rig_up(&r);
        const int64_t t = r.now_ms + off[i];
        RIG_SAY(&r, "NBIRTH", "", t, 0, {.name = "bdSeq", .type = 4, RIG_WORD(0)},
                {.name = "Late", .t_ms = t, .type = 11, RIG_WORD(1)});
        expect_int(&r, "late", r.now_ms, 1);
        r.now_ms += 50;
        RIG_SAY(&r, "NBIRTH", "", t + 50, 0, {.name = "bdSeq", .type = 4, RIG_WORD(0)},
                {.name = "Late", .t_ms = t + 40, .type = 11, RIG_WORD(0)});
        expect_int(&r, "late", r.now_ms, 0);
        rig_fini(&r);
    }
}

/* Also when the message's own time happens to be the moment at which it came. */
Test(sphost, whose_time_a_reading_has_is_told) {
    struct rig r;
    rig_init(&r, "", "");
    rig_up(&r);
    RIG_SAY(&r, "NBIRTH", "", 1000000, 0, {.name = "bdSeq", .type = 4, RIG_WORD(0)},
            {.name = "Late", .t_ms = 1000000, .type = 11, RIG_WORD(1)},
            {.name = "Temp", .t_ms = 1000000, .type = 3, RIG_WORD(20)});
    cr_expect_not(rig_last(&r, "late")->by_device);
    cr_expect(rig_last(&r, "n/temp")->by_device);
    RIG_SAY(&r, "NDATA", "", 1000007, 1, {.name = "Temp", .type = 3, RIG_WORD(21)});
    cr_expect(rig_last(&r, "n/temp")->by_device, "the message's");
    expect_int(&r, "n/temp", 1000007, 21);
    rig_fini(&r);
}
