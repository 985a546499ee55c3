/* Whatever agents send: the lines of `plantbus adopt`, pasted where they say, are a plant file that
 * passes its check. */
#include "ctl/adopt.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "plant_text.h"
#include "plantfile/plantfile.h"

#define HEAD                                                                                       \
    "site: {id: works, time_zone: UTC, outputs: [hall]}\n"                                         \
    "carriers: {air: {unit: m3, factors: [{kwh: 0.11}]}}\n"                                        \
    "areas:\n  hall:\n    outputs: [line]\n    lines:\n      line:\n        agent: gw\n"
#define UNITS                                                                                      \
    "        units:\n"                                                                             \
    "          press-1:\n"                                                                         \
    "            state: {from: map, map: packml}\n"                                                \
    "            entered: [scrap]\n"
#define OWN_SIGNALS                                                                                \
    "            signals:\n"                                                                       \
    "              state: {point: press/state}\n"                                                  \
    "              energy: {point: press/energy}\n"
#define OWN_GAUGES                                                                                 \
    "            gauges:\n"                                                                        \
    "              heat: {point: press/heat}\n"

static struct plant *plant_open_whole(void) {
    return plant_text_whole(HEAD "        signals: {}\n" UNITS OWN_SIGNALS OWN_GAUGES);
}

/* What goes where, by what stands above it. */
struct pasted {
    struct buf line, signals, gauges, fresh;
};

static void cut(const char *text, struct pasted *out) {
    struct buf *to = NULL;
    bool fresh = false;
    *out = (struct pasted){0};
    for (const char *s = text, *end; *s; s = end) {
        end = strchr(s, '\n') + 1;
        if (strncmp(s, "# --- ", 6) == 0) {
            char head[200];
            (void)snprintf(head, sizeof head, "%.*s", (int)(end - s), s);
            fresh = strstr(head, " is new") != NULL;
            to = strstr(head, " is a line") ? &out->line : fresh ? &out->fresh : NULL;
        } else if (!fresh && strncmp(s, "# below its `signals:`", 22) == 0) {
            to = to == &out->line ? to : &out->signals;
        } else if (!fresh && strncmp(s, "# below its `gauges:`", 21) == 0) {
            to = &out->gauges;
        } else if (to) {
            (void)buf_add(to, s, (size_t)(end - s));
        }
    }
}

#define TEXT(b) (int)(b).n, (b).n ? (const char *)(b).p : ""

/* Expects that the lines pass; gives them. */
static struct plant *pasted(struct adopt_point *x, size_t n, struct buf *said) {
    struct plant *p = plant_open_whole(), *now = NULL;
    struct pasted by;
    struct buf whole, why;
    struct conf_report report;
    buf_init(said);
    buf_init(&whole);
    buf_init(&why);
    adopt_print(p, x, n, said);
    (void)buf_add_byte(said, 0);
    cut((const char *)said->p, &by);
    (void)buf_addf(&whole,
                   HEAD "        signals:\n%.*s" UNITS OWN_SIGNALS "%.*s" OWN_GAUGES "%.*s%.*s",
                   TEXT(by.line), TEXT(by.signals), TEXT(by.gauges), TEXT(by.fresh));
    conf_report_init(&report);
    const enum err err =
        plantfile_load(buf_span(&whole), "plant.yaml", clock_zone_bytes, &report, &now);
    if (err)
        (void)conf_report_format(&report, &why);
    cr_assert_eq(err, ERR_OK, "%.*s\n%.*s", TEXT(why), TEXT(whole));
    conf_report_fini(&report);
    buf_fini(&whole);
    buf_fini(&why);
    buf_fini(&by.line);
    buf_fini(&by.signals);
    buf_fini(&by.gauges);
    buf_fini(&by.fresh);
    plant_close(p);
    return now;
}

