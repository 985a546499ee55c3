/* The plant under construction: what several files of this room share. */
#ifndef PB_PLANTFILE_BUILD_H
#define PB_PLANTFILE_BUILD_H

#include "plant/plant.h"
#include "plantfile/rows.h"

/* Arrays that grow while the tree is walked; copied into the plant's arena at the end. */
struct list {
    void *at;
    size_t n, cap;
};

/* Where a signal stands in the file, for what is checked once the tree stands. */
struct signal_from {
    const struct signal_row *row;
    bool by_operator;
};

struct build {
    const struct plant_rows *rows;
    struct plant *plant;
    struct conf_report *report;
    struct list node, unit, signal, norm, gauge; /* of the plant_* structs */
    struct list from;                            /* struct signal_from, one a signal */
    bool nomem;
};

/* Room for one more of `size` bytes, zeroed; NULL and nomem when there is none. */
void *build_add(struct build *b, struct list *l, size_t size);
void *build_alloc(struct build *b, size_t bytes);
const char *build_text(struct build *b, const char *s);
/* calendars.c */
void build_calendars(struct build *b);
/* Index of the calendar or UINT32_MAX; an id that is not there is reported at pos. */
uint32_t build_find_calendar(struct build *b, const struct ident *id, struct conf_pos pos);
/* maps.c */
void build_maps(struct build *b);
enum err build_check_map(struct build *b, struct span text, const char *file);
uint32_t build_find_map(struct build *b, const struct ident *id, struct conf_pos pos);
/* reasons.c, once the tree stands: reasons; then tags, which may name units of any line. */
void build_reasons(struct build *b);
bool build_is_place(const struct build *b, const struct ident *id); /* a node or a class */
/* A copy of what something is for; what is no such place is reported. NULL: no memory. */
const struct ident *build_places(struct build *b, const char *what, const char *id,
                                 struct conf_pos pos, const struct ident *of, size_t n);
/* conditions.c, once the reasons stand: conditions and key links. */
void build_conditions(struct build *b);
void build_tags(struct build *b);
/* proofs.c: by which gauge a condition is judged; and, once the plant stands, whether each unit it
 * is for has that gauge, and its limits mean something there. */
void build_proof(struct build *b, const struct condition_row *row, struct plant_condition *out);
void build_check_proofs(struct build *b);
/* operations.c, once the tree stands. */
void build_operations(struct build *b);
/* orders.c, once the tree stands. */
void build_orders(struct build *b);
void build_shift_plans(struct build *b);
/* crews.c, once the tree stands. */
void build_crews(struct build *b);
/* manning.c: the norm of a unit's own people, or of its crew's. */
void build_manning(struct build *b, const struct manning_row *row, size_t n, uint32_t unit);
/* gauges.c: those of a unit. agent: of the rows that name none. */
void build_gauges(struct build *b, const struct gauge_row *row, size_t n, uint32_t unit,
                  const struct ident *agent);
/* terms.c: of commissioning. again: what is wrong with the row was said. */
struct plant_term build_term(struct build *b, const struct term_row *row, bool again);
/* meters.c, once the tree stands. */
void build_meters(struct build *b);
/* main_meters.c, once the shared meters stand. */
void build_main_meters(struct build *b);
/* plantfile.c: the role that a row's key names; ROLE_NONE: it is reported. */
enum plant_role build_role(struct build *b, const struct signal_row *row);
/* One more meaning of a point. agent: if the row names none. */
void build_add_signal(struct build *b, const struct signal_row *row, enum plant_role role,
                      uint32_t unit, const struct ident *agent);
/* claims.c, after the tags: of each quantity of a unit one signal counts. */
void build_claims(struct build *b);
/* Index in b->unit or UINT32_MAX. */
uint32_t build_find_unit(const struct build *b, const struct ident *id);
/* energy.c */
void build_carriers(struct build *b);
/* tariffs.c */
void build_tariffs(struct build *b);
/* Reports "<what> <word> does not exist", with the nearest of the n ids at `first`, `stride` apart.
 */
void build_missing(struct build *b, struct conf_pos pos, const char *what, const char *word,
                   const void *first, size_t stride, size_t n);

#endif
