/* Error codes of the house. This room holds what every other room may use; it knows no library. */
#ifndef PB_BASE_ERR_H
#define PB_BASE_ERR_H

enum err {
    ERR_OK = 0,
    ERR_NOMEM,     /* out of memory, or a configured bound is used up */
    ERR_IO,        /* the operating system refused; errno tells why */
    ERR_FORMAT,    /* bytes do not have the form they must have */
    ERR_TRUNCATED, /* bytes end too early */
    ERR_CHECKSUM,  /* bytes are whole, their checksum is not theirs */
    ERR_RANGE,     /* a value lies outside its limits */
    ERR_EXISTS,    /* it is there already */
    ERR_NOT_FOUND, /* it is not there */
    ERR_STATE,     /* not callable now */
    ERR_FULL,      /* quota or window used up; try later */
    ERR_BUSY,      /* being worked on; try later */
    ERR_CONFIG,    /* configuration is wrong; the report names the places */
    ERR_UNSUPPORTED,
    ERR_COUNT
};

/* Gives the code's lower-case name, such as "not_found"; never NULL. */
const char *err_name(enum err code);

#endif
