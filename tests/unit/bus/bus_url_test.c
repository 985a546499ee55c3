#include "bus/bus_url.h"

#include <criterion/criterion.h>

Test(bus_url, schemes_and_hosts_that_the_bus_can_use) {
    static const char *const good[] = {"tcp://127.0.0.1:1883", "ssl://broker.example:8883",
                                       "mqtt://broker",        "mqtts://broker:8883",
                                       "tcp://[::1]:1883",     "tcp://[::1]"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        cr_expect(bus_url_check(good[i]), "%s", good[i]);
}

Test(bus_url, what_is_no_broker) {
    static const char *const bad[] = {"http://x",
                                      "tcp://",
                                      "tcp://:1883",
                                      "tcp://host:",
                                      "tcp://host:0",
                                      "tcp://host:65536",
                                      "tcp://host:18x3",
                                      "tcp://host:1883/path",
                                      "tcp://user@host:1883",
                                      "tcp://[::1",
                                      "tcp://[]:1883",
                                      "tcp://[::1]1883",
                                      "host:1883",
                                      ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect_not(bus_url_check(bad[i]), "%s", bad[i]);
}
