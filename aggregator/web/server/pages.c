/* The page's files, part of the program: plain and gzip, both made at build time (pages.S). */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "web/web_impl.h"

#define FILE_BYTES(name)                                                                           \
    extern const uint8_t page_##name[], page_##name##_end[], page_##name##_gz[],                   \
        page_##name##_gz_end[]
FILE_BYTES(index_html);
FILE_BYTES(style_css);
FILE_BYTES(app_js);
FILE_BYTES(view_js);
FILE_BYTES(dom_js);
FILE_BYTES(format_js);
FILE_BYTES(glossary_js);
FILE_BYTES(login_js);
FILE_BYTES(icon_svg);

struct row {
    const char *path, *type;
    const uint8_t *plain, *plain_end, *gzip, *gzip_end;
};
#define ROW(where, mime, name)                                                                     \
    { where, mime, page_##name, page_##name##_end, page_##name##_gz, page_##name##_gz_end }

static const struct row rows[] = {
    ROW("/", "text/html; charset=utf-8", index_html),
    ROW("/style.css", "text/css; charset=utf-8", style_css),
    ROW("/app.js", "text/javascript; charset=utf-8", app_js),
    ROW("/view.js", "text/javascript; charset=utf-8", view_js),
    ROW("/dom.js", "text/javascript; charset=utf-8", dom_js),
    ROW("/format.js", "text/javascript; charset=utf-8", format_js),
    ROW("/glossary.js", "text/javascript; charset=utf-8", glossary_js),
    ROW("/login.js", "text/javascript; charset=utf-8", login_js),
    ROW("/icon.svg", "image/svg+xml", icon_svg),
};

bool page_find(const char *path, struct page *out) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        if (strcmp(path, r->path) != 0)
            continue;
        *out = (struct page){.path = r->path,
                             .type = r->type,
                             .plain = span_of(r->plain, (size_t)(r->plain_end - r->plain)),
                             .gzip = span_of(r->gzip, (size_t)(r->gzip_end - r->gzip))};
        return true;
    }
    return false;
}

void page_etag(const struct page *p, char text[24]) {
    uint32_t hash = fnv1a32(p->plain);
    snprintf(text, 24, "\"%08x-%zx\"", (unsigned)hash, p->plain.n);
}
