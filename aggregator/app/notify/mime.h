/* Mails as bytes: head fields, UTF-8 subjects, bodies in base64 (RFC 5322, 2045, 2047). Pure; it
 * sends nothing. */
#ifndef PB_NOTIFY_MIME_H
#define PB_NOTIFY_MIME_H

#include "base/buf.h"

struct mime {
    const char *from;      /* address alone */
    const char *const *to; /* the same, to_n of them */
    size_t to_n;
    struct span subject;    /* UTF-8; control characters become blanks */
    int64_t at_ms;          /* UTC */
    int32_t offset_s;       /* of the local time that is written */
    const char *id, *about; /* "x@y": of this mail; of the matter it continues, NULL: none */
    bool urgent;
    struct span body; /* UTF-8, lines end with \n */
};

/* Appends the whole mail. ERR_NOMEM. */
enum err mime_format(const struct mime *m, struct buf *out);
/* Appends bytes in base64, in lines of `line` characters ended by CRLF; 0: without ends. */
void mime_base64(struct span bytes, size_t line, struct buf *out);
/* Appends a head field's text: as it is if it is plain ASCII, else as encoded words. */
void mime_words(struct span text, struct buf *out);
/* Whether it is one address, "name@host", fit for a head and an envelope. */
bool mime_address(const char *text);

#endif
