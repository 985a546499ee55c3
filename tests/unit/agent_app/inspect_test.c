/* What an engineer sees of a source before it counts. */
#include "agent_app/inspect.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

static void put(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    cr_assert(f);
    cr_assert_geq(fputs(text, f), 0);
    cr_assert_eq(fclose(f), 0);
}

/* What dump prints of a source of lines from the file; "": there is none. Free it. */
static char *dumped(const char *lines, enum err want) {
    char folder[] = "/tmp/pb-inspect-XXXXXX", path[64], data[64], *text = NULL;
    size_t n = 0;
    struct agent_conf c;
    struct buf report;
    cr_assert(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/gw.yaml", folder);
    (void)snprintf(data, sizeof data, "%s/data", folder);
    put(path, "id: gw-1\nbroker: {url: \"tcp://localhost:1883\"}\njournal: {folder: j}\nsources:\n"
              "  s: {lines: {from: file, path: data, points: [{name: x, type: state}]}}\n");
    if (*lines)
        put(data, lines);
    buf_init(&report);
    cr_assert_eq(agent_conf_load(path, &c, &report), ERR_OK);
    buf_fini(&report);
    const struct inspect_ask ask = {
        .for_ms = 20000, .readings = UINT64_MAX, .out = open_memstream(&text, &n)};
    cr_expect_eq(inspect_dump(&c, &ask), want);
    cr_assert_eq(fclose(ask.out), 0);
    agent_conf_free(&c);
    (void)unlink(path);
    (void)unlink(data);
    (void)rmdir(folder);
    return text;
}

/* A device's words neither steer the terminal nor look like a line of ours. */
Test(inspect, what_a_device_wrote_is_shown_as_text) {
    char *text = dumped("{\"point\": \"x\", \"value\": \"a\\u001b[31mb\\nc\\u009b1m\\u00fc\"}\n"
                        "{\"point\": \"\\u001b[2J\", \"value\": 1}\n",
                        ERR_OK);
    cr_expect(strstr(text, "  s  x  good  \"a?[31mb?c?1m\xc3\xbc\"  (gateway's time)\n"), "%s",
              text);
    cr_expect(strstr(text, "expected a key of points, not ?[2J\n"), "%s", text);
    cr_expect_not(strchr(text, 0x1b), "%s", text);
    free(text);
}

Test(inspect, a_source_that_cannot_be_opened_says_why) {
    char *text = dumped("", ERR_IO);
    cr_expect_str_eq(text,
                     "s: a source of kind lines could not be opened: No such file or directory\n");
    free(text);
}