static struct adopt_point point(const char *name, enum point_type type, const char *base,
                                const char *hint) {
    struct adopt_point x = {.type = (uint8_t)type, .t_ms = 1780272000000, .last = "17"};
    ident_set(&x.agent, span_str("gw-new"));
    (void)snprintf(x.name, sizeof x.name, "%s", name);
    (void)snprintf(x.base, sizeof x.base, "%s", base);
    (void)snprintf(x.hint, sizeof x.hint, "%s", hint);
    return x;
}

static const struct plant_signal *signal_of(const struct plant *p, const char *unit,
                                            enum plant_role role) {
    const uint32_t u = plant_find_unit(p, unit);
    for (size_t i = 0; u != UINT32_MAX && i < p->unit[u].signal_n; i++)
        if (p->signal[p->unit[u].signal[i]].role == role)
            return &p->signal[p->unit[u].signal[i]];
    return NULL;
}

static bool says(const struct buf *said, const char *what) {
    return strstr((const char *)said->p, what) != NULL;
}

Test(adopt, a_unit_that_nobody_wrote_becomes_one_in_commissioning) {
    struct adopt_point x[] = {point("mill-9/state", POINT_STATE, "", "mill-9"),
                              point("mill-9/good", POINT_COUNTER, "upiece", "mill-9"),
                              point("mill-9/kwh", POINT_REGISTER, "uWh", "mill-9"),
                              point("mill-9/kw", POINT_POWER, "uW", "mill-9"),
                              point("mill-9/bearing", POINT_GAUGE, "degC", "mill-9")};
    struct buf said;
    struct plant *p = pasted(x, sizeof x / sizeof *x, &said);
    const uint32_t u = plant_find_unit(p, "mill-9");
    cr_assert_neq(u, UINT32_MAX, "%s", (const char *)said.p);
    cr_expect_eq(p->unit[u].commissioning.to_ms, INT64_MAX);
    cr_expect_not_null(signal_of(p, "mill-9", ROLE_STATE));
    cr_expect_not_null(signal_of(p, "mill-9", ROLE_GOOD));
    cr_expect_not_null(signal_of(p, "mill-9", ROLE_ENERGY));
    cr_expect_not_null(signal_of(p, "mill-9", ROLE_POWER));
    cr_expect_neq(plant_find_gauge(p, u, span_str("bearing")), UINT32_MAX);
    cr_expect(says(&said, "guess; counter, upiece, last 17 at 2026-06-01T00:00:00.000Z"), "%s",
              (const char *)said.p);
    cr_expect_not(says(&said, "guess; power"), "of a power nothing is guessed");
    plant_close(p);
    buf_fini(&said);
}

Test(adopt, what_is_new_of_a_unit_is_put_in_commissioning_by_itself) {
    struct adopt_point x[] = {point("press/air", POINT_REGISTER, "um3", "press-1"),
                              point("press/heat", POINT_GAUGE, "degC", "press-1"),
                              point("press/order", POINT_STATE, "", "line")};
    struct buf said;
    struct plant *p = pasted(x, sizeof x / sizeof *x, &said);
    const struct plant_signal *air = signal_of(p, "press-1", ROLE_AIR);
    cr_assert_not_null(air, "%s", (const char *)said.p);
    cr_expect_eq(air->commissioning.to_ms, INT64_MAX);
    cr_expect_eq(p->unit[0].commissioning.to_ms, 0, "the unit counts on");
    cr_expect_neq(plant_find_gauge(p, 0, span_str("heat-2")), UINT32_MAX, "heat is there already");
    cr_expect_not_null(signal_of(p, "press-1", ROLE_ORDER), "of its line");
    plant_close(p);
    buf_fini(&said);
}

