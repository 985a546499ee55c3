/* Lists that are looked through: some hundred entries at most, a comparison of 32 bytes each.
 * Hashes of secrets are compared as they come: whoever does not know a secret cannot choose its
 * hash. */
#include "access/people.h"

#include <stdio.h>
#include <stdlib.h>

void people_init(struct people *p, const struct people_conf *conf) {
    *p = (struct people){.conf = *conf};
}

/* What stood there is of no use to whoever reads the memory later. */
static void wipe(void *p, size_t n) {
    volatile uint8_t *at = p;
    while (n--)
        *at++ = 0;
}

void people_fini(struct people *p) {
    if (p->person)
        wipe(p->person, p->person_cap * sizeof *p->person);
    free(p->person);
    free(p->token);
    free(p->session);
    *p = (struct people){0};
}

bool people_has_administrator(const struct people *p) {
    for (size_t i = 0; i < p->person_n; i++) {
        const struct person *x = &p->person[i];
        if (access_rights(x->roles) & ACCESS_BIT(MAY_ADMINISTER) && x->password[0] && !x->disabled)
            return true;
    }
    return false;
}

/* --- lists --------------------------------------------------------------------------------------
 */

struct person *people_find(const struct people *p, const char *id) {
    for (size_t i = 0; i < p->person_n; i++)
        if (strcmp(p->person[i].id.s, id) == 0)
            return &p->person[i];
    return NULL;
}

struct token *people_token(const struct people *p, const char *id) {
    for (size_t i = 0; i < p->token_n; i++)
        if (strcmp(p->token[i].id.s, id) == 0)
            return &p->token[i];
    return NULL;
}

struct token *people_token_of(const struct people *p, const uint8_t hash[SECRET_BYTES]) {
    for (size_t i = 0; i < p->token_n; i++)
        if (memcmp(p->token[i].hash, hash, SECRET_BYTES) == 0)
            return &p->token[i];
    return NULL;
}

struct login *people_session(const struct people *p, const uint8_t hash[SECRET_BYTES]) {
    for (size_t i = 0; i < p->session_n; i++)
        if (memcmp(p->session[i].hash, hash, SECRET_BYTES) == 0)
            return &p->session[i];
    return NULL;
}

struct person *people_linked(const struct people *p, const uint8_t hash[SECRET_BYTES],
                             int64_t now_ms) {
    for (size_t i = 0; i < p->person_n; i++) {
        struct person *x = &p->person[i];
        if (x->link_until_ms > now_ms && memcmp(x->link, hash, SECRET_BYTES) == 0)
            return x;
    }
    return NULL;
}

/* Room for one more; the old bytes are wiped, for they may hold hashes. */
static enum err grow(void **list, size_t size, size_t n, size_t *cap, size_t most) {
    if (n < *cap)
        return ERR_OK;
    if (n >= most)
        return ERR_FULL;
    const size_t more = *cap ? 2 * *cap : 8, to = more < most ? more : most;
    void *fresh = calloc(to, size);
    if (!fresh)
        return ERR_NOMEM;
    if (*list) {
        memcpy(fresh, *list, n * size);
        wipe(*list, n * size);
    }
    free(*list);
    *list = fresh;
    *cap = to;
    return ERR_OK;
}

enum err people_put(struct people *p, const struct person *x) {
    struct person *at = people_find(p, x->id.s);
    void *list = p->person;
    if (!at) {
        const enum err err = grow(&list, sizeof *x, p->person_n, &p->person_cap, PEOPLE_MAX);
        p->person = list;
        if (err)
            return err;
        at = &p->person[p->person_n++];
    }
    *at = *x;
    return ERR_OK;
}

enum err people_put_token(struct people *p, const struct token *x) {
    struct token *at = people_token(p, x->id.s);
    void *list = p->token;
    if (!at) {
        const enum err err = grow(&list, sizeof *x, p->token_n, &p->token_cap, PEOPLE_TOKENS_MAX);
        p->token = list;
        if (err)
            return err;
        at = &p->token[p->token_n++];
    }
    *at = *x;
    return ERR_OK;
}

enum err people_put_session(struct people *p, const struct login *x) {
    struct login *at = people_session(p, x->hash);
    void *list = p->session;
    if (!at) {
        const enum err err =
            grow(&list, sizeof *x, p->session_n, &p->session_cap, PEOPLE_SESSIONS_MAX);
        p->session = list;
        if (err)
            return err;
        at = &p->session[p->session_n++];
    }
    *at = *x;
    return ERR_OK;
}

void people_remove(struct people *p, const char *id) {
    struct person *x = people_find(p, id);
    if (!x)
        return;
    *x = p->person[--p->person_n];
    wipe(&p->person[p->person_n], sizeof *x);
}

