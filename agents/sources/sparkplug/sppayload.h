/* The bytes of a Sparkplug B message (specification 3.0, section 6.4) as a flat list of metrics. It
 * knows the form of a message, not what came before it: names of aliases, order and sessions are
 * the host's. */
#ifndef PB_SPARKPLUG_SPPAYLOAD_H
#define PB_SPARKPLUG_SPPAYLOAD_H

#include "base/buf.h"

enum { SPPAYLOAD_BYTES_MAX = 1 << 20 };

/* The data types of the specification, section 6.4.16, as far as they matter here. */
enum sppayload_type {
    SPPAYLOAD_INT8 = 1,
    SPPAYLOAD_INT16,
    SPPAYLOAD_INT32,
    SPPAYLOAD_INT64,
    SPPAYLOAD_UINT8,
    SPPAYLOAD_UINT16,
    SPPAYLOAD_UINT32,
    SPPAYLOAD_UINT64,
    SPPAYLOAD_FLOAT,
    SPPAYLOAD_DOUBLE,
    SPPAYLOAD_BOOLEAN,
    SPPAYLOAD_STRING,
    SPPAYLOAD_DATETIME,
    SPPAYLOAD_TEXT,
    SPPAYLOAD_UUID
};

/* Which field of the message the value stood in. */
enum sppayload_form {
    SPPAYLOAD_FORM_NONE, /* null, or no value at all */
    SPPAYLOAD_FORM_WORD, /* int_value or long_value: the data type says how to read it */
    SPPAYLOAD_FORM_FLOAT,
    SPPAYLOAD_FORM_DOUBLE,
    SPPAYLOAD_FORM_BOOLEAN,
    SPPAYLOAD_FORM_TEXT,
    SPPAYLOAD_FORM_OTHER /* bytes, a data set, a template: passed over */
};

struct sppayload_metric {
    struct span name; /* n 0: it has none */
    bool has_alias, has_time, has_type, has_quality, historical;
    uint64_t alias;
    int64_t t_ms;
    uint32_t type;    /* as written, of any value */
    int64_t quality;  /* of the property Quality */
    struct span unit; /* of the property engUnit; n 0: none */
    enum sppayload_form form;
    union {
        uint64_t word;
        double real;
        bool boolean;
        struct span text;
    } as;
};

/* Everything borrows from `decoded`. */
struct sppayload {
    bool has_time, has_seq;
    int64_t t_ms;
    uint64_t seq;
    struct sppayload_metric *metrics;
    size_t n;
    void *decoded;
};

/* On ERR_OK: sppayload_close(). ERR_FORMAT: it is no such message, or has a time beyond what a
 * reading may have; ERR_RANGE: too large, or too many parts; ERR_NOMEM. */
enum err sppayload_parse(struct span bytes, struct sppayload *out);
void sppayload_close(struct sppayload *p);

/* The value as text as a configuration writes it: "12", "0.1", "true", or the text itself. type is
 * the birth's. ERR_FORMAT: there is none, or it is of a type that is passed over. A text borrows
 * from m, all else from room. */
enum { SPPAYLOAD_TEXT_ROOM = 40 };
enum err sppayload_text(const struct sppayload_metric *m, uint32_t type,
                        char room[SPPAYLOAD_TEXT_ROOM], struct span *out);
/* Whether values of this data type become readings. */
bool sppayload_type_known(uint32_t type);
/* As the specification writes it ("Int8", "Template"), for messages. */
const char *sppayload_type_name(uint32_t type);

/* Appends a command Node Control/Rebirth. ERR_NOMEM. */
enum err sppayload_add_rebirth(int64_t now_ms, struct buf *out);

#endif
