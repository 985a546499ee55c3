/* What the files of a printed explanation share. Nothing else includes this. */
#ifndef PB_CTL_EXPLAIN_IMPL_H
#define PB_CTL_EXPLAIN_IMPL_H

#include "ctl/pen.h"

/* explain_terms.c: sections of their own, each left out if there is nothing to tell. */
void explain_put_contexts(struct pen *p);
void explain_put_factors(struct pen *p);
void explain_put_entries(struct pen *p);
void explain_put_conditions(struct pen *p);

#endif
