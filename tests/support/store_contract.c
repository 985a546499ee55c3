#include "support/store_contract.h"

#include <stdio.h>
#include <stdlib.h>

#define MUST(holds, words)                                                                         \
    do {                                                                                           \
        if (!(holds))                                                                              \
            return words;                                                                          \
    } while (0)

static void on_commit(void *user, enum err err) {
    struct store_rig *rig = user;
    rig->err = err;
    rig->answers++;
}

static void on_load(void *user, enum err err, const struct store_rows *rows) {
    struct store_rig *rig = user;
    size_t i = 0;
    buf_reset(&rig->got);
    for (size_t range = 0; !err && i < rows->n; range++) {
        for (; i < rows->range_end[range]; i++) {
            buf_add(&rig->got, rows->at[i].key.p, rows->at[i].key.n);
            buf_add_byte(&rig->got, '=');
            buf_add(&rig->got, rows->at[i].value.p, rows->at[i].value.n);
            buf_add_byte(&rig->got, ';');
        }
        if (i < rows->n)
            buf_add_byte(&rig->got, '|');
    }
    buf_add_byte(&rig->got, 0);
    rig->truncated = rows->truncated;
    rig->err = err;
    rig->answers++;
}

static void on_stop(void *user) {
    struct store_rig *rig = user;
    rig->stopped = true;
    on_commit(user, ERR_OK);
}

static bool is_stopped(void *arg) {
    return ((struct store_rig *)arg)->stopped;
}

struct answered {
    struct store_rig *rig;
    unsigned n;
};

static bool enough(void *arg) {
    struct answered *a = arg;
    return a->rig->answers >= a->n;
}

static bool wait_answers(struct store_rig *rig, unsigned n) {
    struct answered a = {rig, n};
    return rig->until(rig->user, enough, &a);
}

struct store_tx *rig_tx(void) {
    struct store_tx *tx = malloc(sizeof *tx);
    if (tx)
        store_tx_init(tx);
    return tx;
}

void rig_add(struct store_tx *tx, enum store_op op, enum store_table table, const char *key,
             const char *value) {
    if (store_tx_add(tx, op, table, span_str(key), span_str(value ? value : "")))
        abort();
}

static enum err submit(struct store_rig *rig, struct store_tx *tx) {
    enum err err = rig->store->ops->commit(rig->store, tx, on_commit, rig);
    if (err) {
        store_tx_fini(tx);
        free(tx);
    }
    return err;
}

enum err rig_commit(struct store_rig *rig, struct store_tx *tx) {
    unsigned n = rig->answers + 1;
    enum err err = submit(rig, tx);
    if (err)
        return err;
    return wait_answers(rig, n) ? rig->err : ERR_STATE;
}

enum err rig_put(struct store_rig *rig, const char *key, const char *value) {
    struct store_tx *tx = rig_tx();
    rig_add(tx, STORE_PUT, STORE_META, key, value);
    return rig_commit(rig, tx);
}

const char *rig_load(struct store_rig *rig, const struct store_range *range, size_t n) {
    unsigned answers = rig->answers + 1;
    enum err err = rig->store->ops->load(rig->store, range, n, on_load, rig);
    if (err)
        return err_name(err);
    if (!wait_answers(rig, answers))
        return "no answer";
    return rig->err ? err_name(rig->err) : (const char *)rig->got.p;
}

const char *rig_content(struct store_rig *rig, enum store_table table) {
    struct store_range all = {.table = (uint8_t)table};
    return rig_load(rig, &all, 1);
}

bool rig_stop(struct store_rig *rig) {
    if (rig->stopped)
        return true;
    rig->store->ops->stop(rig->store, on_stop, rig);
    return rig->until(rig->user, is_stopped, rig);
}

void rig_fini(struct store_rig *rig) {
    rig->store->ops->close(rig->store);
    buf_fini(&rig->got);
}

/* --- cases --------------------------------------------------------------------------------------
 */

