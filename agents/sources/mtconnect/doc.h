/* The documents an MTConnect agent answers with (MTConnectDevices, MTConnectStreams, MTConnectError
 * of any version) as arrays of what they say. It chooses nothing and gives no meaning to values. */
#ifndef PB_MTCONNECT_DOC_H
#define PB_MTCONNECT_DOC_H

#include "base/buf.h"
#include "mtconnect/xml.h"

enum doc_kind { DOC_NONE, DOC_DEVICES, DOC_STREAMS, DOC_ERROR };
enum doc_category { DOC_SAMPLE, DOC_EVENT, DOC_CONDITION };

enum {
    DOC_BYTES_MAX = 32 << 20,
    DOC_ITEMS_MAX = 60000,
    DOC_OBSERVATIONS_MAX = 1 << 20,
    DOC_WHY = 200
};
#define DOC_NO_TIME INT64_MIN

struct doc_text { /* in the document's texts */
    uint32_t at, n;
};

struct doc_header {
    uint64_t instance;
    int64_t first, last, next; /* 0: not there */
    int64_t buffer;            /* how many observations it keeps; 0: not there */
    int64_t created_ms;        /* by the agent's clock; or DOC_NO_TIME */
};

struct doc_item { /* a DataItem of an MTConnectDevices */
    uint8_t category;
    struct doc_text id, name, type, sub_type, representation, units;
    struct doc_text device, uuid;                            /* of its device: name, uuid */
    struct doc_text component, component_name, component_id; /* element that holds it */
};

struct doc_observation { /* of an MTConnectStreams */
    uint8_t category;
    bool nested; /* holds elements: entries of a data set or table, no value */
    int64_t sequence;
    int64_t t_ms;          /* or DOC_NO_TIME: it is not legal */
    struct doc_text item;  /* dataItemId */
    struct doc_text text;  /* trimmed; of a condition what a person reads */
    struct doc_text level; /* element's name: of a condition Normal, Warning, Fault, Unavailable */
    struct doc_text code;  /* of a condition: conditionId or nativeCode, what tells it apart */
    struct doc_text count, rate; /* of a time series: sampleCount, sampleRate */
};

struct doc {
    enum doc_kind kind;
    struct doc_header header;
    struct doc_item *items; /* owned */
    size_t item_n, item_cap;
    struct doc_observation *observations; /* owned */
    size_t observation_n, observation_cap;
    char error[40]; /* errorCode of the first error, such as OUT_OF_RANGE */
    char error_text[160];
    struct buf texts; /* owned */
};

void doc_init(struct doc *d);
void doc_fini(struct doc *d);
/* Reads a whole document; what d held is forgotten. ERR_FORMAT with "line L, column C: ..." in why;
 * ERR_RANGE over a limit, ERR_NOMEM. */
enum err doc_parse(const struct xml_calls *xml, struct span bytes, struct doc *d,
                   char why[DOC_WHY]);
static inline struct span doc_span(const struct doc *d, struct doc_text t) {
    return t.n > 0 ? span_of(d->texts.p + t.at, t.n) : span_of("", 0);
}

#endif
