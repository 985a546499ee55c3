#include "sourcekit/yaml.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void yaml_clean(struct conf_report *report) {
    struct buf text;

    if (conf_report_count(report) == 0)
        return;
    buf_init(&text);
    conf_report_format(report, &text);
    buf_add_byte(&text, '\0');
    cr_assert_fail("%s", (const char *)text.p);
}

void yaml_load(const char *text, const struct conf_schema *schema, void *out) {
    struct conf_report report;

    conf_report_init(&report);
    const enum err e = conf_load(span_str(text), "test.yaml", schema, out, &report);
    yaml_clean(&report);
    cr_assert_eq(e, ERR_OK);
    conf_report_fini(&report);
}

char *yaml_file(const char *path) {
    FILE *f = fopen(path, "rb");
    char *text = NULL;
    long n = 0;

    if (f == NULL)
        return NULL;
    if (fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0)
        text = calloc(1, (size_t)n + 1);
    if (text != NULL && fread(text, 1, (size_t)n, f) != (size_t)n) {
        free(text);
        text = NULL;
    }
    fclose(f);
    return text;
}

const char *yaml_root(void) {
    return PB_TOP; /* of the tree, as the build knows it: a compiler cache may shorten __FILE__ */
}

bool yaml_recording(const char *path) {
    if (access(path, R_OK) == 0)
        return true;
    fprintf(stderr, "skipped: no recording %s\n", path);
    return false;
}
