/* A channel that sends mails. */
#ifndef PB_NOTIFY_MAILER_H
#define PB_NOTIFY_MAILER_H

#include "notify/messenger.h"
#include "notify/notify_conf.h"

struct uv_loop_s;

/* All are borrowed and must outlive it. ERR_NOMEM. */
enum err mailer_open(const struct notify_channel_conf *conf, const struct notice_world *world,
                     struct uv_loop_s *loop, struct messenger **out);
/* Appends the mail, head and body, as of a time. Pure. */
enum err mailer_format(const struct notify_channel_conf *conf, const struct notice_world *world,
                       const struct letter *letter, int64_t now_ms, struct buf *out);

#endif
