/* Rules of alerts as files: the *.yaml of a folder, one truth, edited by hand or through
 * alertfile_change(). They are read, checked against the plant and handed on as plain rules; what a
 * rule does is core's business. */
#ifndef PB_ALERTFILE_ALERTFILE_H
#define PB_ALERTFILE_ALERTFILE_H

#include "alert/rule.h"
#include "conf/conf.h"
#include "plant/plant.h"

struct baselines;

struct alertfile_place {
    const char *file;
    uint32_t line;
    /* Its lines as they stand there, with its key; n 0: its file has the rules in braces, where it
     * cannot be changed through us. */
    struct span text;
};

struct alertfile {
    struct alert_rules rules;
    const struct alertfile_place *place; /* of each rule */
    struct pool *pool;                   /* holds all of it */
};

/* Reads a folder, for a plant that is borrowed for the call: rules name nodes by their indexes.
 * Frozen baselines that they name are copied; NULL: there are none.
 * *print, unless NULL, is of the names and bytes of all files that could be read, also on failure.
 * ERR_CONFIG: the report names every mistake; ERR_IO: what cannot be read; ERR_NOMEM. *out is
 * untouched then. */
enum err alertfile_load(const char *folder, const struct plant *plant,
                        const struct baselines *baselines, struct conf_report *report,
                        uint64_t *print, struct alertfile **out);
/* The same of one file's text. */
enum err alertfile_parse(struct span text, const char *name, const struct plant *plant,
                         const struct baselines *baselines, struct conf_report *report,
                         struct alertfile **out);
/* No rules. ERR_NOMEM. */
enum err alertfile_none(struct alertfile **out);
void alertfile_close(struct alertfile *f); /* NULL is nothing */
/* Fills an empty set with the rules of one id, or of all (NULL), at the nodes at or below `node`;
 * those that stand for none are left out. Texts and names stay those of f. ERR_NOMEM. */
enum err alertfile_select(const struct alertfile *f, const struct plant *plant,
                          const struct ident *rule, uint32_t node, struct alertfile *out);

/* Writes a line for each rule that was added (+), removed (-) or changed (~, and whether its states
 * go on), and counts them. Each set with the plant it was read for. ERR_NOMEM. */
enum err alertfile_diff(const struct alertfile *old, const struct plant *old_plant,
                        const struct alertfile *now, const struct plant *plant, struct buf *out,
                        size_t *n);

/* Which edition of a rule's text somebody has before him. */
uint64_t alertfile_print(struct span text);

struct alertfile_change {
    const char *folder;
    const char *name; /* of the file in it that a new rule goes to; it is made */
    const struct ident *rule;
    struct span body; /* its map as YAML or JSON; n = 0 takes the rule out */
    enum {
        ALERTFILE_ANY,  /* whatever stands there */
        ALERTFILE_NEW,  /* nothing stands there: ERR_EXISTS */
        ALERTFILE_STILL /* what stands there is of `print` still: ERR_STATE */
    } when;
    uint64_t print;
};
/* Changes one rule in its file. The rest of the file stays as it is, and the file is the old or the
 * new one at any moment. Nothing is written unless the whole folder is right with it. ERR_CONFIG:
 * the report says what is wrong; ERR_NOT_FOUND: there is no such rule to take out or to be still
 * the same; ERR_UNSUPPORTED: its file has the rules in braces; ERR_IO: errno; ERR_NOMEM. */
enum err alertfile_change(const struct alertfile_change *change, const struct plant *plant,
                          const struct baselines *baselines, struct conf_report *report);

/* The unit of a rule's thresholds when they are of the value itself ("1": a ratio), and what it
 * watches as files call it. */
const char *alertfile_unit(const struct plant *plant, const struct alert_rule *r);
const char *alertfile_watched(const struct alert_rule *r);

/* For `plantbus reference`. */
const struct conf_schema *alertfile_schema(void);

#endif
