#include "modbus/modbus_profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATH_BYTES = 4096 };

/* False: it is too long. */
static bool path_of(const char *folder, const struct modbus_device_conf *d,
                    const struct conf_report *report, char out[PATH_BYTES]) {
    int n = (int)strlen(folder ? folder : "");
    const char *from = folder ? folder : "";
    if (!folder && d->pos.source < report->source_n) {
        from = report->sources[d->pos.source].name;
        const char *slash = strrchr(from, '/');
        n = slash ? (int)(slash - from) : 0;
    }
    if (d->profile[0] == '/' || n == 0)
        n = snprintf(out, PATH_BYTES, "%s", d->profile);
    else
        n = snprintf(out, PATH_BYTES, "%.*s/%s", n, from, d->profile);
    return n >= 0 && n < PATH_BYTES;
}

static enum err read_file(const char *path, struct buf *out) {
    FILE *f = fopen(path, "rb");
    if (!f)
        return ERR_IO;
    char chunk[4096];
    size_t n;
    enum err err = ERR_OK;
    while (!err && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        err = out->n + n > CONF_FILE_MAX ? ERR_RANGE : buf_add(out, chunk, n);
    if (!err && ferror(f))
        err = ERR_IO;
    (void)fclose(f);
    return err;
}

enum err modbus_profile_load(const char *folder, const struct modbus_device_conf *d,
                             struct conf_report *report, struct modbus_profile_conf *out) {
    char path[PATH_BYTES];
    struct buf bytes;
    buf_init(&bytes);
    errno = 0;
    enum err err = path_of(folder, d, report, path) ? read_file(path, &bytes) : ERR_RANGE;
    if (err)
        conf_report_at(report, d->profile_pos, "the profile %s cannot be read: %s", d->profile,
                       errno ? strerror(errno) : err_name(err));
    else
        err = conf_load(buf_span(&bytes), path, &modbus_profile_schema, out, report);
    buf_fini(&bytes);
    return err ? ERR_CONFIG : ERR_OK;
}
