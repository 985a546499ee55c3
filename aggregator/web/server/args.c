/* What stands behind the "?" of a request, read in one way by all routes. */
#include <stdio.h>
#include <stdlib.h>

#include "web/web_impl.h"

/* A fragment is as long as the head at most; false: there are no more. n 0: an empty one. */
static bool fragment_of(struct client *c, int i, char text[WEB_HEADER_MAX], int *n) {
    *n = lws_hdr_copy_fragment(c->wsi, text, WEB_HEADER_MAX, WSI_TOKEN_HTTP_URI_ARGS, i);
    return *n >= 0;
}

bool route_argument(struct client *c, const char *name, char *text, size_t room) {
    char fragment[WEB_HEADER_MAX];
    const size_t len = strlen(name);
    int n = 0;
    for (int i = 0; fragment_of(c, i, fragment, &n); i++) { /* one may be empty: "?&name=" */
        if (strncmp(fragment, name, len) != 0 || fragment[len] != '=')
            continue;
        (void)snprintf(text, room, "%s", fragment + len + 1);
        return true;
    }
    return false;
}

/* The words of a list with blanks between them; *many: those with a star behind, which may be given
 * again and again. */
static size_t split(const char *list, char words[ARGS_MAX][ARGS_NAME], const char *out[ARGS_MAX],
                    unsigned *many) {
    size_t n = 0;
    *many = 0;
    for (const char *at = list; *at && n < ARGS_MAX; n++) {
        const size_t len = strcspn(at, " ");
        const bool star = at[len - 1] == '*';
        (void)snprintf(words[n], ARGS_NAME, "%.*s", (int)(len - star), at);
        *many |= (unsigned)star << n;
        out[n] = words[n];
        at += len + strspn(at + len, " ");
    }
    return n;
}

static const char *not_taken(struct client *c, const char *name, const char *const *known,
                             size_t n) {
    char all[256] = "";
    const char *near = *name ? ident_nearest(name, known, n) : NULL;
    for (size_t i = 0, at = 0; i < n && at < sizeof all; i++)
        at += (size_t)snprintf(all + at, sizeof all - at, "%s%s", i ? ", " : "", known[i]);
    (void)snprintf(c->wrong, sizeof c->wrong, "%.31s: there is no such parameter%s%s%s; %s%s", name,
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "",
                   n ? "known parameters: " : "none is taken here", all);
    return c->wrong;
}

static const char *twice(struct client *c, const char *name) {
    (void)snprintf(c->wrong, sizeof c->wrong, "%s: given twice", name);
    return c->wrong;
}

/* Once each, by names that the path takes: what is overlooked would be taken for granted. */
const char *args_check(struct client *c, const char *takes) {
    char fragment[WEB_HEADER_MAX], words[ARGS_MAX][ARGS_NAME];
    const char *known[ARGS_MAX];
    unsigned seen = 0, many;
    const size_t n = split(takes, words, known, &many);
    int len = 0;
    for (int i = 0; fragment_of(c, i, fragment, &len); i++) {
        size_t at = 0;
        if (len == 0 || strcmp(fragment, "/") == 0) /* "?" alone is handed on as "/" */
            continue;
        fragment[strcspn(fragment, "=")] = 0;
        while (at < n && strcmp(fragment, known[at]) != 0)
            at++;
        if (at == n)
            return not_taken(c, fragment, known, n);
        if (seen >> at & 1 && !(many >> at & 1))
            return twice(c, known[at]);
        seen |= 1u << at;
    }
    return NULL;
}

/* --- one by one ---------------------------------------------------------------------------------
 */

void args_wrong(struct args *a, int status, const char *wrong) {
    if (a->status)
        return; /* the first one is told */
    a->status = status;
    (void)snprintf(a->wrong, sizeof a->wrong, "%s", wrong);
}

bool args_text(struct args *a, const char *name, char *text, size_t n) {
    char told[64], room[WEB_HEADER_MAX];
    if (!route_argument(a->c, name, room, sizeof room))
        return false;
    if (snprintf(text, n, "%s", room) < (int)n)
        return true;
    (void)snprintf(told, sizeof told, "%s: that is too long", name);
    args_wrong(a, 400, told);
    return false;
}

void args_number(struct args *a, const char *name, int64_t least, int64_t most, int64_t *out) {
    char text[ARGS_TEXT], told[96], *end = NULL;
    if (!args_text(a, name, text, sizeof text))
        return;
    const long long n = strtoll(text, &end, 10);
    if (*text && !*end && n >= least && n <= most) {
        *out = n;
        return;
    }
    if (most == INT64_MAX)
        (void)snprintf(told, sizeof told, "%s: a number from %lld on", name, (long long)least);
    else
        (void)snprintf(told, sizeof told, "%s: a number from %lld to %lld", name, (long long)least,
                       (long long)most);
    args_wrong(a, 400, told);
}

void args_time(struct args *a, const char *name, int64_t *out) {
    char text[ARGS_TEXT], told[128];
    if (!args_text(a, name, text, sizeof text) || past_time(text, out))
        return;
    (void)snprintf(told, sizeof told,
                   "%s: expected a time such as 2026-11-23T06:00:00Z, a date or milliseconds",
                   name);
    args_wrong(a, 400, told);
}

void args_ident(struct args *a, const char *name, struct ident *out) {
    char text[ARGS_TEXT], told[96];
    if (!args_text(a, name, text, sizeof text) || ident_set(out, span_str(text)))
        return;
    (void)snprintf(told, sizeof told, "%s: an id is 1 to 48 of a-z, 0-9, - and _", name);
    args_wrong(a, 400, told);
}

void args_node(struct args *a, const struct plant *p, uint32_t *out) {
    char text[ARGS_TEXT], told[ARGS_TEXT + 80];
    if (!args_text(a, "node", text, sizeof text) || (*out = plant_find_node(p, text)) != UINT32_MAX)
        return;
    const char **known = calloc(p->node_n + 1, sizeof *known);
    for (size_t i = 0; known && i < p->node_n; i++)
        known[i] = p->node[i].id.s;
    const char *near = known ? ident_nearest(text, known, p->node_n) : NULL;
    (void)snprintf(told, sizeof told, "node: no node of the plant has this id%s%s%s",
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    free(known);
    args_wrong(a, 404, told);
}

int args_refuse(const struct args *a) {
    return reply_wrong(a->c, a->status, a->wrong);
}
