/* One event of an alert as recipients read it: the event with its rule's texts, its place, times of
 * the plant's clock. Pure; nothing is sent here. */
#ifndef PB_NOTIFY_NOTICE_H
#define PB_NOTIFY_NOTICE_H

#include "alert/event.h"
#include "notify/template.h"
#include "notify/words.h"
#include "json/json_writer.h"

enum { NOTICE_ID = 40, NOTICE_TIME = 40 };

struct notice {
    const struct alert_event *event;
    const struct alert_rule *rule; /* NULL: it is no more */
    int64_t active_ms;             /* when it became active; 0: it is not */
    bool test;                     /* nothing happened: somebody tries the channel */
    bool stale; /* told again after it was put aside, and the alert has moved on since */
};

/* What all notices of a plant share; borrowed. */
struct notice_world {
    const struct plant *plant;
    const struct words *words;
    uint64_t store_id;
    const char *url; /* of the page; "" or NULL: none */
};

/* "5f0c1a2b00000001-17", of the store and the event: what is told twice has the same one. */
void notice_id(const struct notice_world *w, const struct notice *n, char text[NOTICE_ID]);
/* "2026-11-26 14:03:00 +07:00" by the plant's clock. */
void notice_time(const struct plant *p, int64_t t_ms, char text[NOTICE_TIME]);
/* A field as text, in the world's language. */
void notice_field(const struct notice_world *w, const struct notice *n, enum template_field f,
                  struct buf *out);
/* Subject and body as text. Subject NULL or "": the language's own; the same of body. */
enum err notice_subject(const struct notice_world *w, const struct notice *n, const char *subject,
                        struct buf *out);
enum err notice_body(const struct notice_world *w, const struct notice *n, const char *body,
                     struct buf *out);
/* Of several in one message: why they are together, then a line each, many hundred at most. */
enum err notice_many_subject(const struct notice_world *w, const struct notice *n, size_t count,
                             struct buf *out);
enum err notice_many_body(const struct notice_world *w, const struct notice *n, size_t count,
                          bool flood, struct buf *out);
/* Members of a JSON object: ids, state, numbers; texts in English, as machines read them. */
void notice_json(const struct notice_world *w, const struct notice *n, struct json_writer *out);
/* What its values are measured in; "": a number alone. */
const char *notice_unit(const struct plant *p, const struct alert_rule *r);
/* Index of its node in the plant, UINT32_MAX: it is no more. */
uint32_t notice_node(const struct plant *p, const struct alert_event *e);
/* Whether the event's alert is active from then on, acknowledged or not. */
bool notice_is_active(const struct alert_event *e);

#endif
