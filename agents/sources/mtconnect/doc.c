/* Documents of MTConnect, by their elements (MTConnect standard, parts 1 to 3):
 *
 *   MTConnectDevices  Header Devices/Device(/Components/X)*(/DataItems/DataItem)
 *   MTConnectStreams  Header Streams/DeviceStream/ComponentStream/(Samples|Events|Condition)/X
 *   MTConnectError    Header Errors/Error[@errorCode], or (2.6 on) Errors/X[@errorCode]
 *
 * Prefixes of namespaces are passed over, so every version is read alike. A document type
 * declaration is refused: no agent sends one, and entities come with it. */
#include "mtconnect/doc.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "sources/stamp.h"

enum { DEPTH_MAX = 64 };

enum element { OTHER, COMPONENTS, COMPONENT, DATA_ITEMS, CHOICE, OBSERVATION, ERRORS, ERROR };

struct level {
    uint8_t element; /* enum element */
    uint8_t category;
    struct doc_text component, name, id; /* of the component this element is, or lies in */
};

struct reader {
    const struct xml_calls *xml;
    XML_Parser parser;
    struct doc *doc;
    struct level at[DEPTH_MAX];
    size_t depth;
    struct doc_text device, uuid;
    size_t text_at; /* where the text of the observation or error at hand begins */
    bool reading;   /* text is wanted */
    enum err err;
    const char *why;
};

void doc_init(struct doc *d) {
    *d = (struct doc){0};
    buf_init(&d->texts);
}

void doc_fini(struct doc *d) {
    free(d->items);
    free(d->observations);
    buf_fini(&d->texts);
    *d = (struct doc){0};
}

static void stop(struct reader *r, enum err err, const char *why) {
    if (r->err != ERR_OK)
        return;
    r->err = err;
    r->why = why;
    (void)r->xml->XML_StopParser(r->parser, XML_FALSE);
}

static const char *local(const char *name) {
    const char *colon = strrchr(name, ':');

    return colon != NULL ? colon + 1 : name;
}

static const char *find(const char **attribute, const char *name) {
    for (size_t i = 0; attribute[i] != NULL; i += 2)
        if (strcmp(local(attribute[i]), name) == 0)
            return attribute[i + 1];
    return NULL;
}

static struct doc_text keep(struct reader *r, const char *text) {
    struct doc_text out = {(uint32_t)r->doc->texts.n, 0};

    if (text == NULL || text[0] == '\0')
        return out;
    if (buf_add_str(&r->doc->texts, text) != ERR_OK) {
        stop(r, ERR_NOMEM, "no memory");
        return out;
    }
    out.n = (uint32_t)strlen(text);
    return out;
}

static struct doc_text keep_attribute(struct reader *r, const char **attribute, const char *name) {
    return keep(r, find(attribute, name));
}

static int64_t number(const char *text) {
    int64_t v;

    return text != NULL && decimal_parse(span_str(text), 0, &v) == ERR_OK ? v : 0;
}

