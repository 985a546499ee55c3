#include "alertfile/folder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *new_folder(char name[64]) {
    (void)snprintf(name, 64, "/tmp/pb-folder-XXXXXX");
    cr_assert_not_null(mkdtemp(name));
    return name;
}

static void put(const char *folder, const char *name, const char *text) {
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    cr_assert_eq(folder_write(path, span_str(text)), ERR_OK);
}

static void remove_all(const char *folder, const char *const *name, size_t n) {
    char path[256];
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, name[i]);
        (void)unlink(path);
    }
    cr_expect_eq(rmdir(folder), 0, "nothing is left beside the files");
}

Test(folder, files_come_in_the_order_of_their_names) {
    static const char *const names[] = {"b.yaml", "a.yaml", ".hidden.yaml", "c.yml", "d.txt"};
    char name[64];
    struct folder f;
    struct conf_report r;
    conf_report_init(&r);
    new_folder(name);
    for (size_t i = 0; i < 5; i++)
        put(name, names[i], names[i]);
    cr_assert_eq(folder_read(name, ".yaml", &f, &r), ERR_OK);
    cr_assert_eq(f.n, 2);
    cr_expect_str_eq(strrchr(f.file[0].path, '/'), "/a.yaml");
    cr_expect_str_eq(strrchr(f.file[1].path, '/'), "/b.yaml");
    cr_expect(span_equal(buf_span(&f.file[1].text), span_str("b.yaml")));
    cr_expect_eq(r.note_n, 1, "a .yml is told");
    folder_fini(&f);
    conf_report_fini(&r);
    remove_all(name, names, 5);
}

Test(folder, one_that_is_not_there_is_said) {
    struct folder f;
    struct conf_report r;
    conf_report_init(&r);
    cr_expect_eq(folder_read("/nowhere/rules", ".yaml", &f, &r), ERR_IO);
    cr_assert_eq(conf_report_count(&r), 1);
    cr_expect_not_null(strstr(conf_report_find(&r, 0)->text, "/nowhere/rules cannot be read"));
    folder_fini(&f);
    conf_report_fini(&r);
}

/* A pipe would be waited for without an end, a device read without one. */
Test(folder, only_files_are_read, .timeout = 10) {
    static const char *const names[] = {"a.yaml", "pipe.yaml"};
    char name[64], path[256];
    struct folder f;
    struct conf_report r;
    conf_report_init(&r);
    new_folder(name);
    put(name, "a.yaml", "rules:\n");
    (void)snprintf(path, sizeof path, "%s/pipe.yaml", name);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_expect_eq(folder_read(name, ".yaml", &f, &r), ERR_IO);
    cr_assert_eq(conf_report_count(&r), 1);
    cr_expect_not_null(strstr(conf_report_find(&r, 0)->text, "pipe.yaml is no file"));
    folder_fini(&f);
    conf_report_fini(&r);
    remove_all(name, names, 2);
}

Test(folder, a_file_keeps_its_rights_when_it_is_replaced) {
    static const char *const names[] = {"a.yaml"};
    char name[64], path[128];
    struct stat s;
    new_folder(name);
    put(name, "a.yaml", "one");
    (void)snprintf(path, sizeof path, "%s/a.yaml", name);
    cr_assert_eq(chmod(path, 0600), 0);
    put(name, "a.yaml", "two");
    cr_assert_eq(stat(path, &s), 0);
    cr_expect_eq(s.st_mode & 07777, 0600);
    cr_expect_eq(s.st_size, 3);
    remove_all(name, names, 1);
}

Test(folder, what_cannot_be_written_leaves_nothing) {
    cr_expect_eq(folder_write("/nowhere/a.yaml", span_str("x")), ERR_IO);
}