static const char *orders_keys(struct store_rig *rig) {
    struct store_tx *tx = rig_tx();
    rig_add(tx, STORE_PUT, STORE_META, "b", "2");
    rig_add(tx, STORE_PUT, STORE_META, "a\xff", "4");
    rig_add(tx, STORE_PUT, STORE_META, "a", "1");
    rig_add(tx, STORE_PUT, STORE_META, "aa", "3");
    rig_add(tx, STORE_PUT, STORE_WORD, "a", "other");
    MUST(rig_commit(rig, tx) == ERR_OK, "commit");
    MUST(!strcmp(rig_content(rig, STORE_META), "a=1;aa=3;a\xff=4;b=2;"), "bytes in order");
    struct store_range part = {.table = STORE_META, .from = span_str("aa"), .to = span_str("b")};
    MUST(!strcmp(rig_load(rig, &part, 1), "aa=3;a\xff=4;"), "from is in, to is out");
    MUST(!strcmp(rig_content(rig, STORE_WORD), "a=other;"), "tables are apart");
    return NULL;
}

static const char *applies_in_order(struct store_rig *rig) {
    struct store_tx *tx = rig_tx();
    rig_add(tx, STORE_PUT, STORE_META, "a", "1");
    rig_add(tx, STORE_PUT, STORE_META, "a", "2");
    rig_add(tx, STORE_PUT, STORE_META, "b", "1");
    rig_add(tx, STORE_DELETE, STORE_META, "b", NULL);
    rig_add(tx, STORE_DELETE, STORE_META, "nothing", NULL);
    rig_add(tx, STORE_PUT, STORE_META, "c", "");
    MUST(rig_commit(rig, tx) == ERR_OK, "commit");
    MUST(!strcmp(rig_content(rig, STORE_META), "a=2;c=;"), "the last one counts");
    return NULL;
}

static const char *deletes_if_equal(struct store_rig *rig) {
    rig_put(rig, "a", "new");
    rig_put(rig, "b", "same");
    struct store_tx *tx = rig_tx();
    rig_add(tx, STORE_DELETE_IF, STORE_META, "a", "old");
    rig_add(tx, STORE_DELETE_IF, STORE_META, "b", "same");
    rig_add(tx, STORE_DELETE_IF, STORE_META, "c", "");
    MUST(rig_commit(rig, tx) == ERR_OK, "commit");
    MUST(!strcmp(rig_content(rig, STORE_META), "a=new;"), "only the equal one goes");
    return NULL;
}

static const char *deletes_ranges(struct store_rig *rig) {
    struct store_tx *tx = rig_tx();
    rig_add(tx, STORE_PUT, STORE_META, "a", "1");
    rig_add(tx, STORE_PUT, STORE_META, "b", "1");
    rig_add(tx, STORE_PUT, STORE_META, "bb", "1");
    rig_add(tx, STORE_PUT, STORE_META, "c", "1");
    rig_add(tx, STORE_DELETE_RANGE, STORE_META, "b", "c");
    MUST(rig_commit(rig, tx) == ERR_OK, "commit");
    MUST(!strcmp(rig_content(rig, STORE_META), "a=1;c=1;"), "from is in, to is out");
    return NULL;
}

/* Runs of keys, told apart by all but their last eight bytes. */
static const char *deletes_what_is_old(struct store_rig *rig) {
    static const char *const key[] = {"a00000001", "b00000001", "b00000004", "b00000005",
                                      "c00000003", "d00000007", "e00000001"};
    struct store_tx *tx = rig_tx();
    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        rig_add(tx, STORE_PUT, STORE_META, key[i], "");
    rig_add(tx, STORE_DELETE_BEFORE, STORE_META, "b", "e00000005");
    MUST(rig_commit(rig, tx) == ERR_OK, "commit");
    MUST(!strcmp(rig_content(rig, STORE_META), "a00000001=;b00000005=;d00000007=;e00000001=;"),
         "the bound stays, from is in, to is out");
    tx = rig_tx();
    rig_add(tx, STORE_DELETE_BEFORE, STORE_META, "x", "z99999999");
    MUST(rig_commit(rig, tx) == ERR_OK, "nothing there");
    return NULL;
}