void people_remove_token(struct people *p, const char *id) {
    struct token *x = people_token(p, id);
    if (!x)
        return;
    *x = p->token[--p->token_n];
}

void people_remove_session(struct people *p, const uint8_t hash[SECRET_BYTES]) {
    struct login *x = people_session(p, hash);
    if (!x)
        return;
    *x = p->session[--p->session_n];
}

/* --- sessions -----------------------------------------------------------------------------------
 */

static bool is_over(const struct people *p, const struct login *s, int64_t now_ms) {
    if (now_ms >= s->until_ms)
        return true;
    if (s->of_token) {
        const struct token *t = people_token(p, s->who.s);
        return !t || (uint64_t)t->made_ms != s->edition || now_ms >= t->until_ms;
    }
    const struct person *x = people_find(p, s->who.s);
    return !x || x->disabled || x->edition != s->edition || now_ms - s->seen_ms >= p->conf.idle_ms;
}

void people_sweep(struct people *p, int64_t now_ms, void (*gone)(void *user, const struct login *s),
                  void *user) {
    for (size_t i = 0; i < p->session_n;) {
        if (!is_over(p, &p->session[i], now_ms)) {
            i++;
            continue;
        }
        if (gone)
            gone(user, &p->session[i]);
        p->session[i] = p->session[--p->session_n];
    }
}

struct login *people_surplus(const struct people *p, const struct ident *who) {
    struct login *oldest = NULL, *own = NULL;
    size_t n = 0;
    for (size_t i = 0; i < p->session_n; i++) {
        struct login *s = &p->session[i];
        if (!oldest || s->seen_ms < oldest->seen_ms)
            oldest = s;
        if (s->of_token || !ident_equal(&s->who, who))
            continue;
        n++;
        if (!own || s->seen_ms < own->seen_ms)
            own = s;
    }
    if (n >= PEOPLE_SESSIONS_EACH)
        return own;
    return p->session_n >= PEOPLE_SESSIONS_MAX ? oldest : NULL;
}

/* --- who ----------------------------------------------------------------------------------------
 */

void people_nobody(const struct people *p, struct actor *out) {
    char address[PEOPLE_ADDRESS_MAX];
    memcpy(address, out->address, sizeof address);
    *out = (struct actor){
        .rights = p->conf.read_without_login ? ACCESS_BIT(MAY_VIEW) | ACCESS_BIT(MAY_METRICS) : 0};
    memcpy(out->address, address, sizeof address);
}

void people_owner(struct actor *out) {
    char address[PEOPLE_ADDRESS_MAX];
    memcpy(address, out->address, sizeof address);
    *out = (struct actor){.known = true, .local = true, .rights = ACCESS_ALL};
    memcpy(out->address, address, sizeof address);
}

static void take_areas(struct actor *out, const struct ident *area, size_t n) {
    memcpy(out->area, area, n * sizeof *area);
    out->area_n = n;
}

static void become(struct actor *out, const struct person *x) {
    out->known = true;
    out->person = x->id;
    snprintf(out->name, sizeof out->name, "%s", x->id.s);
    snprintf(out->shown, sizeof out->shown, "%s", x->name[0] ? x->name : x->id.s);
    out->roles = x->roles;
    out->rights = access_rights(x->roles);
    take_areas(out, x->area, x->area_n);
}

static void become_token(struct actor *out, const struct token *t) {
    out->known = true;
    out->token = t->id;
    out->kind = t->kind;
    snprintf(out->name, sizeof out->name, "token-%s", t->id.s);
    snprintf(out->shown, sizeof out->shown, "%s", t->id.s);
    out->rights = access_held(t->rights);
    out->until_ms = t->until_ms;
    take_areas(out, t->area, t->area_n);
    if (t->kind == TOKEN_STATION) {
        out->station = t->id;
        out->rights &= ACCESS_BIT(MAY_VIEW); /* until a PIN names somebody */
    }
}

/* Whom the PIN named may do at the station what both may; of areas the person's hold where there
 * are any, for a station stands in one of them. */
static void act_at(const struct people *p, const struct login *s, const struct token *t,
                   int64_t now_ms, struct actor *out) {
    const struct person *x = people_find(p, s->acting.s);
    if (!x || x->disabled || x->edition != s->acting_edition || now_ms >= s->acting_until_ms)
        return;
    become(out, x);
    out->rights &= access_held(t->rights);
    out->acting_until_ms = s->acting_until_ms;
    if (!x->area_n)
        take_areas(out, t->area, t->area_n);
}

