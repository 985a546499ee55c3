/* Commands on their way: put to the source when their body is there, answered when what they did is
 * durable, asked again while the source puts them off. */
#include "web/web_impl.h"

static int status_of(enum err err) {
    static const int status[ERR_COUNT] = {
        [ERR_NOMEM] = 503,      [ERR_IO] = 503,    [ERR_FORMAT] = 400, [ERR_TRUNCATED] = 400,
        [ERR_CHECKSUM] = 400,   [ERR_RANGE] = 422, [ERR_EXISTS] = 409, [ERR_NOT_FOUND] = 404,
        [ERR_STATE] = 409,      [ERR_FULL] = 503,  [ERR_BUSY] = 503,   [ERR_CONFIG] = 422,
        [ERR_UNSUPPORTED] = 404};
    return err < ERR_COUNT && status[err] ? status[err] : 500;
}

static const char *status_title(int status) {
    return status == 401   ? "not logged in"
           : status == 403 ? "forbidden"
           : status == 412 ? "changed meanwhile"
           : status == 428 ? "if-match is needed"
           : status == 429 ? "too many tries"
                           : "refused";
}

/* Whether what the command took is in the store. */
static bool is_durable(const struct client *c) {
    struct core *core = c->web->source.core(c->web->source.user);
    return core && (c->durable ? c->durable : core_act_durable)(core, c->wait_for);
}

static int wait_in_line(struct client *c) {
    c->waiting = c->web->waiting;
    c->web->waiting = c;
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WEB_STUCK_S);
    return REPLY_GOES_ON;
}

/* What was taken is answered when nothing can undo it any more. */
static int answer_when_durable(struct client *c, const struct web_command *command) {
    c->wait_for = command->wait_for;
    c->durable = command->durable;
    if (c->wait_for == 0 || is_durable(c)) {
        c->wait_for = 0;
        return reply_bytes(c, 200, "application/json", c->etag[0] ? c->etag : NULL);
    }
    return wait_in_line(c);
}

/* The source decides how long that goes on. */
static int ask_again(struct client *c, uint64_t ticket) {
    const bool waits = c->later;
    c->ticket = ticket;
    c->later = true;
    if (!waits)
        return wait_in_line(c);
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WEB_STUCK_S);
    return REPLY_GOES_ON;
}

void command_forget(struct client *c) {
    struct client **at = &c->web->waiting;
    while (*at && *at != c)
        at = &(*at)->waiting;
    if (*at)
        *at = c->waiting;
    c->wait_for = 0;
    c->later = false;
}

/* Bytes behind a command that waits would keep the loop turning, and hide that its peer is gone. */
static void mind(struct client *c) {
    const enum peer_word said = peer_says(c);
    if (said == PEER_QUIET)
        return;
    c->close = true;
    lws_rx_flow_control(c->wsi, 0); /* first: what is read would put the end off again */
    if (said == PEER_GONE)
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
}

void command_committed(struct web *w) {
    for (struct client *c = w->waiting, *next; c; c = next) {
        next = c->waiting;
        if (c->later)
            lws_callback_on_writable(c->wsi); /* it is put again from there */
        mind(c);
        if (c->later || !is_durable(c))
            continue;
        command_forget(c);
        c->ready = true;
        c->type = "application/json";
        lws_callback_on_writable(c->wsi);
    }
}

static int refuse(struct client *c, const struct web_command *command, enum err err) {
    const int status = command->status ? command->status : status_of(err);
    const char *title = command->status ? status_title(command->status) : err_name(err);
    const char *detail = command->detail[0] ? command->detail : "the command was refused";
    if (!command->field[0])
        return reply_titled(c, status, title, detail); /* it may begin with what is wrong */
    c->field = command->field;
    const int done = reply_problem(c, status, title, detail);
    c->field = NULL; /* it is the command's */
    return done;
}

int command_posted(struct client *c) {
    struct web *w = c->web;
    struct web_command command = {.noun = span_str(c->noun),
                                  .json = buf_span(&c->posted),
                                  .by = &c->actor,
                                  .if_match = span_str(c->if_match),
                                  .new_only = c->new_only,
                                  .answer = &c->body,
                                  .ticket = c->ticket};
    c->posting = false;
    enum err err = w->source.command(w->source.user, &command);
    if (!err && command.later)
        return ask_again(c, command.ticket);
    if (c->later)
        command_forget(c);
    if (c->posted.p) /* a password may be in it */
        explicit_bzero(c->posted.p, c->posted.n);
    buf_fini(&c->posted);
    admit_cookie(c, &command);
    explicit_bzero(command.cookie, sizeof command.cookie);
    (void)snprintf(c->etag, sizeof c->etag, "%s", command.etag);
    if (err == ERR_OK)
        return answer_when_durable(c, &command);
    c->challenge = command.status == 401;
    c->retry_ms = command.retry_ms;
    return refuse(c, &command, err);
}
