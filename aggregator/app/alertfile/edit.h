/* One rule changed in the text of its file, the rest of it and its comments as they were. It knows
 * lines and indents, no rules: whoever edits loads the result before it is written. */
#ifndef PB_ALERTFILE_EDIT_H
#define PB_ALERTFILE_EDIT_H

#include "base/buf.h"
#include "base/ident.h"

/* Appends the text with the rule's map replaced by `body` (YAML or JSON, at any indent; n = 0: the
 * rule is taken out), or with the rule behind the last one if the file has none of this id.
 * ERR_UNSUPPORTED: the rules stand in braces; ERR_NOT_FOUND: there is nothing to take out;
 * ERR_NOMEM. *out is then as it was, but for its spare room. */
enum err edit_rule(struct span text, const struct ident *rule, struct span body, struct buf *out);

/* Where a rule stands in the text of its file. */
struct edit_place {
    struct span entry; /* its lines, from that of its key on */
    struct span body;  /* its map, as it stands there */
};
/* ERR_UNSUPPORTED: the rules stand in braces; ERR_NOT_FOUND: there is none of this id. */
enum err edit_find(struct span text, const struct ident *rule, struct edit_place *out);
/* The same of a rule whose key is known to stand in the line that begins at byte `at`, of a text
 * for which edit_in_lines() holds. O(entry). */
enum err edit_find_at(struct span text, size_t at, const struct ident *rule,
                      struct edit_place *out);
/* Whether the rules stand in lines of their own, not in braces. */
bool edit_in_lines(struct span text);
/* Appends a body with its least indent replaced by `indent`, each line ended. ERR_NOMEM. */
enum err edit_body(struct span body, size_t indent, struct buf *out);

#endif
