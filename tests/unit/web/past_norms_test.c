/* GET /api/v1/norms/...: history against norms, and what is wrong with a question. */
#include <criterion/criterion.h>

#include "rig.h"

static struct json_value *tree(const struct answer *a) {
    struct json_value *v = NULL;
    cr_assert_eq(json_parse(span_of(a->body, a->body_n), NULL, &v, NULL), ERR_OK, "%s", a->body);
    return v;
}

static bool text_is(const struct json_value *v, const char *key, const char *text) {
    struct span s = {0};
    return json_string_of(json_find(v, key), &s) == ERR_OK && span_equal(s, span_str(text));
}

/* The press runs since 06:00: its shift is not over, so there is no observation yet. */
Test(past_norms, each_question_has_its_answer) {
    static const struct {
        const char *path, *what;
        bool rows;
    } row[] = {{"suggest?node=press&indicator=labour_per_unit&method=middle", "suggest", false},
               {"attainment?node=line&by=unit,team,product,period", "attainment", true},
               {"teams?node=press&indicator=oee", "teams", true},
               {"status", "status", true},
               {"review?to=2026-06-01", "review", true},
               {"records?node=press&indicator=energy_per_good&limit=5", "records", true},
               {"links?node=line&from=2026-05-01&to=2026-06-02", "links", true}};
    struct rig r;
    rig_open(&r, NULL);
    rig_say(&r, RIG_T0 + 10 * UTC_MINUTE_MS, MACHINE_RUN);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct answer a;
        char path[128];
        (void)snprintf(path, sizeof path, "/api/v1/norms/%s", row[i].path);
        ask(&r, "GET", path, "", NULL, &a);
        cr_assert_eq(a.status, 200, "%s %s", path, a.body);
        struct json_value *v = tree(&a);
        cr_expect(text_is(v, "what", row[i].what), "%s", a.body);
        cr_expect_eq(json_kind(json_find(v, "rows")) == JSON_KIND_ARRAY, row[i].rows, "%s", a.body);
        if (i == 0) {
            cr_expect(text_is(v, "verdict", "not_enough_basis"));
            cr_expect_eq(json_kind(json_find(v, "command")), JSON_KIND_NULL);
        }
        json_close(v);
        answer_fini(&a);
    }
    rig_close(&r);
}

Test(past_norms, what_is_wrong_is_named) {
    static const struct {
        const char *path, *says;
        unsigned status;
    } row[] = {{"suggest?node=press", "indicator: missing", 400},
               {"suggest?node=pres&indicator=oee", "did you mean press?", 404},
               {"suggest?node=press&indicator=oe", "did you mean oee?", 400},
               {"suggest?node=press&indicator=oee&method=mean", "advanced, middle or growth", 400},
               {"suggest?node=press&indicator=oee&supplement=-1", "a number above -1", 400},
               {"suggest?node=press&indicator=oee&supplement=nan", "a number above -1", 400},
               {"suggest?node=press&indicator=oee&product=", "product: expected", 400},
               {"attainment?by=team,week", "by: some of unit", 400},
               {"attainment?limit=5",
                "known parameters: node, indicator, from, to, product, team, by", 400},
               {"status?from=yesterday", "from: expected a time", 400},
               {"status?from=2026-06-02&to=2026-06-01", "from: lies behind to", 400},
               {"links?from=2020-01-01&to=2026-01-01", "at most 1100 days", 400},
               {"records?node=press&indicator=oee&limit=0", "limit: a number from 1 to 1000", 400},
               {"review?from=2026-01-01", "known parameters: node, to", 400}};
    struct rig r;
    rig_open(&r, NULL);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct answer a;
        char path[128];
        (void)snprintf(path, sizeof path, "/api/v1/norms/%s", row[i].path);
        ask(&r, "GET", path, "", NULL, &a);
        cr_expect_eq(a.status, (int)row[i].status, "%s %s", path, a.body);
        cr_expect_not_null(strstr(a.body, row[i].says), "%s: %s", path, a.body);
        answer_fini(&a);
    }
    rig_close(&r);
}
