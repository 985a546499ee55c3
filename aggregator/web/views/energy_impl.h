/* What the files of energy share. Nothing else includes this. */
#ifndef PB_VIEWS_ENERGY_IMPL_H
#define PB_VIEWS_ENERGY_IMPL_H

#include "study/study.h"
#include "views/energy.h"
#include "views/field.h"
#include "views/history.h"

/* energy_windows.c: windows of [from, to) of a node go to take, page by page; products: those of
 * its products in place of its own. The first error ends it. */
enum err energy_windows(const struct view_history *ask, const struct history_reader *r,
                        uint32_t node, enum window_kind kind, bool products,
                        energy_window_take take, void *user);

/* energy_rows.c: the rows of [from, to) that a spec asks for. ERR_OK with a sentence in why: there
 * are none of them. ERR_NOMEM, errors of energy_windows(). */
enum err energy_rows_read(const struct view_history *ask, const struct history_reader *r,
                          const struct energy_spec *spec, const char *zone, int64_t from_ms,
                          int64_t to_ms, struct energy_rows *out, char why[ENERGY_WHY]);

/* energy_model.c */
void energy_model_json(struct json_writer *w, const char *name, const struct frozen *r,
                       const struct baseline *target);
void energy_left_out_json(struct json_writer *w, const struct energy_rows *rows);
void energy_row_json(struct json_writer *w, const struct energy_rows *rows, size_t i);
void energy_row_csv_head(const struct energy_spec *s, struct buf *out);
void energy_row_csv(const struct energy_rows *rows, size_t i, struct buf *out);
void energy_csv_real(struct buf *out, double v); /* a comma, and the number if it is one */
enum err energy_baseline(const struct view_history *ask, const struct history_reader *r,
                         struct json_writer *w, struct buf *out);

/* energy_study.c */
enum err energy_study(const struct view_history *ask, const struct history_reader *r,
                      struct json_writer *w, struct buf *out);
/* energy_finding.c */
void energy_finding_json(struct json_writer *w, const struct study *s,
                         const struct study_finding *f);
void energy_finding_csv(const struct study *s, const struct study_finding *f, struct buf *out);

/* energy_load.c, energy_balance.c */
enum err energy_load(const struct view_history *ask, const struct history_reader *r,
                     struct json_writer *w, struct buf *out);
enum err energy_balance(const struct view_history *ask, const struct history_reader *r,
                        struct json_writer *w, struct buf *out);

#endif