/* What the plant has, what people enter, what two points claim, and what has no word. */
Test(adopt, what_nobody_can_decide_is_a_comment_with_what_it_may_be) {
    struct adopt_point x[] = {point("press/kwh", POINT_REGISTER, "uWh", "press-1"),
                              point("press/scrap", POINT_COUNTER, "", "press-1"),
                              point("a/good", POINT_COUNTER, "", "a"),
                              point("b/good", POINT_COUNTER, "", "a"),
                              point("a/x17", POINT_COUNTER, "", "a"),
                              point("a/steam", POINT_REGISTER, "ukg", "a")};
    struct buf said;
    struct plant *p = pasted(x, sizeof x / sizeof *x, &said);
    cr_expect_eq(p->signal_n, 4, "two gauges and signals that were there, and one good: %s",
                 (const char *)said.p);
    cr_expect(says(&said, "# energy: {agent: gw-new, point: press/kwh, commissioning: true} # "
                          "guess: another energy; one is there already"),
              "%s", (const char *)said.p);
    cr_expect(says(&said, "guess: another scrap; one is there already"));
    cr_expect(says(&said, "guess: another good beside a/good"));
    cr_expect(says(&said, "# role: {agent: gw-new, point: a/x17} # what is it? it may be: energy, "
                          "total, good, scrap"),
              "%s", (const char *)said.p);
    cr_expect_null(signal_of(p, "a", ROLE_STEAM), "a carrier that the plant does not have");
    plant_close(p);
    buf_fini(&said);
}

/* A name of a node, none at all, letters that ids do not have, names that YAML would misread. */
Test(adopt, odd_names_and_hints_come_to_right_lines) {
    struct adopt_point x[] = {point("123", POINT_GAUGE, "\"%\\", ""),
                              point("null", POINT_STATE, "", ""),
                              point("Ofen_2:Temp.max", POINT_GAUGE, "degC", ""),
                              point("hall/power", POINT_POWER, "uW", "hall"),
                              point("-a:", POINT_GAUGE, "", "line"),
                              point("true", POINT_REGISTER, "uWh", "yes")};
    struct buf said;
    struct plant *p = pasted(x, sizeof x / sizeof *x, &said);
    cr_expect_neq(plant_find_unit(p, "ofen_2"), UINT32_MAX, "%s", (const char *)said.p);
    cr_expect_neq(plant_find_unit(p, "hall-unit"), UINT32_MAX);
    cr_expect_neq(plant_find_unit(p, "line-unit"), UINT32_MAX);
    cr_expect_neq(plant_find_unit(p, "gw-new"), UINT32_MAX, "of an agent's own name");
    plant_close(p);
    buf_fini(&said);
}

/* Every type with every base unit and many words, at units that are there and others. */
Test(adopt, whatever_is_sent_the_lines_pass) {
    static const char *const word[] = {
        "state", "kwh", "good",  "scrap",  "x",      "power", "order", "product", "team",
        "crew",  "air", "water", "export", "reason", "total", "job",   "varh",    "availability"};
    static const char *const base[] = {"", "uWh", "uW", "um3", "ukg", "uvarh", "ms", "upiece"};
    static const char *const hint[] = {"", "press-1", "line", "new", "hall", "works"};
    enum { WORDS = sizeof word / sizeof *word, N = WORDS * POINT_TYPE_COUNT * 6 };
    static struct adopt_point x[N];
    size_t n = 0;
    for (size_t h = 0; h < 6; h++)
        for (size_t w = 0; w < WORDS; w++)
            for (unsigned t = 0; t < POINT_TYPE_COUNT; t++) {
                char name[64];
                (void)snprintf(name, sizeof name, "h%zu/%u/%s", h, t, word[w]);
                x[n] = point(name, (enum point_type)t, base[(w + t) % 8], hint[h]);
                n++;
            }
    struct buf said;
    struct plant *p = pasted(x, n, &said);
    cr_expect_gt(p->signal_n, 50);
    plant_close(p);
    buf_fini(&said);
}

Test(adopt, nothing_to_do_is_said) {
    struct plant *p = plant_open_whole();
    struct buf said;
    buf_init(&said);
    adopt_print(p, NULL, 0, &said);
    (void)buf_add_byte(&said, 0);
    cr_expect_str_eq((const char *)said.p, "# every signal that gateways send has a place\n");
    buf_fini(&said);
    plant_close(p);
}
