/* Any bytes as an event of the ledger, as a posted command, and as a file of norms. What is taken
 * must come back the same from its bytes, and what is refused must leave nothing behind. */
#include <stdlib.h>

#include "normfile/normfile.h"
#include "simkit/line_plant.h"
#include "views/norms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libfyaml 0.7.12 loses a buffer on some broken quoted texts; what we allocate is still watched. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libfyaml";
}

static void must(bool holds) {
    if (!holds)
        abort();
}

static void taken_again(const struct ledger *l, const struct plant *p) {
    struct ledger_conf conf;
    struct ledger *again = NULL;
    struct buf bytes;
    ledger_conf_init(&conf);
    must(ledger_open(&conf, &again) == ERR_OK);
    ledger_bind(again, p);
    buf_init(&bytes);
    for (uint64_t n = 1; n <= ledger_last(l); n++) {
        buf_reset(&bytes);
        must(ledger_pack(l, n, &bytes) == ERR_OK);
        must(ledger_take(again, n, buf_span(&bytes)) == ERR_OK);
    }
    must(ledger_count(l) == ledger_count(again));
    for (size_t i = 0; i < ledger_count(l); i++)
        must(norm_equal(ledger_at(l, i), ledger_at(again, i)));
    buf_fini(&bytes);
    ledger_close(again);
}

static void as_event(struct ledger *l, const struct plant *p, struct span bytes) {
    if (ledger_take(l, ledger_last(l) + 1, bytes) == ERR_OK)
        taken_again(l, p);
}

static void as_command(struct ledger *l, const struct plant *p, struct span json) {
    struct norm_form form;
    struct ledger_refusal why;
    struct ledger_answer out;
    const uint64_t last = ledger_last(l);
    if (norm_form_read(json, p, l, &form, &why) == ERR_OK) {
        if (ledger_apply(l, &form.command, SIM_DAY0, &out) == ERR_OK)
            taken_again(l, p);
        else
            must(ledger_last(l) == last);
    }
    norm_form_fini(&form);
}

static void as_file(struct span yaml) {
    struct conf_report report;
    struct normfile f;
    struct buf out;
    conf_report_init(&report);
    buf_init(&out);
    if (normfile_load(yaml, "n", NULL, &report, &f) == ERR_OK) {
        const struct norm **at = calloc(f.n + 1, sizeof *at);
        struct normfile back;
        must(at != NULL);
        for (size_t i = 0; i < f.n; i++) {
            norm_trim(&f.at[i].norm);
            at[i] = &f.at[i].norm;
        }
        must(normfile_format(at, f.n, &out) == ERR_OK);
        must(normfile_load(buf_span(&out), "b", NULL, &report, &back) == ERR_OK && back.n == f.n);
        normfile_fini(&back);
        normfile_fini(&f);
        free(at);
    }
    buf_fini(&out);
    conf_report_fini(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct norm_grant grant = {"office", ~0u, ~0u, ~0u};
    static struct plant *plant;
    struct ledger_conf conf;
    struct ledger *l = NULL;
    if (!plant)
        must(line_plant_open(&plant) == ERR_OK);
    ledger_conf_init(&conf);
    conf.grant = &grant;
    conf.grant_n = 1;
    must(ledger_open(&conf, &l) == ERR_OK);
    ledger_bind(l, plant);
    as_event(l, plant, span_of(data, size));
    as_command(l, plant, span_of(data, size));
    ledger_close(l);
    as_file(span_of(data, size));
    return 0;
}
