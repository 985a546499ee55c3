/* The page's files, part of the program: plain and gzip, both made at build time (pages.S). */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "web/web_impl.h"

#define PAGE(name, file, type)                                                                     \
    extern const uint8_t page_##name[], page_##name##_end[], page_##name##_gz[],                   \
        page_##name##_gz_end[];
#define DOCUMENT PAGE
#include "web/pages.h"
#undef PAGE
#undef DOCUMENT

struct row {
    const char *path, *type;
    const uint8_t *plain, *plain_end, *gzip, *gzip_end;
};
#define ROW(path, name, mime)                                                                      \
    {path, mime, page_##name, page_##name##_end, page_##name##_gz, page_##name##_gz_end},
#define PAGE(name, file, mime) ROW("/" file, name, mime)
#define DOCUMENT(name, file, mime) ROW("/api/v1/" file, name, mime)

static const struct row rows[] = {
#include "web/pages.h"
};
#undef PAGE
#undef DOCUMENT
#undef ROW

bool page_find(const char *path, struct page *out) {
    static const char index[] = "/index.html"; /* has one address, the folder's */
    if (strcmp(path, index) == 0)
        return false;
    if (strcmp(path, "/") == 0)
        path = index;
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

int reply_page(struct client *c, const struct page *p) {
    char etag[24], text[512];
    page_etag(p, etag);
    if (reply_header(c, WSI_TOKEN_HTTP_IF_NONE_MATCH, text, sizeof text) && strstr(text, etag))
        return reply_not_modified(c, etag);
    const bool gzip =
        reply_header(c, WSI_TOKEN_HTTP_ACCEPT_ENCODING, text, sizeof text) && strstr(text, "gzip");
    c->fixed = gzip ? p->gzip : p->plain;
    return reply_bytes(c, 200, p->type, etag);
}

void page_etag(const struct page *p, char text[24]) {
    uint32_t hash = fnv1a32(p->plain);
    snprintf(text, 24, "\"%08x-%zx\"", (unsigned)hash, p->plain.n);
}
