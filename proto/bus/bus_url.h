/* Addresses of brokers, so that a wrong one is a mistake of the configuration and found before
 * anything is started. It looks nothing up. */
#ifndef PB_BUS_BUS_URL_H
#define PB_BUS_BUS_URL_H

#include <stdbool.h>

#define BUS_URL_EXPECTED "tcp://host:1883 or ssl://host:8883 (also mqtt://, mqtts://)"

/* scheme://host[:port] with a scheme that the bus speaks; an IPv6 address in brackets. */
bool bus_url_check(const char *url);

#endif
