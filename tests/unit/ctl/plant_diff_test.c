#include "ctl/plant_diff.h"

#include <criterion/criterion.h>

#include "plant_text.h"

static size_t diff(const char *old_keys, const char *new_keys, struct buf *out) {
    struct plant *old = plant_text_open(old_keys), *now = plant_text_open(new_keys);
    buf_init(out);
    size_t n = plant_diff(old, now, out);
    (void)buf_add_byte(out, 0);
    plant_close(old);
    plant_close(now);
    return n;
}

Test(plant_diff, equal_plants_have_no_differences) {
    struct buf out;
    cr_expect_eq(diff("", "", &out), 0);
    buf_fini(&out);
}

Test(plant_diff, a_changed_limit_is_one_line) {
    struct buf out;
    cr_expect_eq(diff("", "            micro_stop: 60 s\n", &out), 1);
    cr_expect_str_eq((const char *)out.p, "~ unit press-1: micro_stop 300000 ms -> 60000 ms\n");
    buf_fini(&out);
}

Test(plant_diff, a_norm_appears_and_changes_with_its_approver) {
    static const char a[] = "            norms: {scrap_ratio: {value: 0.02, approved_by: A, from: "
                            "\"2026-01-01T00:00:00Z\"}}\n";
    static const char b[] = "            norms: {scrap_ratio: {value: 0.01, approved_by: B, from: "
                            "\"2026-02-01T00:00:00Z\"}}\n";
    struct buf out;
    cr_expect_eq(diff("", a, &out), 1);
    cr_expect_str_eq((const char *)out.p, "+ norm scrap_ratio of press-1: 0.02, approved by A\n");
    buf_fini(&out);
    cr_expect_eq(diff(a, b, &out), 1);
    cr_expect_str_eq((const char *)out.p,
                     "~ norm scrap_ratio of press-1: 0.02 -> 0.01, approved by B\n");
    buf_fini(&out);
}
