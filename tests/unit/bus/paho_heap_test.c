#include <criterion/criterion.h>

#include <stdint.h>
#include <string.h>

#include "bus/paho_under.h"

static char here[] = __FILE__;

static void *take(size_t n) {
    return mymalloc(here, 1, n);
}

static void give(void *p) {
    myfree(here, 1, p);
}

static bool all_zero(const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

Test(paho_heap, what_it_gives_is_zeroed_and_never_null_for_nothing) {
    for (size_t n = 0; n < 100; n++) {
        uint8_t *p = take(n);
        cr_assert_not_null(p);
        cr_expect(all_zero(p, n));
        memset(p, 0xa5, n);
        give(p);
    }
    Heap_terminate();
}

/* Under the address sanitizer a second free, and a free of what it never gave, would end this. */
Test(paho_heap, what_is_not_in_use_is_not_freed) {
    static int not_its_own;
    give(&not_its_own);
    give(NULL);
    void *p = take(40);
    give(p);
    give(p);
    cr_expect_null(myrealloc(here, 1, &not_its_own, 10));
    cr_expect_eq(paho_heap_blocks(), 0);
    Heap_terminate();
    give(&not_its_own);
}

Test(paho_heap, a_moved_block_keeps_its_bytes_and_its_place) {
    uint8_t *p = take(10);
    memcpy(p, "0123456789", 10);
    p = myrealloc(here, 1, p, 100000);
    cr_assert_not_null(p);
    cr_expect_arr_eq(p, "0123456789", 10);
    give(p);
    give(p);
    Heap_terminate();
}

/* Blocks are freed in another order than they came, through several growths of the table. */
Test(paho_heap, thousands_of_blocks_are_each_found_again) {
    enum { N = 5000, STRIDE = 1777 }; /* coprime: every block has its turn once a round */
    static uint8_t *block[N];
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < N; i++) {
            block[i] = take(1 + i % 70);
            cr_assert_not_null(block[i]);
            *block[i] = (uint8_t)i;
        }
        for (size_t k = 0; k < N; k++) {
            size_t i = k * STRIDE % N;
            cr_assert_eq(*block[i], (uint8_t)i);
            if (k % 3 == 0)
                block[i] = myrealloc(here, 1, block[i], 200);
            cr_assert_not_null(block[i]);
            cr_assert_eq(*block[i], (uint8_t)i);
            if (k % 2 == 0)
                give(block[i]);
        }
        for (size_t k = 1; k < N; k += 2)
            give(block[k * STRIDE % N]);
        cr_expect_eq(paho_heap_blocks(), 0);
    }
    Heap_terminate();
}
