/* All files as one: read, refused where they are wrong, compared. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/settings.h"

static const char small_plant[] = "site: {id: works, time_zone: UTC}\n"
                                  "areas: {hall: {lines: {line: {units: {m1: {%s}}}}}}\n";

static const char small_plant_as_it_is[] = "site: {id: works, time_zone: UTC}\n"
                                           "areas: {hall: {lines: {line: {units: {m1: {}}}}}}\n";

struct files {
    char folder[32], path[64];
};

static void put(const struct files *f, const char *name, const char *text, const char *more) {
    char path[96];
    snprintf(path, sizeof path, "%s/%s", f->folder, name);
    FILE *to = fopen(path, "w");
    cr_assert_not_null(to);
    cr_assert_gt(fprintf(to, text, more), 0);
    cr_assert_eq(fclose(to), 0);
}

static void files_open(struct files *f) {
    memcpy(f->folder, "/tmp/pb-settings-XXXXXX", 24);
    cr_assert_not_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/aggregator.yaml", f->folder);
    put(f, "plant.yaml", small_plant, "");
    put(f, "aggregator.yaml", "plant: plant.yaml\ndata: data\n%s", "");
}

static void files_close(const struct files *f) {
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", f->folder);
    cr_expect_eq(system(command), 0);
}

static struct settings *load(const struct files *f) {
    struct settings *s = NULL;
    struct conf_report report;
    conf_report_init(&report);
    cr_assert_eq(settings_load(f->path, &report, NULL, &s), ERR_OK);
    conf_report_fini(&report);
    return s;
}

/* What differs between the files as they were at first and as they are. */
static struct settings_change differ(const struct files *f, const struct settings *old, char *text,
                                     size_t n) {
    struct settings *now = load(f);
    struct settings_change change;
    struct buf said;
    buf_init(&said);
    cr_assert_eq(settings_diff(old, now, &said, &change), ERR_OK);
    snprintf(text, n, "%.*s", (int)said.n, said.n ? (const char *)said.p : "");
    cr_expect_eq(old->print == now->print, change.n == 0 && !change.plant);
    buf_fini(&said);
    settings_close(now);
    return change;
}

Test(settings, what_differs_is_told_and_what_it_touches) {
    struct files f;
    char text[512];
    files_open(&f);
    struct settings *old = load(&f);
    struct settings_change c = differ(&f, old, text, sizeof text);
    cr_expect_eq(c.n, 0);
    put(&f, "aggregator.yaml", "plant: plant.yaml\ndata: data\n%s", "credit: 8 MiB\n");
    c = differ(&f, old, text, sizeof text);
    cr_expect_str_eq(text, "~ credit: 4 MiB -> 8 MiB\n");
    cr_expect(c.n == 1 && !c.fixed && !c.plant && !c.database && !c.notify);
    put(&f, "aggregator.yaml", "plant: plant.yaml\ndata: other\n%s",
        "database: {kind: influx_v1}\n");
    c = differ(&f, old, text, sizeof text);
    cr_expect(c.n == 2 && c.fixed == 1 && !c.plant && c.database && !c.notify);
    cr_expect_not_null(strstr(text, "/other (needs a restart)\n"), "%s", text);
    settings_close(old);
    files_close(&f);
}

/* A comment is another file, though nothing of the plant differs. */
Test(settings, a_plant_file_is_another_one_by_its_bytes) {
    struct files f;
    char text[512];
    files_open(&f);
    struct settings *old = load(&f);
    put(&f, "plant.yaml", "# a comment\n%s", small_plant_as_it_is);
    struct settings_change c = differ(&f, old, text, sizeof text);
    cr_expect(c.plant && c.n == 0);
    put(&f, "plant.yaml", small_plant, "micro_stop: 60 s");
    c = differ(&f, old, text, sizeof text);
    cr_expect(c.plant && c.n == 1);
    cr_expect_str_eq(text, "~ unit m1: micro_stop 300000 ms -> 60000 ms\n");
    settings_close(old);
    files_close(&f);
}

Test(settings, mistakes_of_all_files_come_together_with_their_places) {
    struct files f;
    struct conf_report report;
    struct settings *s = NULL;
    struct buf said;
    uint64_t print = 0;
    files_open(&f);
    put(&f, "plant.yaml", small_plant, "micro_stop: soon");
    put(&f, "aggregator.yaml", "plant: plant.yaml\ndata: data\n%s",
        "database: {kind: influx_v2}\n");
    conf_report_init(&report);
    buf_init(&said);
    cr_assert_eq(settings_load(f.path, &report, &print, &s), ERR_CONFIG);
    cr_expect_null(s);
    cr_expect_neq(print, 0, "of what could be read");
    cr_assert_eq(conf_report_format(&report, &said), ERR_OK);
    cr_assert_eq(buf_add_byte(&said, 0), ERR_OK);
    cr_expect_not_null(strstr((const char *)said.p, "aggregator.yaml:3:11: database.org"), "%s",
                       said.p);
    cr_expect_not_null(strstr((const char *)said.p, "plant.yaml:2:56: "), "%s", said.p);
    buf_fini(&said);
    conf_report_fini(&report);
    files_close(&f);
}

/* Read again, it lacks nothing but its secrets. */
Test(settings, what_is_in_force_can_be_written_and_read_again) {
    struct files f;
    struct conf_report report;
    struct daemon_conf again;
    struct conf_changes found = {0};
    struct buf text, said;
    files_open(&f);
    put(&f, "aggregator.yaml", "plant: plant.yaml\ndata: data\n%s",
        "broker: {user: u, password: hush}\ndatabase: {windows: [hour, day]}\n");
    struct settings *s = load(&f);
    conf_report_init(&report);
    buf_init(&text);
    buf_init(&said);
    cr_assert_eq(settings_dump(&s->conf, &text), ERR_OK);
    cr_expect_null(memmem(text.p, text.n, "hush", 4));
    cr_assert_eq(conf_load(buf_span(&text), "again", &daemon_schema, &again, &report), ERR_OK);
    cr_assert_eq(conf_changes(&daemon_schema, &s->conf, &again, &said, &found), ERR_OK);
    cr_expect(
        span_equal(buf_span(&said), span_str("~ broker.password changes (needs a restart)\n")),
        "%.*s", (int)said.n, (const char *)said.p);
    conf_free(&daemon_schema, &again);
    conf_report_fini(&report);
    buf_fini(&text);
    buf_fini(&said);
    settings_close(s);
    files_close(&f);
}
