#include <criterion/criterion.h>

#include "sample.h"

Test(reference, shows_every_key_with_unit_range_default_and_help) {
    static const char *const rows[] = {
        "# The sample\n",
        "| Key | Value | Range | Default | Reloadable | Meaning |\n",
        "| `enabled` | bool |  | `true` | no | Works at all. |\n",
        "| `count` | integer (pieces) |  |  | no | How many. |\n",
        "| `cache` | bytes (B, kB, KiB, MB, MiB, GB, GiB, TB, TiB) | at least 0 B | `1 MiB` | no |",
        "| `ratio` | ratio (ppm, %) | 0 ppm to 100 % |  | no | A share. |\n",
        "| `shift` | time of day | 00:00 to 24:00 |  | no | Shift start. |\n",
        "| `title` | text | 0 to 10 bytes |  | yes | A name. |\n",
        "| `server` | map |  | **required** | no | The broker. |\n",
        "## `server`\n",
        "| `keep_alive` | duration (ms, s, min, h, d) | 1 s to 10 min | `60 s` | yes |",
        "| `password` | text | at least 8 bytes |  | no | Shared secret. |\n",
        "## `units.<id>`\n",
        "| `mode` | `auto` (runs alone), `manual` |  | `auto` | yes | Who \\| steers. |\n",
        "## `sources[]`\n",
        "| `registers` | list of integer | 1 to 4 entries, each 0 to 65535 | **required** | no |",
        "| `states` | free map |",
    };
    struct buf out;

    buf_init(&out);
    cr_assert_eq(conf_reference(&sample_schema, "The sample", &out), ERR_OK);
    (void)buf_add_byte(&out, '\0');
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_assert_not_null(strstr((const char *)out.p, rows[i]), "no %s in %s", rows[i],
                           (const char *)out.p);
    buf_fini(&out);
}
