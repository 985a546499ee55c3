/* Answers as files: what format an answer is asked for in, and lists of the loop as CSV. */
#include <stdio.h>

#include "web/web_impl.h"

const char *sheets_format(struct args *a, unsigned formats, enum view_format *format,
                          enum sheet_locale *locale) {
    static const char *const name[] = {"json", "csv", "jsonl"};
    char text[ARGS_TEXT];
    bool asked = args_text(a, "format", text, sizeof text);
    unsigned f = VIEW_JSON;
    while (asked && f <= VIEW_JSONL && (!(formats >> f & 1) || strcmp(text, name[f]) != 0))
        f++;
    if (f > VIEW_JSONL)
        args_wrong(a, 400,
                   formats >> VIEW_JSONL & 1 ? "format: json, csv or jsonl"
                                             : "format: json or csv");
    if (!asked && reply_header(a->c, WSI_TOKEN_HTTP_ACCEPT, text, sizeof text) &&
        strncmp(text, "text/csv", strlen("text/csv")) == 0)
        f = VIEW_CSV;
    *format = (enum view_format)f;
    *locale = SHEET_NONE;
    if (!args_text(a, "locale", text, sizeof text))
        return a->status ? a->wrong : NULL;
    *locale = sheet_locale_find(text);
    if (*locale == SHEET_LOCALE_COUNT)
        args_wrong(a, 400, "locale: en or vi; without one the file is for programs");
    else if (*format != VIEW_CSV)
        args_wrong(a, 400, "locale: it is that of a CSV file; say format=csv, too");
    return a->status ? a->wrong : NULL;
}

void sheets_name(struct client *c, const char *what, const char *of) {
    (void)snprintf(c->file, sizeof c->file, "attachment; filename=\"plantbus-%s%s%s.csv\"", what,
                   *of ? "-" : "", of);
}

int sheets_reply(struct client *c, struct core *core, const struct sheet_rows *rows,
                 const char *times, enum sheet_locale locale) {
    const struct sheet sheet = {.locale = locale, .plant = core_plant(core), .times = times};
    char next[64];
    enum err err = sheet_rows(rows, &c->body, next);
    if (!err)
        err = sheet_of(&sheet, &c->body);
    if (err)
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    (void)snprintf(c->next_from, sizeof c->next_from, "%s", next);
    return reply_bytes(c, 200, "text/csv; charset=utf-8", NULL);
}