/* An instanceId may have 64 bits. */
static uint64_t unsigned_number(const char *text) {
    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

static int64_t time_of(const char *text) {
    const struct stamp_rule rule = {.form = STAMP_ISO};
    int64_t t_ms;

    if (text == NULL || stamp_parse(&rule, span_str(text), INT64_MIN, &t_ms) != ERR_OK)
        return DOC_NO_TIME;
    return t_ms;
}

static void *grow(struct reader *r, void *rows, size_t n, size_t *cap, size_t size) {
    if (n < *cap)
        return rows;
    const size_t more = *cap > 0 ? *cap * 2 : 64;
    void *at = realloc(rows, more * size);
    if (at == NULL) {
        stop(r, ERR_NOMEM, "no memory");
        return NULL;
    }
    *cap = more;
    return at;
}

/* --- elements -----------------------------------------------------------------------------------
 */

static void on_root(struct reader *r, const char *name) {
    if (strcmp(name, "MTConnectDevices") == 0)
        r->doc->kind = DOC_DEVICES;
    else if (strcmp(name, "MTConnectStreams") == 0)
        r->doc->kind = DOC_STREAMS;
    else if (strcmp(name, "MTConnectError") == 0)
        r->doc->kind = DOC_ERROR;
    else
        stop(r, ERR_FORMAT, "expected MTConnectDevices, MTConnectStreams or MTConnectError");
}

static void on_header(struct reader *r, const char **attribute) {
    r->doc->header = (struct doc_header){.instance = unsigned_number(find(attribute, "instanceId")),
                                         .first = number(find(attribute, "firstSequence")),
                                         .last = number(find(attribute, "lastSequence")),
                                         .next = number(find(attribute, "nextSequence")),
                                         .buffer = number(find(attribute, "bufferSize")),
                                         .created_ms = time_of(find(attribute, "creationTime"))};
}

static void on_item(struct reader *r, const struct level *in, const char **attribute) {
    const char *category = find(attribute, "category");
    struct doc *d = r->doc;

    if (d->item_n == DOC_ITEMS_MAX) {
        stop(r, ERR_RANGE, "expected at most 60000 data items");
        return;
    }
    struct doc_item *items = grow(r, d->items, d->item_n, &d->item_cap, sizeof *items);
    if (items == NULL)
        return;
    d->items = items;
    uint8_t kind = DOC_EVENT;
    if (category != NULL && strcmp(category, "SAMPLE") == 0)
        kind = DOC_SAMPLE;
    else if (category != NULL && strcmp(category, "CONDITION") == 0)
        kind = DOC_CONDITION;
    items[d->item_n++] =
        (struct doc_item){.category = kind,
                          .id = keep_attribute(r, attribute, "id"),
                          .name = keep_attribute(r, attribute, "name"),
                          .type = keep_attribute(r, attribute, "type"),
                          .sub_type = keep_attribute(r, attribute, "subType"),
                          .representation = keep_attribute(r, attribute, "representation"),
                          .units = keep_attribute(r, attribute, "units"),
                          .device = r->device,
                          .uuid = r->uuid,
                          .component = in->component,
                          .component_name = in->name,
                          .component_id = in->id};
}

static void on_observation(struct reader *r, const char *name, uint8_t category,
                           const char **attribute) {
    struct doc *d = r->doc;
    const char *code = find(attribute, "conditionId");

    if (d->observation_n == DOC_OBSERVATIONS_MAX) {
        stop(r, ERR_RANGE, "expected at most 1048576 observations");
        return;
    }
    struct doc_observation *rows =
        grow(r, d->observations, d->observation_n, &d->observation_cap, sizeof *rows);
    if (rows == NULL)
        return;
    d->observations = rows;
    rows[d->observation_n++] =
        (struct doc_observation){.category = category,
                                 .sequence = number(find(attribute, "sequence")),
                                 .t_ms = time_of(find(attribute, "timestamp")),
                                 .item = keep_attribute(r, attribute, "dataItemId"),
                                 .level = keep(r, name),
                                 .code = keep(r, code ? code : find(attribute, "nativeCode")),
                                 .count = keep_attribute(r, attribute, "sampleCount"),
                                 .rate = keep_attribute(r, attribute, "sampleRate")};
    r->text_at = d->texts.n;
    r->reading = true;
}

static void on_error(struct reader *r, const char **attribute) {
    const char *code = find(attribute, "errorCode");

    if (r->doc->error[0] != '\0' || code == NULL)
        return;
    snprintf(r->doc->error, sizeof r->doc->error, "%s", code);
    r->text_at = r->doc->texts.n;
    r->reading = true;
}

static void on_component(struct reader *r, struct level *at, const char *name,
                         const char **attribute) {
    at->element = COMPONENT;
    at->component = keep(r, name);
    at->name = keep_attribute(r, attribute, "name");
    at->id = keep_attribute(r, attribute, "id");
}

static void on_device(struct reader *r, struct level *at, const char *name,
                      const char **attribute) {
    r->device = keep_attribute(r, attribute, "name");
    r->uuid = keep_attribute(r, attribute, "uuid");
    on_component(r, at, name, attribute);
}

static void choose(struct level *at, const char *name) {
    static const struct {
        const char *name;
        uint8_t category;
    } choice[] = {{"Samples", DOC_SAMPLE}, {"Events", DOC_EVENT}, {"Condition", DOC_CONDITION}};

    for (size_t i = 0; i < sizeof choice / sizeof *choice; i++)
        if (strcmp(name, choice[i].name) == 0) {
            at->element = CHOICE;
            at->category = choice[i].category;
        }
}

static void in_devices(struct reader *r, struct level *at, const char *name,
                       const char **attribute) {
    const struct level *up = at - 1;

    if (up->element == COMPONENTS)
        on_component(r, at, name, attribute);
    else if (strcmp(name, "Device") == 0)
        on_device(r, at, name, attribute);
    else if (strcmp(name, "Components") == 0)
        at->element = COMPONENTS;
    else if (strcmp(name, "DataItems") == 0)
        at->element = DATA_ITEMS;
    else if (up->element == DATA_ITEMS && strcmp(name, "DataItem") == 0)
        on_item(r, at, attribute);
}

static void in_streams(struct reader *r, struct level *at, const char *name,
                       const char **attribute) {
    const struct level *up = at - 1;

    if (up->element == CHOICE) {
        at->element = OBSERVATION;
        on_observation(r, name, up->category, attribute);
    } else if (up->element == OBSERVATION) {
        r->doc->observations[r->doc->observation_n - 1].nested = true;
        r->reading = false;
        at->element = OTHER;
    } else {
        choose(at, name);
    }
}

static void XMLCALL on_start(void *user, const XML_Char *full, const XML_Char **attribute) {
    struct reader *r = user;
    const char *name = local(full);

    if (r->err != ERR_OK)
        return;
    if (r->depth == DEPTH_MAX) {
        stop(r, ERR_RANGE, "expected at most 64 elements inside of each other");
        return;
    }
    struct level *at = &r->at[r->depth++];
    *at = (struct level){0};
    if (r->depth == 1) {
        on_root(r, name);
        return;
    }
    const struct level *up = at - 1;
    at->component = up->component; /* a data item belongs to the component that is open */
    at->name = up->name;
    at->id = up->id;
    if (r->depth == 2 && strcmp(name, "Header") == 0)
        on_header(r, attribute);
    else if (r->doc->kind == DOC_DEVICES)
        in_devices(r, at, name, attribute);
    else if (r->doc->kind == DOC_STREAMS)
        in_streams(r, at, name, attribute);
    else
        on_error(r, attribute);
}

static bool is_blank(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The text since text_at, without the blanks around it. */
static struct doc_text trimmed(const struct reader *r) {
    size_t from = r->text_at, to = r->doc->texts.n;

    while (from < to && is_blank(r->doc->texts.p[from]))
        from++;
    while (to > from && is_blank(r->doc->texts.p[to - 1]))
        to--;
    return (struct doc_text){(uint32_t)from, (uint32_t)(to - from)};
}

static void XMLCALL on_end(void *user, const XML_Char *full) {
    struct reader *r = user;

    (void)full;
    if (r->err != ERR_OK || r->depth == 0)
        return;
    const struct level *at = &r->at[--r->depth];
    if (!r->reading)
        return;
    const struct span text = doc_span(r->doc, trimmed(r));
    if (r->doc->kind == DOC_ERROR) {
        snprintf(r->doc->error_text, sizeof r->doc->error_text, "%.*s", (int)text.n,
                 (const char *)text.p);
        r->reading = false;
    } else if (at->element == OBSERVATION) {
        r->doc->observations[r->doc->observation_n - 1].text = trimmed(r);
        r->reading = false;
    }
}

static void XMLCALL on_text(void *user, const XML_Char *text, int n) {
    struct reader *r = user;

    if (r->reading && r->err == ERR_OK && buf_add(&r->doc->texts, text, (size_t)n) != ERR_OK)
        stop(r, ERR_NOMEM, "no memory");
}

static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int has_subset) {
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_subset;
    stop(user, ERR_FORMAT, "a document type declaration is not taken");
}

enum err doc_parse(const struct xml_calls *xml, struct span bytes, struct doc *d,
                   char why[DOC_WHY]) {
    struct reader r = {.xml = xml, .doc = d};

    d->kind = DOC_NONE;
    d->header = (struct doc_header){.created_ms = DOC_NO_TIME};
    d->item_n = d->observation_n = 0;
    d->error[0] = d->error_text[0] = '\0';
    buf_reset(&d->texts);
    if (bytes.n > DOC_BYTES_MAX) {
        snprintf(why, DOC_WHY, "expected a document of at most 32 MiB");
        return ERR_RANGE;
    }
    r.parser = xml->XML_ParserCreate(NULL);
    if (r.parser == NULL) {
        snprintf(why, DOC_WHY, "no memory");
        return ERR_NOMEM;
    }
    xml->XML_SetUserData(r.parser, &r);
    xml->XML_SetElementHandler(r.parser, on_start, on_end);
    xml->XML_SetCharacterDataHandler(r.parser, on_text);
    xml->XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    const enum XML_Status ok = xml->XML_Parse(r.parser, (const char *)bytes.p, (int)bytes.n, 1);
    if (r.err == ERR_OK && ok != XML_STATUS_OK) {
        r.err = ERR_FORMAT;
        r.why = xml->XML_ErrorString(xml->XML_GetErrorCode(r.parser));
    }
    if (r.err != ERR_OK)
        snprintf(why, DOC_WHY, "line %llu, column %llu: %s",
                 (unsigned long long)xml->XML_GetCurrentLineNumber(r.parser),
                 (unsigned long long)xml->XML_GetCurrentColumnNumber(r.parser) + 1,
                 r.why != NULL ? r.why : "not XML");
    xml->XML_ParserFree(r.parser);
    return r.err;
}
