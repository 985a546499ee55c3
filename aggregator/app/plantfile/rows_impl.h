/* Rows that other files of this room build theirs of. */
#ifndef PB_PLANTFILE_ROWS_IMPL_H
#define PB_PLANTFILE_ROWS_IMPL_H

#include "plantfile/rows.h"

extern const struct conf_schema rows_signal, rows_norm, rows_unit; /* rows_unit.c */
extern const struct conf_schema rows_reason;                       /* rows_reason.c */
extern const struct conf_schema rows_condition, rows_keylink;      /* rows_condition.c */
extern const struct conf_schema rows_operation;                    /* rows_operation.c */
extern const struct conf_schema rows_shift_plan;                   /* rows_order.c */
extern const struct conf_schema rows_order;                        /* rows_order.c */
extern const struct conf_schema rows_crew, rows_manning;           /* rows_crew.c */
extern const struct conf_schema rows_meter;                        /* rows_meter.c */
extern const struct conf_schema rows_gauge;                        /* rows_gauge.c */

#endif
