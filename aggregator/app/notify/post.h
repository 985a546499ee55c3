/* JSON posted to a URL with what a channel's configuration adds: for the messengers that speak
 * HTTP. It judges no answer. */
#ifndef PB_NOTIFY_POST_H
#define PB_NOTIFY_POST_H

#include "http/http_client.h"
#include "notify/notify_conf.h"

/* id is sent as Idempotency-Key, NULL: none. As http_client_send. */
enum err post_send(struct http_client *http, const struct notify_channel_conf *c, const char *url,
                   struct span json, const char *id,
                   void (*done)(void *user, const struct http_answer *answer), void *user,
                   struct http_call **call);

#endif
