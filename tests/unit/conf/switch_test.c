/* A map that a plain true or false may stand for. */
#include <criterion/criterion.h>
#include <string.h>

#include "conf/conf.h"

struct trial {
    int64_t since_ms, until_ms;
    bool since_given;
};

struct thing {
    struct trial trial;
    bool trial_given;
};

static const struct conf_row trial_row[] = {{.key = "since",
                                             .type = CONF_UTC,
                                             .field = CONF_FIELD(struct trial, since_ms),
                                             .given = CONF_FIELD(struct trial, since_given),
                                             .help = "Begin."},
                                            {.key = "until",
                                             .type = CONF_DURATION,
                                             .field = CONF_FIELD(struct trial, until_ms),
                                             .fallback = "5 s",
                                             .help = "Length."}};
static const struct conf_schema trial_schema = CONF_SCHEMA(struct trial, trial_row);
static const struct conf_row thing_row[] = {{.key = "trial",
                                             .type = CONF_MAP,
                                             .sub = &trial_schema,
                                             .or_bool = true,
                                             .field = CONF_FIELD(struct thing, trial),
                                             .given = CONF_FIELD(struct thing, trial_given),
                                             .help = "On trial."}};
static const struct conf_schema thing_schema = CONF_SCHEMA(struct thing, thing_row);

static struct thing loaded(const char *yaml) {
    struct thing t;
    struct conf_report r;
    conf_report_init(&r);
    cr_assert_eq(conf_load(span_str(yaml), "f.yaml", &thing_schema, &t, &r), ERR_OK, "%s", yaml);
    conf_report_fini(&r);
    return t;
}

static void refused(const char *yaml, const char *want) {
    struct thing t;
    struct conf_report r;
    struct buf said;
    buf_init(&said);
    conf_report_init(&r);
    cr_assert_eq(conf_load(span_str(yaml), "f.yaml", &thing_schema, &t, &r), ERR_CONFIG, "%s",
                 yaml);
    (void)conf_report_format(&r, &said);
    (void)buf_add_byte(&said, 0);
    cr_expect_not_null(strstr((const char *)said.p, want), "wanted %s in %s", want,
                       (const char *)said.p);
    conf_report_fini(&r);
    buf_fini(&said);
}

Test(switch, true_is_an_empty_map_and_false_none_at_all) {
    struct thing t = loaded("trial: true\n");
    cr_expect(t.trial_given);
    cr_expect_not(t.trial.since_given);
    cr_expect_eq(t.trial.until_ms, 5000);
    cr_expect_not(loaded("trial: false\n").trial_given);
    cr_expect_not(loaded("{}\n").trial_given);
    t = loaded("trial: {since: 2026-11-23T06:00:00Z}\n");
    cr_expect(t.trial_given);
    cr_expect(t.trial.since_given);
    cr_expect(loaded("trial: {}\n").trial_given);
}

Test(switch, anything_else_is_told_what_may_stand_there) {
    refused("trial: 5\n", "f.yaml:1:8: trial: expected true, false or a map (key: value)");
    refused("trial: \"true\"\n", "expected true, false or a map");
    refused("trial: [true]\n", "expected true, false or a map");
    refused("trial:\n", "expected true, false or a map");
    refused("trial: {sinc: 1}\n", "since");
}

Test(switch, the_reference_says_so) {
    struct buf out;
    buf_init(&out);
    cr_assert_eq(conf_reference(&thing_schema, "Things", &out), ERR_OK);
    (void)buf_add_byte(&out, 0);
    cr_expect_not_null(strstr((const char *)out.p, "| `trial` | true, false or map |"));
    buf_fini(&out);
}
