/* A channel to Alertmanager's API, version 2. It knows no transitions, only alerts that it is told
 * of again and again: what is active is sent with an end four resends ahead, what is over with its
 * end. Severity is a label, so an alert under another severity is another alert there, that ends.
 */
#ifndef PB_NOTIFY_ALERTMANAGER_H
#define PB_NOTIFY_ALERTMANAGER_H

#include "http/http_client.h"
#include "notify/messenger.h"
#include "notify/notify_conf.h"

/* What is active now and concerns the channel, one after the other: begin with *at = 0; false past
 * the end. The notice points to *event. */
struct alertmanager_source {
    bool (*next)(void *user, size_t *at, struct alert_event *event, struct notice *out);
    void *user;
};

/* All are borrowed and must outlive it; the source is copied. ERR_NOMEM. */
enum err alertmanager_open(const struct notify_channel_conf *conf, const struct notice_world *world,
                           const struct alertmanager_source *source, struct http_client *http,
                           struct messenger **out);
/* Appends the JSON of one notice: its alert, and an end under each other severity. Pure. */
enum err alertmanager_body(const struct notify_channel_conf *conf, const struct notice_world *world,
                           const struct notice *n, int64_t now_ms, struct buf *out);

#endif
