/* Any bytes into the parsers of hello, ack, command and report. What one accepts must be one whole
 * object for msgpack-c, and must come back the same after it was formatted and parsed again. */
#include "wire/session_msg.h"

#include <msgpack.h>
#include <stdlib.h>

#include "wire/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void whole_for_msgpack_c(const uint8_t *data, size_t size) {
    msgpack_unpacked tree;
    size_t end = 0;
    msgpack_unpacked_init(&tree);
    must(msgpack_unpack_next(&tree, (const char *)data, size, &end) == MSGPACK_UNPACK_SUCCESS);
    must(end == size);
    msgpack_unpacked_destroy(&tree);
}

/* The two formattings of one message: the first of what was parsed, the second after its round. */
static void same(struct buf *a, struct buf *b) {
    must(span_equal(buf_span(a), buf_span(b)));
    buf_fini(a);
    buf_fini(b);
}

static bool hello_round(struct span bytes) {
    struct hello h, back;
    struct buf a, b;
    if (hello_parse(bytes, &h) != ERR_OK) {
        return false;
    }
    buf_init(&a);
    buf_init(&b);
    must(hello_format(&h, &a) == ERR_OK && hello_parse(buf_span(&a), &back) == ERR_OK);
    must(hello_format(&back, &b) == ERR_OK);
    same(&a, &b);
    return true;
}

static bool ack_round(struct span bytes) {
    struct ack k, back;
    struct buf a, b;
    if (ack_parse(bytes, &k) != ERR_OK) {
        return false;
    }
    buf_init(&a);
    buf_init(&b);
    must(ack_format(&k, &a) == ERR_OK && ack_parse(buf_span(&a), &back) == ERR_OK);
    must(ack_format(&back, &b) == ERR_OK);
    same(&a, &b);
    return true;
}

static bool command_round(struct span bytes) {
    struct command c, back;
    struct buf a, b;
    if (command_parse(bytes, &c) != ERR_OK) {
        return false;
    }
    buf_init(&a);
    buf_init(&b);
    must(command_format(&c, &a) == ERR_OK && command_parse(buf_span(&a), &back) == ERR_OK);
    must(command_format(&back, &b) == ERR_OK);
    same(&a, &b);
    return true;
}

static bool report_round(struct span bytes) {
    struct report r, back;
    struct buf a, b;
    if (report_parse(bytes, &r) != ERR_OK) {
        return false;
    }
    buf_init(&a);
    buf_init(&b);
    must(report_format(&r, &a) == ERR_OK && report_parse(buf_span(&a), &back) == ERR_OK);
    must(report_format(&back, &b) == ERR_OK);
    same(&a, &b);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct span bytes = span_of(data, size);
    bool formed = form_check(bytes);
    bool read = hello_round(bytes);
    read = ack_round(bytes) || read;
    read = command_round(bytes) || read;
    read = report_round(bytes) || read;
    must(formed || !read);
    if (formed) {
        whole_for_msgpack_c(data, size);
    }
    return 0;
}
