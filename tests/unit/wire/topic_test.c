#include "wire/topic.h"

#include <criterion/criterion.h>

static struct ident agent_of(const char *s) {
    struct ident id;
    cr_assert(ident_set(&id, span_str(s)));
    return id;
}

/* FNV-1a 32 of "a" is 0xe40c292c (the authors' published vector); 0x2c = 44, 44 % 64 = 44. */
Test(topic, formats_of_every_kind) {
    static const char *const expected[] = {
        [TOPIC_DATA] = "pb1/44/a/d", [TOPIC_HELLO] = "pb1/44/a/h", [TOPIC_STATUS] = "pb1/44/a/s",
        [TOPIC_ACK] = "pb1a/a/a",    [TOPIC_COMMAND] = "pb1a/a/c", [TOPIC_REPORT] = "pb1/44/a/r",
    };
    struct ident a = agent_of("a");
    for (int k = TOPIC_DATA; k <= TOPIC_REPORT; k++) {
        char text[TOPIC_MAX];
        enum topic_kind kind;
        struct ident agent;
        topic_format((enum topic_kind)k, &a, text);
        cr_assert_str_eq(text, expected[k]);
        cr_assert_eq(topic_parse(span_str(text), &kind, &agent), ERR_OK);
        cr_assert_eq((int)kind, k);
        cr_assert(ident_equal(&agent, &a));
    }
}

Test(topic, anything_else_is_refused) {
    static const char *const bad[] = {
        "",
        "/",
        "d",
        "pb1",
        "pb1/44/a",
        "pb1/44/a/",
        "pb1/44/a/x",
        "pb1/44/a/dd",
        "pb1/43/a/d",  /* another agent's partition */
        "pb1/044/a/d", /* a second spelling */
        "pb1/ 44/a/d",
        "pb1/44/A/d",
        "pb1/44//d",
        "/pb1/44/a/d",
        "pb1/44/a/d/",
        "pb1/44/b/a/d",
        "pb2/44/a/d",
        "pb1a/a/d",
        "pb1a/44/a/a",
        "pb1a/a/r",
        "pb1/44/a/a",
        "pb1/44/+/d",
        "pb1/44/0123456789012345678901234567890123456789012345678/d", /* 49 characters */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        enum topic_kind kind = TOPIC_ACK;
        struct ident agent = agent_of("kept");
        cr_assert_eq(topic_parse(span_str(bad[i]), &kind, &agent), ERR_FORMAT, "%s", bad[i]);
        cr_assert(kind == TOPIC_ACK && strcmp(agent.s, "kept") == 0);
    }
}

Test(topic, longest_id_fits) {
    struct ident a = agent_of("012345678901234567890123456789012345678901234567");
    char text[TOPIC_MAX];
    enum topic_kind kind;
    struct ident back;
    topic_format(TOPIC_DATA, &a, text);
    cr_assert_eq(topic_parse(span_str(text), &kind, &back), ERR_OK);
    cr_assert(ident_equal(&a, &back));
}

Test(topic, indicator_and_subscriptions) {
    char text[TOPIC_MAX];
    topic_indicator("hanoi", "press-1", "shift", true, text);
    cr_expect_str_eq(text, "pb1i/hanoi/press-1/shift/closed");
    topic_indicator("hanoi", "press-1", "shift", false, text);
    cr_assert_str_eq(text, "pb1i/hanoi/press-1/shift");
    const char *const *list;
    cr_assert_eq(topic_subscriptions(&list), 4);
    cr_assert_str_eq(list[0], "pb1/+/+/d");
    cr_assert_str_eq(list[1], "pb1/+/+/h");
    cr_assert_str_eq(list[2], "pb1/+/+/s");
    cr_assert_str_eq(list[3], "pb1/+/+/r");
}
