/* Booking: quantities on their way into the cells of the range. Whatever lies outside the range
 * goes nowhere: it belongs to another computation. */
#ifndef PB_CELL_BOOK_H
#define PB_CELL_BOOK_H

#include "cell/parts.h"

struct book {
    struct work *w;
    struct cells *out;
    int64_t first, end; /* minutes of the range */
    uint32_t *head;     /* per minute: 1 + index of its newest cell, 0: none */
    uint32_t *next;     /* per cell: the same for the one before it; as long as out->cap */
    size_t next_cap;
    uint32_t priced_word; /* product that was looked up last, and where it stands */
    uint32_t priced_product;
    bool pass_by_counts;
    struct parts parts; /* scratch */
    struct sums sink;   /* takes what cannot be booked */
    enum err err;       /* first failure; bookings after it are lost */
};

enum err book_init(struct book *b, struct work *w, struct cells *out);
void book_fini(struct book *b);
/* Sums of the cell (minute, ctx), made if new; good until the next call. Never NULL. */
struct sums *book_sums(struct book *b, int64_t minute, const struct context *ctx);
/* PRI of the cell's product at the minute's begin, ns; 0: none. */
int64_t book_pri_ns(struct book *b, int64_t minute, uint32_t product_word);
/* Share of the product's pieces that is planned to be scrap, parts per million; 0: none. */
int64_t book_planned_scrap_ppm(struct book *b, uint32_t product_word);
/* Adds modulo 2^64, so that absurd readings cannot break the program. */
void book_add(struct sums *s, unsigned qty, int64_t v);

/* The calendar says work, or the machine runs. */
bool piece_attended(const struct piece *p);
/* evidence.c: what is due of a piece; what was seen. */
void book_due(const struct work *w, struct sums *s, const struct piece *p, int64_t ms);
void book_evidence(struct book *b);
/* labour.c: time by category and cause, stops, labour, and the minutes of imported rows. */
void book_time(struct book *b);
/* counts.c: pieces and material. */
void book_counts(struct book *b);
/* energy.c: electricity. */
void book_energy(struct book *b);
/* carriers.c: the other carriers, in their units. */
void book_carriers(struct book *b);
/* convert.c: of every cell, what follows from its amounts and its minute. Last of all. */
void book_converted(struct book *b);
/* The same of one cell whose amounts were changed afterwards; of a unit with registers of other
 * directions, with a reactive meter. */
void convert_again(const struct plant *p, struct cell *cell, bool flows, bool reactive);

#endif
