/* What an agent has, for a person who is about to write a configuration. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "mtconnect/fetch.h"
#include "mtconnect/look.h"
#include "mtconnect/multipart.h"

#define TEXT(s) (int)(s).n, (const char *)(s).p

/* By type of the standard; what is not here is a state if it is an event, else a gauge. */
static const struct {
    const char *type, *quantity;
} suggestion[] = {
    {"PART_COUNT", "type: counter, unit: piece, decimals: 0"},
    {"WATTAGE", "type: power, unit: W"},
    {"ELECTRICAL_ENERGY", "type: register, unit: J, decimals: 0"},
    {"ELECTRICAL_POWER", "type: power, unit: W"},
    {"LINE", NULL},
    {"LINE_NUMBER", NULL},
    {"BLOCK", NULL},
};

/* Units of the standard (uppercase words) as people write them. */
static const struct {
    const char *units, *unit;
} unit[] = {{"PERCENT", "percent"},
            {"MILLIMETER", "mm"},
            {"DEGREE", "deg"},
            {"REVOLUTION/MINUTE", "rpm"},
            {"CELSIUS", "degC"},
            {"SECOND", "s"},
            {"MILLIMETER/SECOND", "mm/s"},
            {"AMPERE", "A"},
            {"VOLT", "V"},
            {"NEWTON_METER", "Nm"},
            {"PASCAL", "Pa"},
            {"HERTZ", "Hz"},
            {"LITER/SECOND", "l/s"},
            {"DEGREE/SECOND", "deg/s"},
            {"NEWTON", "N"},
            {"KILOGRAM", "kg"},
            {"LITER", "l"}};

static const char *unit_of(struct span units) {
    for (size_t i = 0; i < sizeof unit / sizeof *unit; i++)
        if (span_equal(units, span_str(unit[i].units)))
            return unit[i].unit;
    return NULL;
}

const char *look_suggest(const struct doc *d, const struct doc_item *i, char text[LOOK_TEXT]) {
    const struct span type = doc_span(d, i->type), form = doc_span(d, i->representation);

    if (span_equal(form, span_str("DATA_SET")) || span_equal(form, span_str("TABLE")) ||
        (i->units.n > 3 &&
         span_equal(span_of(doc_span(d, i->units).p + i->units.n - 3, 3), span_str("_3D"))))
        return NULL;
    if (i->category == DOC_CONDITION) {
        snprintf(text, LOOK_TEXT, "type: state");
        return text;
    }
    for (size_t k = 0; k < sizeof suggestion / sizeof *suggestion; k++)
        if (span_equal(type, span_str(suggestion[k].type))) {
            if (suggestion[k].quantity == NULL)
                return NULL;
            snprintf(text, LOOK_TEXT, "%s", suggestion[k].quantity);
            return text;
        }
    const char *word = unit_of(doc_span(d, i->units));
    snprintf(text, LOOK_TEXT, "type: %s%s%s", i->category == DOC_SAMPLE ? "gauge" : "state",
             i->category == DOC_SAMPLE && word != NULL ? ", unit: " : "",
             i->category == DOC_SAMPLE && word != NULL ? word : "");
    return text;
}

static void add_lower(struct buf *out, struct span text) {
    for (size_t i = 0; i < text.n; i++) {
        const uint8_t c = text.p[i];
        (void)buf_add_byte(out, c >= 'A' && c <= 'Z' ? (uint8_t)(c | 32) : c);
    }
}

void look_item(const struct mtconnect_conf *c, const struct doc *d, const struct doc_item *i,
               struct buf *out) {
    static const char *const category[] = {"SAMPLE", "EVENT", "CONDITION"};
    const struct mtconnect_point_conf *rule = picks_rule(c, d, i);
    const struct span id = doc_span(d, i->id), sub = doc_span(d, i->sub_type);
    const struct span name =
        i->component_name.n > 0 ? doc_span(d, i->component_name) : doc_span(d, i->component_id);
    char text[LOOK_TEXT];

    (void)buf_addf(out, "    # %.*s %.*s: %s %.*s%s%.*s %.*s%s%s\n",
                   TEXT(doc_span(d, i->component)), TEXT(name), category[i->category],
                   TEXT(doc_span(d, i->type)), sub.n ? "/" : "", TEXT(sub),
                   TEXT(doc_span(d, i->units)), rule ? "  -> point " : "", rule ? rule->name : "");
    const char *quantity = look_suggest(d, i, text);
    if (quantity == NULL) {
        (void)buf_addf(out, "    #   %.*s is not suggested\n", TEXT(id));
        return;
    }
    (void)buf_add_str(out, "    - {name: \"");
    add_lower(out, doc_span(d, i->device));
    (void)buf_add_byte(out, '/');
    add_lower(out, i->name.n > 0 ? doc_span(d, i->name) : id);
    (void)buf_addf(out, "\", id: \"%.*s\", %s}\n", TEXT(id), quantity);
}

