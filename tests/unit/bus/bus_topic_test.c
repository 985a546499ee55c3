#include <criterion/criterion.h>

#include "bus/bus_topic.h"

/* Rows from MQTT 3.1.1, sections 4.7.1.2, 4.7.1.3 and 4.7.2. */
Test(bus_topic, filters_match_as_the_standard_says) {
    static const struct {
        const char *filter, *topic;
        bool match;
    } row[] = {
        {"sport/tennis/player1/#", "sport/tennis/player1", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
        {"sport/#", "sport", true},
        {"#", "sport/x", true},
        {"sport/tennis/+", "sport/tennis/player1", true},
        {"sport/tennis/+", "sport/tennis/player1/ranking", false},
        {"sport/+", "sport", false},
        {"sport/+", "sport/", true},
        {"+/+", "/finance", true},
        {"/+", "/finance", true},
        {"+", "/finance", false},
        {"+/tennis/#", "sport/tennis/x", true},
        {"#", "$SYS/broker", false},
        {"+/monitor/Clients", "$SYS/monitor/Clients", false},
        {"$SYS/#", "$SYS/broker", true},
        {"$SYS/monitor/+", "$SYS/monitor/Clients", true},
        {"a/b", "a/b", true},
        {"a/b", "a/bc", false},
        {"a/b", "a", false},
        {"a", "a/b", false},
        {"a/+/#", "a/b", true},
        {"a/+/#", "a", false},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        cr_expect_eq(bus_topic_match(span_str(row[i].filter), span_str(row[i].topic)), row[i].match,
                     "%s on %s", row[i].filter, row[i].topic);
    }
}
