/* A channel that posts JSON to a URL. */
#ifndef PB_NOTIFY_WEBHOOK_H
#define PB_NOTIFY_WEBHOOK_H

#include "http/http_client.h"
#include "notify/messenger.h"
#include "notify/notify_conf.h"

/* All are borrowed and must outlive it. ERR_NOMEM. */
enum err webhook_open(const struct notify_channel_conf *conf, const struct notice_world *world,
                      struct http_client *http, struct messenger **out);
/* Appends what is posted: the channel's own template filled, or our form; of a digest the notices
 * in a list. Pure. */
enum err webhook_body(const struct notify_channel_conf *conf, const struct notice_world *world,
                      const struct letter *letter, struct buf *out);
/* "5f...-17", or of a digest "5f...-17-23": what is sent twice has the same one. */
void webhook_id(const struct notice_world *world, const struct letter *letter, char text[64]);

#endif