/* The whole answer to a question. */
static enum err get(const struct mtconnect_conf *c, struct fetch *f, struct buf *body,
                    struct buf *out) {
    struct buf room;
    struct fetch_piece piece;
    char url[2048];
    const int64_t until_ms = clock_mono_ms() + c->timeout_ms + 1000;
    size_t n = strlen(c->url);

    while (n > 0 && c->url[n - 1] == '/')
        n--;
    snprintf(url, sizeof url, "%.*s%s%s/probe", (int)n, c->url, c->device[0] ? "/" : "", c->device);
    fetch_ask(f, &(struct fetch_question){.serial = 1, .url = url, .timeout_ms = c->timeout_ms});
    buf_init(&room);
    enum err e = ERR_BUSY;
    while (e == ERR_BUSY && clock_mono_ms() < until_ms && fetch_await(f, c->timeout_ms))
        while (e == ERR_BUSY && fetch_take(f, &room, &piece)) {
            if (piece.kind == FETCH_BODY)
                e = buf_add(body, piece.bytes.p, piece.bytes.n) == ERR_OK ? ERR_BUSY : ERR_NOMEM;
            if (piece.kind != FETCH_END)
                continue;
            e = piece.bytes.n > 0 ? ERR_IO : ERR_OK;
            if (e != ERR_OK)
                (void)buf_addf(out, "  %s: %.*s\n", url, TEXT(piece.bytes));
        }
    buf_fini(&room);
    return e == ERR_BUSY ? ERR_IO : e;
}

static enum err show(const struct mtconnect_conf *c, const struct xml_calls *xml, struct span bytes,
                     struct buf *out) {
    struct doc d;
    char why[DOC_WHY];
    struct span device = {0};

    doc_init(&d);
    enum err e = doc_parse(xml, bytes, &d, why);
    if (e != ERR_OK)
        (void)buf_addf(out, "  the answer is no document of MTConnect: %s\n", why);
    else if (d.kind == DOC_ERROR)
        (void)buf_addf(out, "  the agent says %s: %s\n", d.error, d.error_text);
    if (e == ERR_OK && d.kind != DOC_DEVICES)
        e = ERR_IO;
    if (e == ERR_OK)
        (void)buf_addf(out,
                       "  # instance %llu, %zu data items; what fits may be copied\n  points:\n",
                       (unsigned long long)d.header.instance, d.item_n);
    for (size_t i = 0; e == ERR_OK && i < d.item_n; i++) {
        const struct span uuid = doc_span(&d, d.items[i].uuid);
        if (!span_equal(uuid, device)) {
            (void)buf_addf(out, "  # device %.*s, uuid %.*s\n",
                           TEXT(doc_span(&d, d.items[i].device)), TEXT(uuid));
            device = uuid;
        }
        look_item(c, &d, &d.items[i], out);
    }
    doc_fini(&d);
    return e;
}

enum err mtconnect_probe(const struct mtconnect_conf *c, struct buf *out) {
    struct xml_calls xml;
    struct fetch *f = NULL;
    struct buf body;
    char why[LIBRARY_WHY] = "no thread";

    buf_init(&body);
    enum err e = xml_load(&xml, why);
    if (e == ERR_OK)
        e = fetch_open(&f, why);
    if (e != ERR_OK)
        (void)buf_addf(out, "  %s\n", why);
    else
        e = get(c, f, &body, out);
    if (e == ERR_OK)
        e = show(c, &xml, buf_span(&body), out);
    fetch_close(f);
    buf_fini(&body);
    return e;
}
