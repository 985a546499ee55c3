#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "memory/store_memory.h"
#include "memory/table.h"
#include "support/store_contract.h"

static bool until(void *user, bool (*holds)(void *), void *arg) {
    struct store_rig *rig = user;
    while (!holds(arg))
        if (!store_memory_step(rig->store))
            return false;
    return true;
}

static void rig_open(struct store_rig *rig) {
    const struct store_memory_conf conf = {.queue_bytes_max = CONTRACT_QUEUE_BYTES,
                                           .load_bytes_max = CONTRACT_LOAD_BYTES};
    *rig = (struct store_rig){.until = until, .user = rig};
    cr_assert_eq(store_memory_open(&conf, &rig->store), ERR_OK);
}

Test(store_memory, keeps_the_contract_of_the_port) {
    for (const struct store_case *c = store_contract(); c->says; c++) {
        struct store_rig rig;
        rig_open(&rig);
        const char *words = c->run(&rig);
        cr_expect_null(words, "%s: %s", c->says, words);
        rig_fini(&rig);
    }
}

static void note(void *user, enum err err) {
    struct store_rig *rig = user;
    rig->err = err;
    rig->answers++;
}

static enum err submit(struct store_rig *rig, const char *key, const char *value) {
    struct store_tx *tx = rig_tx();
    rig_add(tx, STORE_PUT, STORE_META, key, value);
    enum err err = rig->store->ops->commit(rig->store, tx, note, rig);
    if (err) {
        store_tx_fini(tx);
        free(tx);
    }
    return err;
}

Test(store_memory, a_step_delivers_one) {
    struct store_rig rig;
    rig_open(&rig);
    submit(&rig, "a", "1");
    submit(&rig, "b", "1");
    cr_expect_eq(store_memory_rows(rig.store, STORE_META), 0);
    cr_expect(store_memory_step(rig.store));
    cr_expect_eq(rig.answers, 1);
    cr_expect_eq(store_memory_rows(rig.store, STORE_META), 1);
    cr_expect_eq(store_memory_pending(rig.store), 1);
    cr_expect(store_memory_step(rig.store));
    cr_expect_not(store_memory_step(rig.store));
    rig_fini(&rig);
}

Test(store_memory, a_crash_forgets_what_was_not_written) {
    struct store_rig rig;
    rig_open(&rig);
    submit(&rig, "a", "1");
    submit(&rig, "b", "1");
    submit(&rig, "c", "1");
    store_memory_step(rig.store);
    store_memory_crash(rig.store, 1); /* b was written, and nobody was told */
    cr_expect_eq(rig.answers, 1);
    cr_expect_not(store_memory_step(rig.store));
    cr_expect_str_eq(rig_content(&rig, STORE_META), "a=1;b=1;");
    rig_fini(&rig);
}

Test(store_memory, a_full_disk_delays_and_loses_nothing) {
    struct store_rig rig;
    rig_open(&rig);
    store_memory_fill(rig.store, 2);
    submit(&rig, "a", "1");
    cr_expect(store_memory_step(rig.store));
    cr_expect(store_memory_step(rig.store));
    cr_expect_eq(rig.answers, 0);
    cr_expect_eq(rig.store->stats.failures, 2);
    cr_expect(store_memory_step(rig.store));
    cr_expect_eq(rig.answers, 1);
    cr_expect_eq(rig.err, ERR_OK);
    rig_fini(&rig);
}

Test(store_memory, a_stop_on_a_full_disk_fails_all_that_waits) {
    struct store_rig rig;
    rig_open(&rig);
    store_memory_fill(rig.store, 1);
    submit(&rig, "a", "1");
    submit(&rig, "b", "1");
    cr_expect(rig_stop(&rig));
    cr_expect_eq(rig.answers, 3);
    cr_expect_eq(store_memory_rows(rig.store, STORE_META), 0);
    rig_fini(&rig);
}

Test(store_memory, a_broken_store_fails_and_heals) {
    struct store_rig rig;
    rig_open(&rig);
    store_memory_break(rig.store, ERR_IO);
    cr_expect_eq(rig_put(&rig, "a", "1"), ERR_IO);
    cr_expect_str_eq(rig_content(&rig, STORE_META), "io");
    store_memory_break(rig.store, ERR_OK);
    cr_expect_eq(rig_put(&rig, "a", "1"), ERR_OK);
    rig_fini(&rig);
}

Test(store_memory, a_full_queue_takes_nothing) {
    struct store_rig rig;
    rig_open(&rig);
    char *big = calloc(1, CONTRACT_QUEUE_BYTES);
    memset(big, 'x', CONTRACT_QUEUE_BYTES - 100);
    cr_expect_eq(submit(&rig, "a", big), ERR_OK);
    cr_expect_eq(submit(&rig, "b", big), ERR_FULL);
    store_memory_step(rig.store);
    cr_expect_eq(submit(&rig, "b", big), ERR_OK);
    free(big);
    rig_fini(&rig);
}

Test(store_memory, a_backup_comes_back_whole) {
    struct store_rig rig;
    struct store_image *image = NULL;
    rig_open(&rig);
    rig_put(&rig, "a", "1");
    cr_assert_eq(store_memory_save(rig.store, &image), ERR_OK);
    rig_put(&rig, "a", "2");
    rig_put(&rig, "b", "2");
    submit(&rig, "c", "2");
    cr_expect_eq(store_memory_restore(rig.store, image), ERR_STATE);
    store_memory_crash(rig.store, 0);
    cr_expect_eq(store_memory_restore(rig.store, image), ERR_OK);
    cr_expect_str_eq(rig_content(&rig, STORE_META), "a=1;");
    store_image_free(image);
    rig_fini(&rig);
}

/* Against the simplest thing that can be right: a bit per key. */
Test(table, equals_a_plain_set_under_random_work) {
    enum { KEYS = 500 };
    struct table t = {0};
    bool there[KEYS] = {false};
    size_t n = 0;
    uint32_t x = 1;
    for (int i = 0; i < 20000; i++) {
        x = x * 1664525 + 1013904223; /* Numerical Recipes' generator */
        unsigned k = (x >> 8) % KEYS;
        char key[16];
        snprintf(key, sizeof key, "%04u", k);
        if (x >> 31) {
            cr_assert_eq(table_put(&t, span_str(key), span_of(&i, sizeof i)), ERR_OK);
            n += !there[k];
            there[k] = true;
        } else {
            cr_assert_eq(table_drop(&t, span_str(key)), there[k]);
            n -= there[k];
            there[k] = false;
        }
    }
    cr_expect_eq(t.n, n);
    const struct table_row *row = table_from(&t, span_str(""));
    for (unsigned k = 0; k < KEYS; k++) {
        char key[16];
        snprintf(key, sizeof key, "%04u", k);
        if (!there[k])
            continue;
        cr_assert(row && span_equal(row->key, span_str(key)));
        row = row->next[0];
    }
    cr_expect_null(row);
    table_fini(&t);
}