/* "1+2"; refuses what holds an x. */
static enum err join(const struct span *value, size_t n, struct buf *out) {
    for (size_t i = 0; i < n; i++) {
        if (memchr(value[i].p, 'x', value[i].n))
            return ERR_FORMAT;
        if (i > 0)
            buf_add_byte(out, '+');
        buf_add(out, value[i].p, value[i].n);
    }
    return out->failed ? ERR_NOMEM : ERR_OK;
}

static const char *folds_rows(struct store_rig *rig) {
    struct store_tx *tx = rig_tx();
    tx->fold = join;
    rig_add(tx, STORE_PUT, STORE_META, "a", "1");
    rig_add(tx, STORE_PUT, STORE_META, "b", "2");
    rig_add(tx, STORE_PUT, STORE_META, "ba", "3");
    rig_add(tx, STORE_PUT, STORE_META, "bb", "4");
    rig_add(tx, STORE_PUT, STORE_META, "c", "5");
    rig_add(tx, STORE_FOLD, STORE_META, "aa", "c");
    rig_add(tx, STORE_PUT, STORE_META, "ba", "6");
    MUST(rig_commit(rig, tx) == ERR_OK, "commit");
    MUST(!strcmp(rig_content(rig, STORE_META), "a=1;b=2+3+4;ba=6;c=5;"), "in order, to is out");
    tx = rig_tx();
    tx->fold = join;
    rig_add(tx, STORE_FOLD, STORE_META, "c", "d");
    rig_add(tx, STORE_FOLD, STORE_META, "d", "e");
    rig_add(tx, STORE_PUT, STORE_META, "a", "x");
    rig_add(tx, STORE_FOLD, STORE_META, "a", "d");
    MUST(rig_commit(rig, tx) == ERR_OK, "nothing to fold, and what cannot be");
    MUST(!strcmp(rig_content(rig, STORE_META), "a=x;b=2+3+4;ba=6;c=5;"), "they stay");
    return NULL;
}

static const char *gives_many_ranges(struct store_rig *rig) {
    char key[16];
    struct store_tx *tx = rig_tx();
    for (int i = 0; i < 6; i++) {
        snprintf(key, sizeof key, "k%d", i);
        rig_add(tx, STORE_PUT, STORE_META, key, "");
    }
    MUST(rig_commit(rig, tx) == ERR_OK, "commit");
    struct store_range r[4] = {
        {.table = STORE_META, .limit = 2},
        {.table = STORE_WORD},
        {.table = STORE_META, .from = span_str("k4")},
        {.table = STORE_META, .from = span_str("k1"), .to = span_str("k3"), .limit = 5}};
    MUST(!strcmp(rig_load(rig, r, 4), "k0=;k1=;||k4=;k5=;|k1=;k2=;"), "range after range");
    MUST(!rig->truncated, "a limit does not truncate");
    return NULL;
}

static const char *bounds_loads(struct store_rig *rig) {
    char key[16], value[1001] = {0};
    memset(value, 'x', 1000);
    struct store_tx *tx = rig_tx();
    for (int i = 0; i < 10; i++) {
        snprintf(key, sizeof key, "k%d", i);
        rig_add(tx, STORE_PUT, STORE_META, key, value);
    }
    MUST(rig_commit(rig, tx) == ERR_OK, "commit");
    rig_content(rig, STORE_META);
    MUST(rig->truncated, "10 kB do not fit into 4 KiB");
    /* 4 rows are 4 x 1002 = 4008 bytes, still within; the fifth is the one that passes the bound.
     */
    MUST(rig->got.n == 5 * (1002 + 2) + 1, "rows up to the bound");
    struct store_range rest = {.table = STORE_META, .from = span_str("k5")};
    rig_load(rig, &rest, 1);
    MUST(!rig->truncated && rig->got.n == 5 * (1002 + 2) + 1, "exactly the rest fits");
    return NULL;
}

