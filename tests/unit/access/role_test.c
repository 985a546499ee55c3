#include <criterion/criterion.h>
#include <stdio.h>

#include "access/role.h"

/* What each role is for, said a second time, in words. */
static const struct {
    const char *role, *rights;
} may[ACCESS_ROLE_COUNT] = {
    {"viewer", " view metrics "},
    {"operator", " view metrics ack shelve enter note "},
    {"team_leader", " view metrics ack shelve enter note plan confirm_shift propose "},
    {"energy", " view metrics ack shelve note meter correct propose try "},
    {"engineer",
     " view metrics ack shelve shelve_long disable enter note plan meter correct propose try "
     "test reload rule "},
    {"approver", " view metrics propose approve import "},
    {"administrator", " view metrics try rule test reload audit administer "},
};

static bool says(const char *list, const char *word) {
    char padded[64];
    snprintf(padded, sizeof padded, " %s ", word);
    return strstr(list, padded) != NULL;
}

Test(role, each_may_what_it_is_for_and_nothing_else) {
    for (unsigned k = 0; k < ACCESS_ROLE_COUNT; k++) {
        const enum access_role r = access_role_of(span_str(may[k].role));
        cr_assert_neq(r, ACCESS_ROLE_COUNT, "%s", may[k].role);
        for (unsigned i = 0; i < ACCESS_RIGHT_COUNT; i++)
            cr_expect_eq((access_rights_of(r) & ACCESS_BIT(i)) != 0,
                         says(may[k].rights, access_right_name((enum access_right)i)), "%s: %s",
                         may[k].role, access_right_name((enum access_right)i));
    }
}

Test(role, several_may_what_any_of_them_may) {
    cr_expect_eq(access_rights(0), 0);
    cr_expect_eq(access_rights(ACCESS_BIT(ACCESS_VIEWER) | ACCESS_BIT(ACCESS_APPROVER)),
                 access_rights_of(ACCESS_APPROVER));
    cr_expect_eq(access_rights(ACCESS_BIT(ACCESS_ROLE_COUNT) - 1), ACCESS_ALL);
}

/* Whoever decides on people decides nothing of the plant, and the other way round. */
Test(role, no_role_has_both_keys) {
    for (unsigned r = 0; r < ACCESS_ROLE_COUNT; r++) {
        const unsigned rights = access_rights_of((enum access_role)r);
        cr_expect_not(rights & ACCESS_BIT(MAY_ADMINISTER) && rights & ACCESS_BIT(MAY_APPROVE));
        cr_expect_not(rights & ACCESS_BIT(MAY_ADMINISTER) && rights & ACCESS_BIT(MAY_ENTER));
    }
}

Test(role, names_are_found_and_others_are_none) {
    for (unsigned r = 0; r < ACCESS_ROLE_COUNT; r++)
        cr_expect_eq(access_role_of(span_str(access_role_name((enum access_role)r))), r);
    for (unsigned i = 0; i < ACCESS_RIGHT_COUNT; i++)
        cr_expect_eq(access_right_of(span_str(access_right_name((enum access_right)i))), i);
    cr_expect_eq(access_role_of(span_str("Viewer")), ACCESS_ROLE_COUNT);
    cr_expect_eq(access_right_of(span_str("")), ACCESS_RIGHT_COUNT);
    cr_expect_str_eq(access_role_name(ACCESS_ROLE_COUNT), "unknown");
    cr_expect_str_eq(access_right_name(ACCESS_RIGHT_COUNT), "unknown");
}

Test(role, what_is_in_no_table_needs_a_right_that_nobody_has) {
    cr_expect_eq(access_right_for(span_str("alerts"), "ack"), MAY_ACK);
    cr_expect_eq(access_right_for(span_str("reload"), NULL), MAY_RELOAD);
    cr_expect_eq(access_right_for(span_str("alerts"), "delete"), ACCESS_RIGHT_COUNT);
    cr_expect_eq(access_right_for(span_str("alerts"), NULL), ACCESS_RIGHT_COUNT);
    cr_expect_eq(access_right_for(span_str("reload"), "ack"), ACCESS_RIGHT_COUNT);
    cr_expect_eq(access_right_for(span_str(""), NULL), ACCESS_RIGHT_COUNT);
    cr_expect_eq(access_rights_for(span_str("nothing")), 0);
    cr_expect_eq(access_rights_for(span_str("alerts")),
                 ACCESS_BIT(MAY_ACK) | ACCESS_BIT(MAY_SHELVE) | ACCESS_BIT(MAY_DISABLE));
}
