#include "ctl/whole_file.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char folder[64], file[96], beside[104];
};

static struct place made_place(void) {
    struct place p = {.folder = "/tmp/whole-file-XXXXXX"};
    cr_assert(mkdtemp(p.folder));
    (void)snprintf(p.file, sizeof p.file, "%s/b.jsonl", p.folder);
    (void)snprintf(p.beside, sizeof p.beside, "%s.new", p.file);
    return p;
}

static void put(const struct place *p, const char *text) {
    char why[WHOLE_FILE_WHY] = "";
    cr_assert(whole_file_write(p->file, span_str(text), why), "%s", why);
}

static void holds(const struct place *p, const char *text) {
    struct buf b;
    char why[WHOLE_FILE_WHY] = "";
    buf_init(&b);
    cr_assert(whole_file_read(p->file, &b, NULL, why), "%s", why);
    cr_expect(span_equal(buf_span(&b), span_str(text)));
    buf_fini(&b);
}

Test(whole_file, what_was_written_is_read_and_replaced) {
    struct place p = made_place();
    put(&p, "one\n");
    holds(&p, "one\n");
    put(&p, "two and more\n");
    holds(&p, "two and more\n");
    cr_expect_neq(access(p.beside, F_OK), 0);
    unlink(p.file);
    rmdir(p.folder);
}

Test(whole_file, a_missing_file_is_told_apart) {
    struct place p = made_place();
    struct buf b;
    char why[WHOLE_FILE_WHY] = "";
    bool missing = false;
    buf_init(&b);
    cr_expect_not(whole_file_read(p.file, &b, &missing, why));
    cr_expect(missing);
    cr_expect(strstr(why, "b.jsonl: No such file"), "%s", why);
    cr_expect_not(whole_file_read(p.folder, &b, &missing, why)); /* a folder */
    cr_expect_not(missing);
    buf_fini(&b);
    rmdir(p.folder);
}

/* The new file cannot be made: a folder stands in its place. */
Test(whole_file, a_failed_write_leaves_the_old_file) {
    struct place p = made_place();
    char why[WHOLE_FILE_WHY] = "";
    put(&p, "old\n");
    cr_assert_eq(mkdir(p.beside, 0755), 0);
    cr_expect_not(whole_file_write(p.file, span_str("new\n"), why));
    cr_expect(strstr(why, ".new: "), "%s", why);
    holds(&p, "old\n");
    rmdir(p.beside);
    unlink(p.file);
    rmdir(p.folder);
}

Test(whole_file, a_name_that_is_too_long_is_refused) {
    char name[2000], why[WHOLE_FILE_WHY] = "";
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = 0;
    cr_expect_not(whole_file_write(name, span_str("x"), why));
}
