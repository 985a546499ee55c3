/* The people, tokens and sessions that are known, and who a request therefore comes from. It draws
 * nothing at random and hashes nothing: secrets come here as their hashes, times as arguments.
 * Whoever holds it writes each change down (record.h). */
#ifndef PB_ACCESS_PEOPLE_H
#define PB_ACCESS_PEOPLE_H

#include "access/credential.h"
#include "access/role.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/ident.h"

enum {
    PEOPLE_MAX = 1000,
    PEOPLE_TOKENS_MAX = 500,
    PEOPLE_SESSIONS_MAX = 2000,
    PEOPLE_SESSIONS_EACH = 10, /* of one person; of more the one longest unused ends */
    PEOPLE_AREAS_MAX = 8,
    PEOPLE_NAME_MAX = 64,
    PEOPLE_HASH_MAX = 128, /* of a password, as text */
    PEOPLE_ADDRESS_MAX = 64
};

struct person {
    struct ident id;
    char name[PEOPLE_NAME_MAX + 1]; /* as people read it; "": the id */
    unsigned roles;                 /* set of enum access_role */
    bool disabled;
    struct ident area[PEOPLE_AREAS_MAX]; /* nodes; none: the whole plant */
    size_t area_n;
    char password[PEOPLE_HASH_MAX]; /* "": none yet */
    char pin[PEOPLE_HASH_MAX];
    uint8_t link[SECRET_BYTES]; /* hash of the one-time link */
    int64_t link_until_ms;      /* UTC; 0: there is none */
    uint64_t edition;           /* sessions of an older one have ended */
};

enum token_kind {
    TOKEN_MACHINE, /* a program: sends it with each request */
    TOKEN_WALL,    /* a screen that nobody stands at: looks only */
    TOKEN_STATION, /* a screen that several share: looks, and acts for whom a PIN names */
    TOKEN_KIND_COUNT
};

struct token {
    struct ident id;
    uint8_t kind; /* enum token_kind */
    uint8_t hash[SECRET_BYTES];
    unsigned rights; /* set of enum access_right */
    struct ident area[PEOPLE_AREAS_MAX];
    size_t area_n;
    int64_t made_ms, until_ms; /* UTC */
    int64_t used_ms;           /* 0: never; to a minute */
    bool changed;              /* since it was written down */
    char made_by[PEOPLE_NAME_MAX + 1];
};

struct login {
    uint8_t hash[SECRET_BYTES];
    bool of_token;    /* a screen's; else a person's */
    struct ident who; /* the person's, the token's */
    uint64_t edition; /* the person's when it began; of a token: when that was made */
    int64_t begun_ms, seen_ms, until_ms; /* UTC; until: whatever happens */
    struct ident acting;                 /* at a station: whom the PIN named; "": nobody */
    int64_t acting_until_ms;
    uint64_t acting_edition;
    bool changed; /* since it was written down */
};

/* Whom a request comes from, and what it may therefore do. */
struct actor {
    bool known;                       /* else: nobody has logged in, or could be recognized */
    bool local;                       /* over the machine's own socket: its owner, who may do all */
    bool by_cookie;                   /* what a browser sends by itself: changes need its token */
    bool forged;                      /* a proof came, but nobody has it any more */
    char name[PEOPLE_NAME_MAX + 1];   /* as events name it: id of a person, "token-" and its id */
    char shown[PEOPLE_NAME_MAX + 1];  /* as people read it */
    char address[PEOPLE_ADDRESS_MAX]; /* where it comes from */
    struct ident station;             /* "": none */
    struct ident person;              /* "": none */
    struct ident token;               /* "": none */
    unsigned roles, rights;
    struct ident area[PEOPLE_AREAS_MAX];
    size_t area_n;
    uint8_t session[SECRET_BYTES]; /* its hash, if by_cookie */
    uint8_t token_hash[SECRET_BYTES];
    int64_t until_ms; /* when it ends of itself; 0: not */
    int64_t acting_until_ms;
    char csrf[SECRET_TEXT]; /* of by_cookie */
    uint8_t kind;           /* enum token_kind, where there is a token */
};

struct people_conf {
    int64_t idle_ms, session_ms, acting_ms; /* of sessions of people; of a PIN */
    bool read_without_login;
};

struct people {
    struct people_conf conf;
    struct person *person;
    size_t person_n, person_cap;
    struct token *token;
    size_t token_n, token_cap;
    struct login *session;
    size_t session_n, session_cap;
};

void people_init(struct people *p, const struct people_conf *conf);
void people_fini(struct people *p);
/* Whether somebody may administer who has a password and is not disabled. */
bool people_has_administrator(const struct people *p);

struct person *people_find(const struct people *p, const char *id); /* or NULL; as all below */
struct token *people_token(const struct people *p, const char *id);
struct token *people_token_of(const struct people *p, const uint8_t hash[SECRET_BYTES]);
struct login *people_session(const struct people *p, const uint8_t hash[SECRET_BYTES]);
struct person *people_linked(const struct people *p, const uint8_t hash[SECRET_BYTES],
                             int64_t now_ms);

/* Adds a copy, or puts it in the place of the one of that id (session: hash). ERR_FULL, ERR_NOMEM.
 */
enum err people_put(struct people *p, const struct person *x);
enum err people_put_token(struct people *p, const struct token *x);
enum err people_put_session(struct people *p, const struct login *x);
void people_remove(struct people *p, const char *id);
void people_remove_token(struct people *p, const char *id);
void people_remove_session(struct people *p, const uint8_t hash[SECRET_BYTES]);

/* Ends what has run out, calls gone for each. */
void people_sweep(struct people *p, int64_t now_ms, void (*gone)(void *user, const struct login *s),
                  void *user);
/* The session of a person that is to make room for another one: the longest unused of too many;
 * NULL: there is room. */
struct login *people_surplus(const struct people *p, const struct ident *who);

/* Fill *out from a proof, out->address and out->local are kept. False: nobody has it, or not any
 * more; *out is then who is not logged in. */
bool people_by_session(struct people *p, const uint8_t hash[SECRET_BYTES], int64_t now_ms,
                       struct actor *out);
bool people_by_token(struct people *p, const uint8_t hash[SECRET_BYTES], int64_t now_ms,
                     struct actor *out);
void people_nobody(const struct people *p, struct actor *out);
void people_owner(struct actor *out); /* of the machine */

/* What is wrong with an id, a name, a password, a PIN; NULL: nothing. A sentence behind the field's
 * name. */
const char *people_check_id(struct span id);
const char *people_check_name(struct span name);
const char *people_check_password(struct span password, const char *id);
const char *people_check_pin(struct span pin);
const char *token_kind_name(enum token_kind k); /* never NULL */
/* What a token of a kind may be given at most. */
unsigned token_rights_max(enum token_kind k);

#endif
