#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/utc.h"
#include "norm/keylink.h"

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-9;
}

static struct sums unit(int run, int own, int starved, int blocked, int kwh_in_delay) {
    struct sums s;
    memset(&s, 0, sizeof s);
    s.q[QTY_TIME + CAT_PRODUCTION] = run * UTC_HOUR_MS;
    s.q[QTY_TIME + CAT_DELAY] = (own + starved + blocked) * UTC_HOUR_MS;
    s.q[QTY_DELAY + CAUSE_FAILURE] = own * UTC_HOUR_MS;
    s.q[QTY_DELAY + CAUSE_STARVED] = starved * UTC_HOUR_MS;
    s.q[QTY_DELAY + CAUSE_BLOCKED] = blocked * UTC_HOUR_MS;
    s.q[QTY_ENERGY + CAT_DELAY] = kwh_in_delay * INT64_C(1000000000);
    return s;
}

/* Of 100 h: the first runs 80 and is blocked 15; the second runs 90 and fails 10; the third runs
 * 80, starves 16 and fails 4. The second is the key link, though all are busy much of the time. It
 * makes 45 pieces an hour; 10 h are 450 of them. Energy: its own 20 kWh, 15/20 of the first's 8
 * and 16/20 of the third's 5: 30 kWh. */
Test(keylink, is_busy_most_and_waits_least) {
    struct sums s[4] = {unit(80, 5, 0, 15, 8), unit(90, 10, 0, 0, 20), unit(80, 4, 16, 0, 5),
                        unit(0, 0, 0, 0, 0)};
    struct keylink k[4];
    s[1].q[QTY_PQ] = 90 * 45 * INT64_C(1000000);
    for (uint32_t i = 0; i < 4; i++)
        k[i] = (struct keylink){.unit = i, .sums = &s[i]};
    keylinks_rank(k, 4);
    cr_expect_eq(k[0].unit, 1u);
    cr_expect(near(k[0].busy, 0.9) && near(k[0].waiting, 0));
    cr_expect(near(k[0].lost_h, 10) && near(k[0].lost_pieces, 450) && near(k[0].lost_kwh, 30));
    cr_expect_eq(k[1].unit, 0u, "0.80 - 0.15 = 0.65");
    cr_expect_eq(k[2].unit, 2u, "0.80 - 0.16 = 0.64");
    cr_expect(isnan(k[1].lost_pieces), "it tells no pieces");
    cr_expect(k[3].unit == 3 && isnan(k[3].score), "nothing is known of it");
}
