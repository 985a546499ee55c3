#include "bus/bus_url.h"

#include <stddef.h>
#include <string.h>

enum { PORT_MAX = 65535, PORT_DIGITS = 5 };

static bool port_check(const char *text) {
    int port = 0;
    size_t n = strlen(text);
    if (n < 1 || n > PORT_DIGITS) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        port = port * 10 + (text[i] - '0');
    }
    return port >= 1 && port <= PORT_MAX;
}

static const char *behind_scheme(const char *url) {
    static const char *const scheme[] = {"tcp://", "ssl://", "mqtt://", "mqtts://"};
    for (size_t i = 0; i < sizeof scheme / sizeof scheme[0]; i++) {
        if (strncmp(url, scheme[i], strlen(scheme[i])) == 0) {
            return url + strlen(scheme[i]);
        }
    }
    return NULL;
}

bool bus_url_check(const char *url) {
    const char *host = behind_scheme(url);
    if (host == NULL || strpbrk(host, " /?#@") != NULL) {
        return false;
    }
    const char *close = host[0] == '[' ? strchr(host, ']') : NULL;
    if (host[0] == '[' && (close == NULL || close == host + 1)) {
        return false;
    }
    const char *end = close != NULL ? close + 1 : host + strcspn(host, ":");
    if (end == host) {
        return false;
    }
    return *end == '\0' || (*end == ':' && port_check(end + 1));
}
