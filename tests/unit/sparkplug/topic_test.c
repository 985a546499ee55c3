#include <criterion/criterion.h>

#include "sparkplug/sptopic.h"

static void expect(const char *text, enum sptopic_kind kind, const char *group, const char *node,
                   const char *device) {
    const struct sptopic t = sptopic_parse(span_str(text));
    cr_expect_eq(t.kind, kind, "%s", text);
    cr_expect(span_equal(t.group, span_str(group)), "%s", text);
    cr_expect(span_equal(t.node, span_str(node)), "%s", text);
    cr_expect(span_equal(t.device, span_str(device)), "%s", text);
}

Test(sptopic, the_levels_are_named) {
    expect("spBv1.0/g/NBIRTH/n", SPTOPIC_NBIRTH, "g", "n", "");
    expect("spBv1.0/g/NDATA/n", SPTOPIC_NDATA, "g", "n", "");
    expect("spBv1.0/g/NDEATH/n", SPTOPIC_NDEATH, "g", "n", "");
    expect("spBv1.0/g/DBIRTH/n/d", SPTOPIC_DBIRTH, "g", "n", "d");
    expect("spBv1.0/g/DDATA/n/d", SPTOPIC_DDATA, "g", "n", "d");
    expect("spBv1.0/g/DDEATH/n/d", SPTOPIC_DDEATH, "g", "n", "d");
    expect("spBv1.0/STATE/h", SPTOPIC_STATE, "", "h", "");
}

Test(sptopic, all_else_is_passed_over) {
    const char *const others[] = {"",
                                  "spBv1.0",
                                  "spBv1.0/g",
                                  "spAv1.0/g/NDATA/n",
                                  "spBv1.0/g/NDATA/n/d",
                                  "spBv1.0/g/DDATA/n",
                                  "spBv1.0/g/DDATA/n/d/x",
                                  "spBv1.0/g/NCMD/n",
                                  "spBv1.0/g/NDATA/",
                                  "spBv1.0//NDATA/n",
                                  "STATE/h"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        expect(others[i], SPTOPIC_OTHER, "", "", "");
}

Test(sptopic, ids_have_no_signs_of_mqtt) {
    cr_expect(sptopic_id_check("Plant 1"));
    cr_expect_not(sptopic_id_check(""));
    cr_expect_not(sptopic_id_check("a/b"));
    cr_expect_not(sptopic_id_check("a+"));
    cr_expect_not(sptopic_id_check("#"));
}

/* tck-id-host-topic-phid-birth-payload: two pairs, online and timestamp. */
Test(sptopic, tck_id_host_topic_phid_birth_payload) {
    struct buf out;
    buf_init(&out);
    cr_assert_eq(sptopic_add_state(true, 1795413600000, &out), ERR_OK);
    cr_expect(
        span_equal(buf_span(&out), span_str("{\"online\":true,\"timestamp\":1795413600000}")));
    buf_fini(&out);
}

Test(sptopic, states_of_both_versions_are_read) {
    bool online = true;
    cr_assert_eq(sptopic_parse_state(span_str("{\"timestamp\": 1, \"online\": false}"), &online),
                 ERR_OK);
    cr_expect_not(online);
    cr_assert_eq(sptopic_parse_state(span_str("ONLINE"), &online), ERR_OK);
    cr_expect(online);
    cr_assert_eq(sptopic_parse_state(span_str("OFFLINE"), &online), ERR_OK);
    cr_expect_not(online);
    cr_expect_eq(sptopic_parse_state(span_str("{}"), &online), ERR_FORMAT);
    cr_expect_eq(sptopic_parse_state(span_str("offline"), &online), ERR_FORMAT);
}
