/* What another version of a file changes at the sources. */
#include "agent_app/reload_plan.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void load(const char *sources, const char *more, struct agent_conf *c) {
    char path[] = "/tmp/pb-reload-plan-XXXXXX", text[2048];
    struct buf report;
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    (void)snprintf(text, sizeof text,
                   "id: gw-1\nbroker: {url: \"tcp://localhost:1883\"}\n"
                   "journal: {folder: /tmp/j}\n%ssources:\n%s",
                   more, sources);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    buf_init(&report);
    enum err rc = agent_conf_load(path, c, &report);
    (void)buf_add_byte(&report, 0);
    (void)unlink(path);
    cr_assert_eq(rc, ERR_OK, "%s", (const char *)report.p);
    buf_fini(&report);
}

/* kept, changed, added, dropped, in that order, and where the i-th of the new file comes from. */
static void expect(const char *old, const char *now, const size_t n[4], const size_t *from) {
    struct agent_conf a, b;
    struct reload_plan p;
    load(old, "", &a);
    load(now, "", &b);
    cr_assert_eq(reload_plan_init(&p, &a, &b), ERR_OK);
    cr_expect(p.kept_n == n[0] && p.changed_n == n[1] && p.added_n == n[2] && p.dropped_n == n[3],
              "%zu %zu %zu %zu: %s", p.kept_n, p.changed_n, p.added_n, p.dropped_n, now);
    cr_expect_eq(p.n, b.source_n);
    for (size_t i = 0; i < p.n; i++)
        cr_expect_eq(p.from[i], from[i], "%zu of %s", i, now);
    reload_plan_fini(&p);
    agent_conf_free(&a);
    agent_conf_free(&b);
}

#define A "  a: {lines: {from: file, path: x, points: [{name: n}]}}\n"
#define B                                                                                          \
    "  b: {csv: {file: y, time_columns: [t], columns: [{column: c, point: p, type: gauge}]}}\n"
#define N(...)                                                                                     \
    (const size_t[]) {                                                                             \
        __VA_ARGS__                                                                                \
    }

Test(reload_plan, the_same_in_another_order_goes_on) {
    expect(A B, A B, N(2, 0, 0, 0), N(0, 1));
    expect(A B, B A, N(2, 0, 0, 0), N(1, 0));
    expect(A B, "\n" A "  # a note\n" B, N(2, 0, 0, 0), N(0, 1));
}

Test(reload_plan, what_a_key_says_by_default_may_be_written) {
    expect(A, "  a: {lines: {from: file, path: x, heartbeat: 60 s, points: [{name: n}]}}\n",
           N(1, 0, 0, 0), N(0));
}

Test(reload_plan, any_key_of_a_source_at_any_depth_changes_it) {
    expect(A, "  a: {lines: {from: file, path: z, points: [{name: n}]}}\n", N(0, 1, 0, 0), N(0));
    expect(A, "  a: {lines: {from: file, path: x, points: [{name: n, scale: \"2\"}]}}\n",
           N(0, 1, 0, 0), N(0));
    expect(A, "  a: {lines: {from: file, path: x, points: [{name: n}, {name: m}]}}\n",
           N(0, 1, 0, 0), N(0));
    expect(A, "  a: {lines: {from: file, path: x}}\n", N(0, 1, 0, 0), N(0));
}

static void put_file(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    cr_assert(f);
    cr_assert_geq(fputs(text, f), 0);
    cr_assert_eq(fclose(f), 0);
}

