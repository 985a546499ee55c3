/* Any bytes as a file of rules: rules or a report, never both, and whatever is a rule is one that
 * the engine takes. A rule put into any text stands there, and taken out again is gone. */
#include <stdlib.h>

#include "alert/alerts.h"
#include "alertfile/alertfile.h"
#include "alertfile/edit.h"
#include "simkit/line_plant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* libfyaml 0.7.12 loses a buffer on some broken quoted texts; what we allocate is still watched. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libfyaml";
}

static void must(bool holds) {
    if (!holds)
        abort();
}

static struct alertfile *load(struct span bytes, const struct plant *p) {
    struct conf_report report;
    struct alertfile *f = NULL;
    struct buf text;
    conf_report_init(&report);
    buf_init(&text);
    const enum err err = alertfile_parse(bytes, "r.yaml", p, NULL, &report, &f);
    must((err == ERR_OK) == (f != NULL));
    must(err != ERR_CONFIG || conf_report_count(&report) > 0);
    must(conf_report_format(&report, &text) == ERR_OK);
    buf_fini(&text);
    conf_report_fini(&report);
    return f;
}

static void take(const struct alertfile *f, const struct plant *p) {
    const struct alert_norms norms = {0};
    struct alerts *a = NULL;
    struct buf out;
    size_t changes = 9;
    must(alerts_open(&f->rules, p, &norms, &a) == ERR_OK);
    buf_init(&out);
    must(alertfile_diff(f, p, f, p, &out, &changes) == ERR_OK && changes == 0 && out.n == 0);
    buf_fini(&out);
    alerts_close(a);
}

/* Where a rule that was read stands, is found by its line as by its id. */
static void places(const struct alertfile *f, struct span text) {
    for (size_t i = 0; i < f->rules.rule_n; i++) {
        struct edit_place at;
        if (f->place[i].text.n == 0)
            continue;
        must(edit_find(text, &f->rules.rule[i].id, &at) == ERR_OK);
        must(span_equal(at.entry, f->place[i].text));
    }
}

static void edit(struct span text) {
    static const struct ident rule = {"z-rule"};
    struct buf with, without;
    buf_init(&with);
    buf_init(&without);
    if (edit_rule(text, &rule, span_str("above: 1 kW\n"), &with) == ERR_OK) {
        struct edit_place at;
        const bool stood = edit_find(text, &rule, &at) == ERR_OK; /* then perhaps twice */
        must(edit_find(buf_span(&with), &rule, &at) == ERR_OK);
        must(at.body.n >= 12 && at.entry.n > at.body.n);
        must(edit_rule(buf_span(&with), &rule, span_of(NULL, 0), &without) == ERR_OK);
        must(stood || edit_find(buf_span(&without), &rule, &at) == ERR_NOT_FOUND);
    }
    buf_fini(&with);
    buf_fini(&without);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static struct plant *p;
    if (!p)
        must(line_plant_open(&p) == ERR_OK);
    struct alertfile *f = load(span_of(data, n), p);
    if (f) {
        take(f, p);
        places(f, span_of(data, n));
    }
    alertfile_close(f);
    edit(span_of(data, n));
    return 0;
}
