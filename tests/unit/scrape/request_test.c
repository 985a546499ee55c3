#include "scrape/request.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct judged {
    const char *text;
    enum request_verdict verdict;
};

static void judge(const struct judged *rows, size_t n) {
    for (size_t i = 0; i < n; i++)
        cr_expect_eq(request_parse(span_str(rows[i].text)), rows[i].verdict, "%s", rows[i].text);
}
#define JUDGE(rows) judge((rows), sizeof(rows) / sizeof *(rows))

/* What curl 7.88, Prometheus 2.42 and a person with nc send. */
Test(request, a_scraper_is_understood) {
    static const struct judged rows[] = {
        {"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9464\r\nUser-Agent: curl/7.88.1\r\n"
         "Accept: */*\r\n\r\n",
         REQUEST_OK},
        {"GET /metrics HTTP/1.1\r\nHost: gw:9464\r\nUser-Agent: Prometheus/2.42.0\r\nAccept: "
         "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n"
         "Accept-Encoding: gzip\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n",
         REQUEST_OK},
        {"GET /metrics HTTP/1.0\n\n", REQUEST_OK},
        {"GET /metrics?name=x HTTP/1.1\r\n\r\n", REQUEST_OK},
        {"GET /metrics HTTP/1.1\r\nEmpty:\r\nTab:\tx\r\n\r\n", REQUEST_OK},
    };
    JUDGE(rows);
}

Test(request, what_else_is_asked_is_refused_by_its_reason) {
    static const struct judged rows[] = {
        {"GET / HTTP/1.1\r\n\r\n", REQUEST_NOT_FOUND},
        {"GET /metricsx HTTP/1.1\r\n\r\n", REQUEST_NOT_FOUND},
        {"GET /metrics/ HTTP/1.1\r\n\r\n", REQUEST_NOT_FOUND},
        {"GET /%6detrics HTTP/1.1\r\n\r\n", REQUEST_NOT_FOUND},
        {"GET http://x/metrics HTTP/1.1\r\n\r\n", REQUEST_NOT_FOUND},
        {"HEAD /metrics HTTP/1.1\r\n\r\n", REQUEST_METHOD},
        {"POST /metrics HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", REQUEST_METHOD},
        {"GETT /metrics HTTP/1.1\r\n\r\n", REQUEST_METHOD},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", REQUEST_VERSION},
        {"GET /metrics HTTP/0.9\r\n\r\n", REQUEST_VERSION},
    };
    JUDGE(rows);
}

Test(request, noise_is_refused_at_its_first_byte) {
    static const struct judged rows[] = {
        {"\x16\x03\x01", REQUEST_MALFORMED}, /* TLS */
        {"\r\n", REQUEST_MALFORMED},
        {" ", REQUEST_MALFORMED},
        {"get ", REQUEST_MALFORMED},
        {"ABCDEFGHIJKLMNOPQ", REQUEST_MALFORMED},
        {"GET  ", REQUEST_MALFORMED},
        {"GET /metrics\r", REQUEST_MALFORMED}, /* HTTP/0.9 */
        {"GET /m\xc3\xa4", REQUEST_MALFORMED},
        {"GET / HTTP/11", REQUEST_MALFORMED},
        {"GET / HTTP/1.1 ", REQUEST_MALFORMED},
        {"GET / HTTP/1.1\rx", REQUEST_MALFORMED},
        {"GET / HTTP/1.1\r\n folded", REQUEST_MALFORMED},
        {"GET / HTTP/1.1\r\nname ", REQUEST_MALFORMED},
        {"GET / HTTP/1.1\r\n:", REQUEST_MALFORMED},
        {"GET / HTTP/1.1\r\na: \x01", REQUEST_MALFORMED},
        {"GET / HTTP/1.1\r\na: b\rc", REQUEST_MALFORMED},
        {"GET / HTTP/1.1\r\n\rx", REQUEST_MALFORMED},
    };
    JUDGE(rows);
}

Test(request, a_part_of_a_request_waits_for_the_rest) {
    static const char whole[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    for (size_t n = 0; n < sizeof whole - 1; n++)
        cr_expect_eq(request_parse(span_of(whole, n)), REQUEST_MORE, "%zu bytes", n);
    cr_expect_eq(request_parse(span_of(whole, sizeof whole - 1)), REQUEST_OK);
    cr_expect_eq(request_parse(span_of(NULL, 0)), REQUEST_MORE);
}

Test(request, what_stands_behind_the_head_is_not_looked_at) {
    static const struct judged rows[] = {
        {"GET /metrics HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", REQUEST_OK},
        {"GET /metrics HTTP/1.1\r\n\r\n\x01\x02", REQUEST_OK},
    };
    JUDGE(rows);
}

/* A head of n bytes, its last line one long value. */
static enum request_verdict of_size(size_t n) {
    static const char begin[] = "GET /metrics HTTP/1.1\r\na: ", end[] = "\r\n\r\n";
    char *text = malloc(n);
    memset(text, 'x', n);
    memcpy(text, begin, sizeof begin - 1);
    memcpy(text + n - (sizeof end - 1), end, sizeof end - 1);
    enum request_verdict v = request_parse(span_of(text, n));
    free(text);
    return v;
}

Test(request, a_head_may_have_4096_bytes_and_no_more) {
    cr_expect_eq(of_size(4096), REQUEST_OK);
    cr_expect_eq(of_size(4097), REQUEST_LARGE);
    cr_expect_eq(of_size(100000), REQUEST_LARGE);
}
