#include <criterion/criterion.h>
#include <stdio.h>

#include "mtconnect/look.h"
#include "mtconnect_docs.h"
#include "sourcekit/yaml.h"

static void expect_wrong(const char *yaml, const char *want) {
    struct mtconnect_conf c;
    struct conf_report report;
    struct buf text;
    yaml_load(yaml, &mtconnect_schema, &c);
    conf_report_init(&report);
    mtconnect_conf_finish(&c, &report);
    buf_init(&text);
    conf_report_format(&report, &text);
    buf_add_byte(&text, '\0');
    cr_expect_not_null(strstr((const char *)text.p, want), "%s\nmust say %s", (const char *)text.p,
                       want);
    buf_fini(&text);
    conf_report_fini(&report);
    conf_free(&mtconnect_schema, &c);
}

Test(mtconnect_conf, mistakes_are_named) {
    expect_wrong("url: ftp://x\n", "url is not http://HOST:PORT");
    static const char *const urls[] = {"http://:5000",   "http://x:",      "http://x:0",
                                       "http://x:65536", "https://x:5o00", "http://[::1]:99999",
                                       "http://x?a=b"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        char yaml[80];
        (void)snprintf(yaml, sizeof yaml, "url: '%s'\n", urls[i]);
        expect_wrong(yaml, "url is not http://HOST:PORT");
    }
    expect_wrong("url: http://x\npoints: [{name: a}]\n", "point a chooses nothing");
    expect_wrong("url: http://x\npoints: [{name: a, id: b, type: interval}]\n", "no intervals");
    expect_wrong("url: http://x\npoints: [{name: \"{what}\", id: b}]\n",
                 "what may stand in braces is device, component, item and id");
    expect_wrong("url: http://x\npoints: [{name: a, id: b}, {name: a, id: c}]\n",
                 "name a stands in two points");
    expect_wrong("url: http://x\npoints: [{name: a b, id: b}]\n", "a name is of");
}

Test(mtconnect_conf, addresses_of_agents_are_good) {
    static const char *const urls[] = {
        "http://mill",  "https://mill.plant:443",    "http://[::1]:5000",
        "http://[::1]", "http://10.0.0.1:5000/mill", "http://a/b:c"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        char yaml[80];
        struct mtconnect_conf c;
        struct conf_report report;
        (void)snprintf(yaml, sizeof yaml, "url: '%s'\n", urls[i]);
        yaml_load(yaml, &mtconnect_schema, &c);
        conf_report_init(&report);
        mtconnect_conf_finish(&c, &report);
        yaml_clean(&report);
        conf_report_fini(&report);
        conf_free(&mtconnect_schema, &c);
    }
}

Test(mtconnect_conf, names_take_words_and_no_blanks_of_them) {
    const struct picks_words words = {span_str("Mill 2"), span_str("X"), span_str("load"),
                                      span_str("x1")};
    char name[POINT_NAME_MAX + 1];
    cr_assert_eq(picks_name("{device}/{component}/{item}.{id}", &words, name), ERR_OK);
    cr_expect_str_eq(name, "Mill-2/X/load.x1");
    cr_expect_eq(picks_name("{device", &words, name), ERR_FORMAT);
}

Test(mtconnect_conf, what_probe_suggests_can_be_copied) {
    struct mtconnect_conf c;
    struct xml_calls xml;
    struct doc d;
    struct buf text;
    char why[DOC_WHY];
    cr_assert_eq(xml_load(&xml, why), ERR_OK);
    doc_init(&d);
    cr_assert_eq(doc_parse(&xml, span_str(DOCS_DEVICES), &d, why), ERR_OK);
    yaml_load("url: http://x\n", &mtconnect_schema, &c);
    buf_init(&text);
    buf_add_str(&text, "url: http://x\npoints:\n");
    for (size_t i = 0; i < d.item_n; i++)
        look_item(&c, &d, &d.items[i], &text);
    buf_add_byte(&text, '\0');
    conf_free(&mtconnect_schema, &c);
    yaml_load((const char *)text.p, &mtconnect_schema, &c);
    cr_assert_eq(c.point_n, 5u);
    cr_expect_str_eq(c.points[3].name, "mill/count");
    cr_expect_eq(c.points[3].quantity.type, POINT_COUNTER);
    cr_expect_str_eq(c.points[1].quantity.unit, "percent");
    struct conf_report report;
    conf_report_init(&report);
    mtconnect_conf_finish(&c, &report);
    yaml_clean(&report);
    conf_report_fini(&report);
    conf_free(&mtconnect_schema, &c);
    buf_fini(&text);
    doc_fini(&d);
}
