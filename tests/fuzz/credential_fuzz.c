/* Any bytes as a Cookie or an Authorization head, as a secret, and as a row of the table of people.
 * What is found lies in the head, what is read as a secret is written back as it was. */
#include <stdlib.h>

#include "access/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static bool lies_in(struct span part, struct span whole) {
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void read_secret(struct span text) {
    uint8_t secret[SECRET_BYTES];
    char again[SECRET_TEXT];
    if (!secret_parse(text, secret))
        return;
    secret_format(secret, again);
    must(span_equal(span_str(again), text));
}

static void read_rows(struct span bytes) {
    struct person person = {0}, again = {0};
    struct token token = {0};
    struct login login = {0};
    struct access_event event;
    struct buf out;
    (void)record_take_token(bytes, &token);
    (void)record_take_session(bytes, &login);
    (void)record_take_event(1, bytes, &event);
    if (record_take_person(bytes, &person))
        return;
    buf_init(&out);
    must(!record_person(&person, &out) && !record_take_person(buf_span(&out), &again));
    must(again.roles == person.roles && again.area_n == person.area_n &&
         strcmp(again.password, person.password) == 0);
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* A copy of its own size, so that a byte too far is seen. */
    uint8_t *copy = malloc(size ? size : 1);
    must(copy != NULL);
    if (size)
        memcpy(copy, data, size);
    const struct span head = span_of(copy, size);
    struct span found = {0};
    if (credential_cookie(head, "plantbus-8080", &found)) {
        must(lies_in(found, head));
        read_secret(found);
    }
    if (credential_bearer(head, &found)) {
        must(found.n > 0 && lies_in(found, head));
        read_secret(found);
    }
    read_secret(head);
    read_rows(head);
    free(copy);
    return 0;
}