static const char *keeps_order(struct store_rig *rig) {
    struct store_range all = {.table = STORE_META};
    struct store_tx *one = rig_tx(), *two = rig_tx();
    rig_add(one, STORE_PUT, STORE_META, "a", "1");
    rig_add(two, STORE_PUT, STORE_META, "a", "2");
    unsigned n = rig->answers;
    MUST(submit(rig, one) == ERR_OK, "first commit");
    MUST(rig->store->ops->load(rig->store, &all, 1, on_load, rig) == ERR_OK, "load");
    MUST(submit(rig, two) == ERR_OK, "second commit");
    MUST(rig->answers == n, "nothing answers inside a call");
    MUST(wait_answers(rig, n + 3), "three answers");
    MUST(!strcmp((const char *)rig->got.p, "a=1;"), "the load lies between the commits");
    MUST(!strcmp(rig_content(rig, STORE_META), "a=2;"), "the second came after it");
    return NULL;
}

static const char *takes_a_large_one(struct store_rig *rig) {
    size_t n = 2 * (size_t)CONTRACT_QUEUE_BYTES;
    uint8_t *p = calloc(1, n);
    struct store_tx *tx = rig_tx();
    MUST(p && store_tx_add(tx, STORE_PUT, STORE_META, span_str("k"), span_of(p, n)) == ERR_OK,
         "memory");
    free(p);
    MUST(rig_commit(rig, tx) == ERR_OK, "larger than the bound, but alone");
    rig_content(rig, STORE_META);
    MUST(rig->got.n == n + 4, "all of its bytes");
    return NULL;
}

static const char *loads_at_once(struct store_rig *rig) {
    struct store_range all = {.table = STORE_META};
    rig_put(rig, "a", "1");
    unsigned n = rig->answers;
    MUST(rig->store->ops->load_now(rig->store, &all, 1, on_load, rig) == ERR_OK, "load_now");
    MUST(rig->answers == n + 1, "answered inside the call");
    MUST(!strcmp((const char *)rig->got.p, "a=1;"), "rows");
    return NULL;
}

static const char *finishes_before_it_stops(struct store_rig *rig) {
    unsigned n = rig->answers;
    for (int i = 0; i < 20; i++) {
        char key[16];
        struct store_tx *tx = rig_tx();
        snprintf(key, sizeof key, "k%d", i);
        rig_add(tx, STORE_PUT, STORE_META, key, "");
        MUST(submit(rig, tx) == ERR_OK, "commit");
    }
    MUST(rig_stop(rig), "stop answers");
    MUST(rig->answers == n + 21, "after all the commits");
    MUST(rig->store->stats.commits == 20 && rig->store->stats.rows == 20, "statistics");
    struct store_tx *late = rig_tx();
    rig_add(late, STORE_PUT, STORE_META, "late", "");
    MUST(submit(rig, late) == ERR_STATE, "too late");
    return NULL;
}

/* Every case ends stopped. */
static const char *stopped(struct store_rig *rig, const char *(*run)(struct store_rig *)) {
    const char *words = run(rig);
    if (!words && !rig_stop(rig))
        return "stop answers";
    return words;
}

#define CASE(name)                                                                                 \
    static const char *case_##name(struct store_rig *rig) {                                        \
        return stopped(rig, name);                                                                 \
    }
CASE(orders_keys)
CASE(applies_in_order)
CASE(deletes_if_equal)
CASE(deletes_ranges)
CASE(deletes_what_is_old)
CASE(folds_rows)
CASE(gives_many_ranges)
CASE(bounds_loads)
CASE(keeps_order)
CASE(takes_a_large_one)
CASE(loads_at_once)

const struct store_case *store_contract(void) {
    static const struct store_case cases[] = {
        {"keys come in the order of their bytes", case_orders_keys},
        {"operations apply in order", case_applies_in_order},
        {"delete_if spares another value", case_deletes_if_equal},
        {"delete_range takes from, not to", case_deletes_ranges},
        {"delete_before takes what is old of each run", case_deletes_what_is_old},
        {"fold makes one row of several", case_folds_rows},
        {"a load gives range after range, each with its limit", case_gives_many_ranges},
        {"a load is bounded and says so", case_bounds_loads},
        {"answers come in order of submission", case_keeps_order},
        {"a transaction beyond the bound passes alone", case_takes_a_large_one},
        {"load_now answers at once", case_loads_at_once},
        {"stop comes after all that was queued", finishes_before_it_stops},
        {NULL, NULL}};
    return cases;
}
