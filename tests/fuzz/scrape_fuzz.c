/* Any bytes as the head of a scraper's request. They are judged the same at once and byte by byte,
 * and a verdict stands whatever comes behind it. */
#include <stdlib.h>

#include "scrape/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum request_verdict whole = request_parse(span_of(data, size));
    must(whole < REQUEST_VERDICT_COUNT);
    must((whole == REQUEST_MORE) <= (size < REQUEST_HEAD_MAX));
    enum request_verdict now = REQUEST_MORE;
    size_t most = size < 300 ? size : 300; /* the rest in larger steps: each look begins anew */
    for (size_t n = 0; n <= size && now == REQUEST_MORE; n += n < most ? 1 : 97)
        now = request_parse(span_of(data, n));
    must(now == REQUEST_MORE || now == whole);
    if (whole == REQUEST_OK)
        must(size >= sizeof "GET /metrics HTTP/1.1\n\n" - 1 && data[0] == 'G' && data[5] == 'm');
    return 0;
}
