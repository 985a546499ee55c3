/* Configuration of notifications: channels, and who is told through which of them. It stands in the
 * aggregator's file and not beside the rules: it names secrets and addresses of the house, which do
 * not belong into a folder that engineers edit and keep in git; rules name positions only. */
#ifndef PB_NOTIFY_NOTIFY_CONF_H
#define PB_NOTIFY_NOTIFY_CONF_H

#include "alert/rule.h"
#include "conf/conf.h"
#include "plant/plant.h"

enum notify_kind {
    NOTIFY_MQTT,
    NOTIFY_WEBHOOK,
    NOTIFY_MAIL,
    NOTIFY_ALERTMANAGER,
    NOTIFY_KIND_COUNT
};

/* Keys of a channel that some kinds have and others have not. */
enum notify_key {
    NOTIFY_URL,
    NOTIFY_USER,
    NOTIFY_PASSWORD,
    NOTIFY_PASSWORD_FILE,
    NOTIFY_TOKEN,
    NOTIFY_TOKEN_FILE,
    NOTIFY_CA_FILE,
    NOTIFY_TLS,
    NOTIFY_FROM,
    NOTIFY_TO,
    NOTIFY_HEADERS,
    NOTIFY_JSON,
    NOTIFY_LABELS,
    NOTIFY_RESEND,
    NOTIFY_DIGEST,
    NOTIFY_KEY_COUNT
};

struct notify_channel_conf {
    struct ident id;
    struct conf_pos pos, subject_pos, body_pos, json_pos, password_pos, token_pos;
    struct conf_pos password_file_pos, token_file_pos;
    bool given[NOTIFY_KEY_COUNT];
    int kind; /* enum notify_kind */
    char *url, *user, *password, *password_file, *token, *token_file, *ca_file;
    char *from, *subject, *body, *json;
    char **to;
    size_t to_n;
    struct conf_pair *headers, *labels;
    size_t header_n, label_n;
    bool tls, digest;
    int64_t timeout_ms, retry_min_ms, retry_max_ms, retry_after_max_ms, resend_ms;
};

/* Channels that are told of what fits; an absent list fits everything. */
struct notify_route_conf {
    struct conf_pos pos;
    struct ident *channels, *shifts, *nodes;
    size_t channel_n, shift_n, node_n;
    int from; /* enum alert_severity: this one and above */
};

struct notify_position_conf {
    struct ident id;
    struct conf_pos pos;
    char *name;
    struct notify_route_conf *routes;
    size_t route_n;
};

/* What is told of norms by itself. */
struct notify_norms_conf {
    struct ident *to; /* positions; none: nothing is */
    size_t to_n;
    struct conf_pos to_pos;
    bool verdicts, steps, answers, neglected;
    int64_t ahead_ms;
};

struct notify_conf {
    int language; /* enum words_language */
    char *page;
    struct conf_pos page_pos;
    int64_t late_ms, flood_every_ms;
    struct notify_channel_conf *channels;
    size_t channel_n;
    struct notify_position_conf *positions;
    size_t position_n;
    struct ident *otherwise;
    size_t otherwise_n;
    struct conf_pos otherwise_pos;
    struct notify_norms_conf norms;
};

extern const struct conf_schema notify_schema;
/* Rules across keys: what each kind of channel needs and has, legal addresses and templates,
 * channels that exist. */
void notify_conf_finish(const struct notify_conf *c, struct conf_report *report);
/* Nodes and shifts that routes name are the plant's. */
void notify_conf_check_plant(const struct notify_conf *c, const struct plant *plant,
                             struct conf_report *report);
/* Recipients of a rule, which stands at a line of a file, are positions here; if there are any. */
void notify_conf_check_rule(const struct notify_conf *c, const struct alert_rule *r,
                            const char *file, uint32_t line, struct conf_report *report);
/* Takes over what stands in the secret files, whose paths must be ready to be opened: their first
 * line. Reports what cannot be read. ERR_NOMEM. */
enum err notify_conf_secrets(struct notify_conf *c, struct conf_report *report);
/* NULL: there is none of that id. */
const struct notify_channel_conf *notify_conf_channel(const struct notify_conf *c,
                                                      const struct ident *id);
const char *notify_kind_name(enum notify_kind kind);

#endif
