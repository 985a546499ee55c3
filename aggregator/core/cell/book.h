/* Booking: quantities on their way into the cells of the range. Whatever lies outside the range
 * goes nowhere: it belongs to another computation. */
#ifndef PB_CELL_BOOK_H
#define PB_CELL_BOOK_H

#include "cell/parts.h"

/* For whoever wants to know where bookings come from: those of one source and cell, until the next
 * ones begin. */
struct book_trace {
    const struct cell_trace *to;
    struct cell_source source;
    int64_t minute;
    struct context ctx;
    struct sums part;
    bool open; /* the part is not in its cell yet */
};

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
    struct cell_rejects *rejects; /* takes scrap and rework by reason; NULL: nobody asks */
    struct parts parts;           /* scratch */
    struct sums sink;             /* takes what cannot be booked */
    struct book_trace *trace;     /* owned; NULL: nobody wants to know */
    enum err err;                 /* first failure; bookings after it are lost */
};

enum err book_init(struct book *b, struct work *w, struct cells *out);
void book_fini(struct book *b);
/* Sums of the cell (minute, ctx), made if new; good until the next call. Never NULL. */
struct sums *book_sums(struct book *b, int64_t minute, const struct context *ctx);
/* What is booked from now on comes from that; nothing to do unless somebody wants to know. */
void book_from_piece(struct book *b, const struct piece *p);
void book_from_amount(struct book *b, const struct amount *a);
void book_from_share(struct book *b, uint32_t signal, int64_t minute);
void book_from_slot(struct book *b, const struct slot *s, int64_t uwh);
void book_from(struct book *b, enum cell_source_kind kind, int64_t t0_ms, int64_t t1_ms);
/* Puts what is open into its cell and tells of it. */
void book_tell(struct book *b);
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
/* breach.c: busy time in which conditions are breached, or nobody knows whether they are. */
void book_breaches(struct book *b);
/* counts.c: pieces and material. */
void book_counts(struct book *b);
/* rejects.c: what a part of an amount adds to scrap and to rework. */
void book_reject(struct book *b, const struct amount *m, const struct part *part, int64_t scrap,
                 int64_t rework);
/* energy.c: electricity. */
void book_energy(struct book *b);
/* The shares of b->parts, cut by category: what is used, and of units with several directions the
 * direction itself. gap: of unknown distribution. */
void book_electricity(struct book *b, uint8_t role, bool gap);
/* To the nearest microwatt-hour, once a slot. */
int64_t slot_uwh(const struct slot *s);
/* carriers.c: the other carriers, in their units. */
void book_carriers(struct book *b);
/* A part's amount of a carrier's role, or reactive energy. */
void book_carrier(struct book *b, uint8_t role, const struct part *part, int64_t v);
/* shared.c: the unit's parts of the meters that it shares. */
void book_shared(struct book *b);
/* convert.c: of every cell, what follows from its amounts and its minute. Last of all. */
void book_converted(struct book *b);
/* The same of one cell whose amounts were changed afterwards; of a unit with registers of other
 * directions, with a reactive meter. */
void convert_again(const struct plant *p, struct cell *cell, bool flows, bool reactive);

#endif
