/* plantbus norm suggest|attain|teams|status|review|records|links: history against norms, as a
 * running aggregator answers it. */
#ifndef PB_CTL_NORM_PAST_H
#define PB_CTL_NORM_PAST_H

#include "base/buf.h"
#include "json/json.h"

/* Runs argv[0], which is one of them: an exit code. */
int norm_past_run(int argc, char **argv);

/* Outside text on a line of ours: what would end or move it becomes '?'. */
void norm_put_text(struct buf *out, struct span text);
/* norm_print.c: answers for people. ERR_NOMEM. */
enum err norm_print_suggest(const struct json_value *answer, struct buf *out);
enum err norm_print_suggest_file(const struct json_value *answer, struct buf *out);
enum err norm_print_attain(const struct json_value *answer, struct buf *out);
enum err norm_print_teams(const struct json_value *answer, struct buf *out);
enum err norm_print_status(const struct json_value *answer, struct buf *out);
enum err norm_print_review(const struct json_value *answer, struct buf *out);
enum err norm_print_records(const struct json_value *answer, struct buf *out);
enum err norm_print_links(const struct json_value *answer, struct buf *out);

#endif
