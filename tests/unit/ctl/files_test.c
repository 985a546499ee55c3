#include "ctl/files.h"

#include <criterion/criterion.h>

Test(files, a_file_is_recognised_by_its_keys) {
    cr_expect_eq(files_recognise(span_str("site: {}\nareas:\n  a:\n")), FILES_PLANT);
    cr_expect_eq(files_recognise(span_str("# text\nplant: p.yaml\ndata: d\n")), FILES_AGGREGATOR);
    cr_expect_eq(files_recognise(span_str("id: gw\nbroker: {}\njournal: {}\nsources: {}\n")),
                 FILES_AGENT);
    cr_expect_eq(files_recognise(span_str("agent: gw\nsources:\n  a: {}\n")), FILES_SOURCE);
}

Test(files, a_file_with_other_keys_is_of_no_kind) {
    cr_expect_eq(files_recognise(span_str("colour: red\n")), FILES_KIND_COUNT);
    cr_expect_eq(files_recognise(span_str("")), FILES_KIND_COUNT);
}

Test(files, kinds_are_found_by_their_names) {
    for (unsigned k = 0; k < FILES_KIND_COUNT; k++)
        cr_expect_eq(files_kind_find(files_kind_name((enum files_kind)k)), k);
    cr_expect_eq(files_kind_find("broker"), FILES_KIND_COUNT);
}

Test(files, every_schema_is_sound) {
    for (unsigned k = 0; k < FILES_KIND_COUNT; k++) {
        struct buf wrong;
        buf_init(&wrong);
        cr_expect(conf_schema_check(files_schema((enum files_kind)k), &wrong), "%s: %.*s",
                  files_kind_name((enum files_kind)k), (int)wrong.n, (const char *)wrong.p);
        buf_fini(&wrong);
    }
}

Test(files, a_missing_file_is_said) {
    struct buf mistakes;
    struct plant *plant = NULL;
    buf_init(&mistakes);
    cr_expect_eq(files_check(FILES_PLANT, "/nowhere/plant.yaml", &mistakes, &plant), ERR_IO);
    cr_expect_gt(mistakes.n, 0);
    cr_expect_null(plant);
    buf_fini(&mistakes);
}