/* The same words of the source's own file may say something else through a file they name. */
Test(reload_plan, a_profile_that_says_something_else_changes_its_sources) {
    char folder[] = "/tmp/pb-reload-profile-XXXXXX", path[64], text[512];
    struct agent_conf a, b;
    struct reload_plan p;
    cr_assert(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/meter.yaml", folder);
    put_file(path, "points: [{name: power, address: 1, type: power, unit: kW}]\n");
    (void)snprintf(text, sizeof text,
                   A "  m: {modbus: {connect: \"tcp://h\", devices: {d: {profile: %s}}}}\n", path);
    load(text, "", &a);
    load(text, "", &b);
    cr_assert_eq(reload_plan_init(&p, &a, &b), ERR_OK);
    cr_expect(p.kept_n == 2 && p.changed_n == 0);
    reload_plan_fini(&p);
    agent_conf_free(&b);
    put_file(path, "points: [{name: power, address: 2, type: power, unit: kW}]\n");
    load(text, "", &b);
    cr_assert_eq(reload_plan_init(&p, &a, &b), ERR_OK);
    cr_expect(p.kept_n == 1 && p.changed_n == 1 && p.kept[0] && !p.kept[1]);
    reload_plan_fini(&p);
    agent_conf_free(&a);
    agent_conf_free(&b);
    (void)unlink(path);
    (void)rmdir(folder);
}

/* Their order may matter to who reads them. */
Test(reload_plan, points_in_another_order_are_a_change) {
    expect("  a: {lines: {from: file, path: x, points: [{name: n}, {name: m}]}}\n",
           "  a: {lines: {from: file, path: x, points: [{name: m}, {name: n}]}}\n", N(0, 1, 0, 0),
           N(0));
}

Test(reload_plan, another_kind_under_the_same_name_is_a_change) {
    expect("  b: {lines: {from: file, path: x}}\n", B, N(0, 1, 0, 0), N(0));
    /* Where all keys are those by default, only the kind tells them apart. */
    expect("  b: {shdr: {host: h}}\n", "  b: {mtconnect: {url: \"http://h\"}}\n", N(0, 1, 0, 0),
           N(0));
}

/* What a file says and what it leaves open may be two things though the value is one. */
Test(reload_plan, a_key_that_is_given_is_not_one_that_is_left_out) {
    expect(A,
           "  a: {lines: {from: file, path: x, start: \"1970-01-01T00:00:00Z\", points: [{name: "
           "n}]}}\n",
           N(0, 1, 0, 0), N(0));
}

Test(reload_plan, sources_come_and_go) {
    expect(A, A B, N(1, 0, 1, 0), N(0, RELOAD_NONE));
    expect(A B, B, N(1, 0, 0, 1), N(1));
    expect(A, B, N(0, 0, 1, 1), N(RELOAD_NONE));
    expect(A B, "  c: {lines: {from: file, path: x, points: [{name: n}]}}\n" B, N(1, 0, 1, 1),
           N(RELOAD_NONE, 1)); /* another name is another source */
}

Test(reload_plan, what_is_for_life_is_named) {
    static const struct {
        const char *more, *names;
        size_t n;
    } row[] = {{"", "", 0},
               {"log: warn\n", "", 0},
               {"metrics: {port: 9}\n", "metrics\n", 1},
               {"batch: {every: 300 ms}\nclock_step: 2 s\n", "batch.every\nclock_step\n", 2}};
    struct agent_conf a, b;
    struct buf names;
    size_t n;
    load(A, "", &a);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        load(i ? B : A, row[i].more, &b);
        buf_init(&names);
        cr_assert_eq(reload_fixed(&a, &b, &names, &n), ERR_OK);
        if (i == 2) { /* and what it says where it is left out */
            cr_expect_gt(n, 0);
            cr_expect(memmem(names.p, names.n, "metrics\n", 8));
        } else {
            cr_expect_eq(n, row[i].n, "%zu", i);
            cr_expect(span_equal(buf_span(&names), span_str(row[i].names)), "%.*s", (int)names.n,
                      (const char *)names.p);
        }
        buf_fini(&names);
        agent_conf_free(&b);
    }
    agent_conf_free(&a);
}

Test(reload_plan, what_goes_on_is_found_from_its_old_place) {
    struct agent_conf a, b;
    struct reload_plan p;
    load(A B, "", &a);
    load(B "  a: {lines: {from: file, path: z}}\n", "", &b);
    cr_assert_eq(reload_plan_init(&p, &a, &b), ERR_OK);
    cr_expect_eq(reload_plan_keeps(&p, 0), RELOAD_NONE, "it changed");
    cr_expect_eq(reload_plan_keeps(&p, 1), 0);
    reload_plan_fini(&p);
    agent_conf_free(&a);
    agent_conf_free(&b);
}
