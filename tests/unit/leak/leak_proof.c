/* Leaks on purpose. Criterion exits 0 all the same; tests/run must see the sanitizer's report. */
#include <criterion/criterion.h>
#include <stdlib.h>

Test(leak_proof, a_leak_is_reported_although_the_test_passes) {
    void *volatile lost = malloc(32);
    cr_expect(lost != NULL);
    lost = NULL;
}
