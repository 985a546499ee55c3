/* GET /api/v1/gauges: what is answered and what is wrong with a question. */
#include <criterion/criterion.h>

#include "rig.h"

static const struct plant_gauge gauge[] = {
    {.id = {"temperature"}, .name = "Temperature", .unit_text = "degC", .unit = 0, .signal = 0}};

static void open_with_gauge(struct rig *r) {
    rig_open(r, NULL);
    r->plant->gauge = gauge;
    r->plant->gauge_n = 1;
}

Test(gauges, of_a_gauge_that_never_spoke_there_are_no_rows) {
    struct rig r;
    struct answer a;
    open_with_gauge(&r);
    ask(&r, "GET", "/api/v1/gauges?unit=press&gauge=temperature&each=hour", "", NULL, &a);
    cr_expect_eq(a.status, 200, "%s", a.body);
    cr_expect(strstr(a.body, "\"rows\":[]"), "%s", a.body);
    cr_expect(strstr(a.body, "\"unit_text\":\"degC\""), "%s", a.body);
    answer_fini(&a);
    ask(&r, "GET", "/api/v1/gauges?unit=press&gauge=temperature&format=csv", "", NULL, &a);
    cr_expect_eq(a.status, 200, "%s", a.body);
    cr_expect_str_eq(a.body, "start,mean,least,greatest,known_ms\n");
    answer_fini(&a);
    rig_close(&r);
}

Test(gauges, what_is_wrong_with_a_question_is_said) {
    static const struct {
        const char *path;
        int status;
        const char *words;
    } wrong[] = {
        {"/api/v1/gauges", 400, "unit: missing"},
        {"/api/v1/gauges?unit=pres&gauge=temperature", 404, "did you mean press?"},
        {"/api/v1/gauges?unit=press", 400, "gauge: missing"},
        {"/api/v1/gauges?unit=press&gauge=temprature", 400, "did you mean temperature?"},
        {"/api/v1/gauges?unit=pack&gauge=temperature", 400, "the unit has none of this id"},
        {"/api/v1/gauges?unit=press&gauge=temperature&each=day", 400, "minute or hour"},
        {"/api/v1/gauges?unit=press&gauge=temperature&kind=hour", 400, "known parameters: unit"},
        {"/api/v1/gauges?unit=press&gauge=temperature&from=2020-01-01&to=2026-01-01", 400,
         "at most 400 days"},
    };
    struct rig r;
    struct answer a;
    open_with_gauge(&r);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ask(&r, "GET", wrong[i].path, "", NULL, &a);
        cr_expect_eq(a.status, wrong[i].status, "%s: %d", wrong[i].path, a.status);
        cr_expect_not_null(strstr(a.body, wrong[i].words), "%s: %s", wrong[i].path, a.body);
        answer_fini(&a);
    }
    rig_close(&r);
}