bool people_by_session(struct people *p, const uint8_t hash[SECRET_BYTES], int64_t now_ms,
                       struct actor *out) {
    struct login *s = people_session(p, hash);
    people_nobody(p, out);
    if (!s || is_over(p, s, now_ms)) {
        out->forged = true;
        return false;
    }
    out->by_cookie = true;
    memcpy(out->session, hash, SECRET_BYTES);
    if (s->of_token) {
        const struct token *t = people_token(p, s->who.s);
        if (!t)
            return false;
        become_token(out, t);
        memcpy(out->token_hash, t->hash, SECRET_BYTES);
        if (t->kind == TOKEN_STATION && s->acting.s[0])
            act_at(p, s, t, now_ms, out);
    } else {
        const struct person *x = people_find(p, s->who.s);
        if (!x)
            return false;
        become(out, x);
    }
    out->until_ms = s->until_ms;
    return true;
}

bool people_by_token(struct people *p, const uint8_t hash[SECRET_BYTES], int64_t now_ms,
                     struct actor *out) {
    struct token *t = people_token_of(p, hash);
    people_nobody(p, out);
    if (!t || now_ms >= t->until_ms) {
        out->forged = true;
        return false;
    }
    become_token(out, t);
    memcpy(out->token_hash, hash, SECRET_BYTES);
    return true;
}

/* --- rules --------------------------------------------------------------------------------------
 */

const char *token_kind_name(enum token_kind k) {
    static const char *const name[TOKEN_KIND_COUNT] = {"machine", "wall", "station"};
    return k < TOKEN_KIND_COUNT ? name[k] : "unknown";
}

/* People are let in by people, and a plant's norms are decided on by people. */
unsigned token_rights_max(enum token_kind k) {
    static const unsigned most[TOKEN_KIND_COUNT] = {
        [TOKEN_MACHINE] = ACCESS_ALL & ~(ACCESS_BIT(MAY_ADMINISTER) | ACCESS_BIT(MAY_APPROVE)),
        [TOKEN_WALL] = ACCESS_BIT(MAY_VIEW),
        [TOKEN_STATION] = ACCESS_BIT(MAY_VIEW) | ACCESS_BIT(MAY_ACK) | ACCESS_BIT(MAY_SHELVE) |
                          ACCESS_BIT(MAY_ENTER) | ACCESS_BIT(MAY_NOTE) | ACCESS_BIT(MAY_PLAN) |
                          ACCESS_BIT(MAY_METER) | ACCESS_BIT(MAY_CONFIRM_SHIFT)};
    return k < TOKEN_KIND_COUNT ? most[k] : 0;
}

/* Events name people and tokens by one word, and grants of norms name roles by theirs. */
const char *people_check_id(struct span id) {
    if (!ident_check(id))
        return "an id is 1 to 48 of a-z, 0-9, - and _";
    if (access_role_of(id) != ACCESS_ROLE_COUNT)
        return "this is the name of a role";
    if (id.n >= 6 && memcmp(id.p, "token-", 6) == 0)
        return "token- begins the names of tokens";
    return NULL;
}

const char *people_check_name(struct span name) {
    if (name.n > PEOPLE_NAME_MAX)
        return "a name has 64 bytes at most";
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] < ' ' || name.p[i] == 0x7f)
            return "a name has no control characters";
    return NULL;
}

static bool same_letters(struct span a, struct span b) {
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if ((a.p[i] | 0x20) != (b.p[i] | 0x20))
            return false;
    return true;
}

/* Length is what protects (NIST SP 800-63B, 5.1.1.2); so no rules of kinds of characters. */
const char *people_check_password(struct span password, const char *id) {
    if (password.n < 10)
        return "a password has 10 bytes at least";
    if (password.n > 256)
        return "a password has 256 bytes at most";
    if (memchr(password.p, 0, password.n))
        return "a password has no NUL";
    bool one = true;
    for (size_t i = 1; i < password.n; i++)
        one = one && password.p[i] == password.p[0];
    if (one)
        return "a password is more than one character over and over";
    if (same_letters(password, span_str(id)))
        return "a password is not the user's id";
    return NULL;
}

const char *people_check_pin(struct span pin) {
    bool same = true, row = true;
    if (pin.n < 4 || pin.n > 12)
        return "a PIN has 4 to 12 digits";
    for (size_t i = 0; i < pin.n; i++) {
        if (pin.p[i] < '0' || pin.p[i] > '9')
            return "a PIN has digits only";
        same = same && pin.p[i] == pin.p[0];
        row = row && (i == 0 || pin.p[i] == pin.p[i - 1] + 1);
    }
    return same || row ? "a PIN is not one digit over and over, nor digits in a row" : NULL;
}
