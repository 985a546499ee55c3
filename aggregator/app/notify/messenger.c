#include "notify/messenger.h"

#include <stdio.h>

enum messenger_verdict messenger_of_http(int status) {
    static const int held[] = {401, 403, 404, 407}, again[] = {408, 425, 429};
    if (status >= 200 && status < 300)
        return MESSENGER_TOLD;
    if (status < 400 ||
        status >= 500) /* a redirection is followed by nobody: it may be over soon */
        return MESSENGER_AGAIN;
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        if (status == held[i])
            return MESSENGER_HELD;
    for (size_t i = 0; i < sizeof again / sizeof *again; i++)
        if (status == again[i])
            return MESSENGER_AGAIN;
    return MESSENGER_REFUSED;
}

/* RFC 4954, 6: 530, 534, 535, 538 are about the login. */
enum messenger_verdict messenger_of_smtp(int status) {
    static const int held[] = {530, 534, 535, 538};
    if (status >= 200 && status < 300)
        return MESSENGER_TOLD;
    if (status < 500)
        return MESSENGER_AGAIN;
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        if (status == held[i])
            return MESSENGER_HELD;
    return MESSENGER_REFUSED;
}

void messenger_words(char to[MESSENGER_WORDS], int status, struct span body, const char *error) {
    int n = (int)(body.n < MESSENGER_WORDS ? body.n : MESSENGER_WORDS);
    if (status)
        snprintf(to, MESSENGER_WORDS, "%d %.*s", status, n, n ? (const char *)body.p : "");
    else
        snprintf(to, MESSENGER_WORDS, "%s", error && *error ? error : "no answer");
    for (char *c = to; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == '"' || *c == 0x7f)
            *c = ' ';
    for (size_t end = strlen(to); end > 0 && to[end - 1] == ' '; end--)
        to[end - 1] = 0;
}
