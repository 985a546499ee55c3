/* One request as a curl handle with everything that must live as long. Private to this room. */
#ifndef PB_HTTP_HTTP_CALL_H
#define PB_HTTP_HTTP_CALL_H

#include <curl/curl.h>

#include "base/buf.h"
#include "http/http_client.h"

struct http_call {
    struct http_call *next, **at; /* in its client's list */
    CURL *easy;
    struct curl_slist *headers;
    struct buf body;   /* of the request, as sent */
    struct buf answer; /* at most answer_max */
    size_t answer_max;
    bool answer_cut;
    int64_t retry_after_ms;
    uint64_t began_ms;
    char error[CURL_ERROR_SIZE];
    void (*on_done)(void *user, const struct http_answer *answer);
    void *done_user;
};

enum err http_call_open(const struct http_request *r, struct http_call **out);
void http_call_close(struct http_call *call);
/* Tells the owner how it ended. */
void http_call_finish(struct http_call *call, CURLcode code, uint64_t now_ms);

#endif
