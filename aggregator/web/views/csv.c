#include "views/csv.h"

void csv_text(struct buf *out, struct span s) {
    csv_text_by(out, s, ',');
}

void csv_text_by(struct buf *out, struct span s, char separator) {
    bool quote = false;
    for (size_t i = 0; i < s.n; i++)
        quote = quote || s.p[i] == (uint8_t)separator || s.p[i] == '"' || s.p[i] == '\n' ||
                s.p[i] == '\r';
    if (!quote) {
        buf_add(out, s.p, s.n);
        return;
    }
    buf_add_byte(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_add_byte(out, '"');
        buf_add_byte(out, s.p[i]);
    }
    buf_add_byte(out, '"');
}
