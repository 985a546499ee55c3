#include "base/err.h"

#include <stddef.h>

const char *err_name(enum err code) {
    static const char *const names[ERR_COUNT] = {
        [ERR_OK] = "ok",
        [ERR_NOMEM] = "nomem",
        [ERR_IO] = "io",
        [ERR_FORMAT] = "format",
        [ERR_TRUNCATED] = "truncated",
        [ERR_CHECKSUM] = "checksum",
        [ERR_RANGE] = "range",
        [ERR_EXISTS] = "exists",
        [ERR_NOT_FOUND] = "not_found",
        [ERR_STATE] = "state",
        [ERR_FULL] = "full",
        [ERR_BUSY] = "busy",
        [ERR_CONFIG] = "config",
        [ERR_UNSUPPORTED] = "unsupported",
    };
    const size_t i = (size_t)code;

    return i < ERR_COUNT ? names[i] : "unknown";
}
