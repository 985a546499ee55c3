/* Any bytes as a stored act and as a posted entry. What is accepted must come back the same from
 * its bytes, and checking it must end. */
#include <stdlib.h>

#include "simkit/line_plant.h"
#include "views/entry.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void round_trip(const struct act *a) {
    struct act back;
    struct buf bytes;
    buf_init(&bytes);
    enum err err = act_pack(a, &bytes);
    must(err == ERR_OK || err == ERR_RANGE);
    if (err == ERR_OK)
        must(act_unpack(buf_span(&bytes), &back) == ERR_OK && act_equal(a, &back));
    buf_fini(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct plant *plant;
    struct json_value *root = NULL;
    struct act_refusal why;
    struct act a;
    if (!plant)
        must(line_plant_open(&plant) == ERR_OK);
    if (act_unpack(span_of(data, size), &a) == ERR_OK) {
        round_trip(&a);
        (void)act_check(&a, plant, SIM_DAY0 + UTC_DAY_MS, &why);
    }
    if (view_entry_read(span_of(data, size), plant, SIM_DAY0 + UTC_DAY_MS, &root, &a, &why) ==
        ERR_OK) {
        if (act_check(&a, plant, SIM_DAY0 + UTC_DAY_MS, &why))
            must(a.key.n && a.who.n);
        round_trip(&a);
    }
    json_close(root);
    return 0;
}
