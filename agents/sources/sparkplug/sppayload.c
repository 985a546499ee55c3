/* protobuf-c decodes; what it allocates is counted, since two bytes of a message can become a
 * metric of two hundred. */
#include "sparkplug/sppayload.h"

#include <stdio.h>
#include <stdlib.h>

#include "sparkplug_b.pb-c.h"
#include "wire/batch.h"

enum { HEAP_MOST = 16 << 20, METRICS_MOST = 1 << 16 };

struct heap {
    size_t used;
    bool empty; /* the system gave nothing */
};

/* A decoded message and the allocator it must be given back to. */
struct decoded {
    struct heap heap;
    ProtobufCAllocator allocator;
    SparkplugB__Payload *message;
};

static void *heap_alloc(void *user, size_t size) {
    struct heap *h = user;
    if (size > HEAP_MOST - h->used)
        return NULL;
    h->used += size;
    void *p = malloc(size > 0 ? size : 1);
    h->empty |= p == NULL;
    return p;
}

static void heap_free(void *user, void *p) {
    (void)user;
    free(p);
}

/* --- metrics ------------------------------------------------------------------------------------
 */

static struct span text_of(const char *text) {
    return text != NULL ? span_str(text) : span_of(NULL, 0);
}

static bool time_of(uint64_t ms, int64_t *t_ms) {
    if (ms > (uint64_t)BATCH_TIME_LIMIT_MS)
        return false;
    *t_ms = (int64_t)ms;
    return true;
}

/* The two properties that say something of a reading; the specification writes Quality, some
 * publishers quality. */
static void take_properties(const SparkplugB__PropertySet *set, struct sppayload_metric *m) {
    for (size_t i = 0; set != NULL && i < set->n_keys && i < set->n_values; i++) {
        const SparkplugB__PropertyValue *v = set->values[i];
        const char *key = set->keys[i];
        const bool null = v->has_is_null && v->is_null;
        if (!null && (strcmp(key, "Quality") == 0 || strcmp(key, "quality") == 0)) {
            m->has_quality = v->value_case == SPARKPLUG_B__PROPERTY_VALUE__VALUE_INT_VALUE ||
                             v->value_case == SPARKPLUG_B__PROPERTY_VALUE__VALUE_LONG_VALUE;
            if (v->value_case == SPARKPLUG_B__PROPERTY_VALUE__VALUE_INT_VALUE)
                m->quality = (int32_t)v->int_value;
            else if (m->has_quality)
                m->quality = (int64_t)v->long_value;
        }
        if (!null && v->value_case == SPARKPLUG_B__PROPERTY_VALUE__VALUE_STRING_VALUE &&
            strcmp(key, "engUnit") == 0)
            m->unit = text_of(v->string_value);
    }
}

static void take_value(const SparkplugB__Metric *from, struct sppayload_metric *m) {
    switch (from->value_case) {
    case SPARKPLUG_B__METRIC__VALUE_INT_VALUE:
        m->form = SPPAYLOAD_FORM_WORD;
        m->as.word = from->int_value;
        return;
    case SPARKPLUG_B__METRIC__VALUE_LONG_VALUE:
        m->form = SPPAYLOAD_FORM_WORD;
        m->as.word = from->long_value;
        return;
    case SPARKPLUG_B__METRIC__VALUE_FLOAT_VALUE:
        m->form = SPPAYLOAD_FORM_FLOAT;
        m->as.real = (double)from->float_value;
        return;
    case SPARKPLUG_B__METRIC__VALUE_DOUBLE_VALUE:
        m->form = SPPAYLOAD_FORM_DOUBLE;
        m->as.real = from->double_value;
        return;
    case SPARKPLUG_B__METRIC__VALUE_BOOLEAN_VALUE:
        m->form = SPPAYLOAD_FORM_BOOLEAN;
        m->as.boolean = from->boolean_value != 0;
        return;
    case SPARKPLUG_B__METRIC__VALUE_STRING_VALUE:
        m->form = SPPAYLOAD_FORM_TEXT;
        m->as.text = text_of(from->string_value);
        return;
    case SPARKPLUG_B__METRIC__VALUE__NOT_SET:
        return;
    case SPARKPLUG_B__METRIC__VALUE_BYTES_VALUE:
    case SPARKPLUG_B__METRIC__VALUE_DATASET_VALUE:
    case SPARKPLUG_B__METRIC__VALUE_TEMPLATE_VALUE:
    case _SPARKPLUG_B__METRIC__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    m->form = SPPAYLOAD_FORM_OTHER;
}

static enum err take_metric(const SparkplugB__Metric *from, struct sppayload_metric *m) {
    *m = (struct sppayload_metric){.name = text_of(from->name),
                                   .has_alias = from->has_alias,
                                   .has_time = from->has_timestamp,
                                   .has_type = from->has_datatype,
                                   .historical = from->has_is_historical && from->is_historical,
                                   .alias = from->alias,
                                   .type = from->datatype};
    if (m->has_time && !time_of(from->timestamp, &m->t_ms))
        return ERR_FORMAT;
    take_properties(from->properties, m);
    if (!from->has_is_null || !from->is_null)
        take_value(from, m);
    return ERR_OK;
}

static enum err take_payload(const SparkplugB__Payload *from, struct sppayload *p) {
    p->has_seq = from->has_seq;
    p->seq = from->seq;
    p->has_time = from->has_timestamp;
    if (p->has_time && !time_of(from->timestamp, &p->t_ms))
        return ERR_FORMAT;
    if (from->n_metrics > METRICS_MOST)
        return ERR_RANGE;
    p->metrics = calloc(from->n_metrics + 1, sizeof *p->metrics);
    if (p->metrics == NULL)
        return ERR_NOMEM;
    for (; p->n < from->n_metrics; p->n++) {
        const enum err e = take_metric(from->metrics[p->n], &p->metrics[p->n]);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

enum err sppayload_parse(struct span bytes, struct sppayload *out) {
    struct sppayload p = {0};
    if (bytes.n > SPPAYLOAD_BYTES_MAX)
        return ERR_RANGE;
    struct decoded *d = calloc(1, sizeof *d);
    if (d == NULL)
        return ERR_NOMEM;
    d->allocator = (ProtobufCAllocator){heap_alloc, heap_free, &d->heap};
    p.decoded = d;
    d->message = sparkplug_b__payload__unpack(&d->allocator, bytes.n, bytes.p);
    enum err e = ERR_OK;
    if (d->message == NULL)
        e = d->heap.empty ? ERR_NOMEM : ERR_FORMAT;
    else
        e = take_payload(d->message, &p);
    if (e != ERR_OK) {
        sppayload_close(&p);
        return e;
    }
    *out = p;
    return ERR_OK;
}

void sppayload_close(struct sppayload *p) {
    struct decoded *d = p->decoded;
    if (d != NULL && d->message != NULL)
        sparkplug_b__payload__free_unpacked(d->message, &d->allocator);
    free(d);
    free(p->metrics);
    *p = (struct sppayload){0};
}

/* --- values -------------------------------------------------------------------------------------
 */

static const char *const type_names[] = {"Unknown",      "Int8",
                                         "Int16",        "Int32",
                                         "Int64",        "UInt8",
                                         "UInt16",       "UInt32",
                                         "UInt64",       "Float",
                                         "Double",       "Boolean",
                                         "String",       "DateTime",
                                         "Text",         "UUID",
                                         "DataSet",      "Bytes",
                                         "File",         "Template",
                                         "PropertySet",  "PropertySetList",
                                         "Int8Array",    "Int16Array",
                                         "Int32Array",   "Int64Array",
                                         "UInt8Array",   "UInt16Array",
                                         "UInt32Array",  "UInt64Array",
                                         "FloatArray",   "DoubleArray",
                                         "BooleanArray", "StringArray",
                                         "DateTimeArray"};

bool sppayload_type_known(uint32_t type) {
    return type >= SPPAYLOAD_INT8 && type <= SPPAYLOAD_UUID;
}

const char *sppayload_type_name(uint32_t type) {
    const size_t n = sizeof type_names / sizeof type_names[0];
    return type < n ? type_names[type] : "a type beyond the specification";
}

/* Signed numbers travel as the bits of their two's complement, in fields that are not signed; some
 * publishers fill the field's upper bits, others do not. */
static void word_text(uint64_t word, uint32_t type, char room[SPPAYLOAD_TEXT_ROOM]) {
    static const unsigned bits[] = {0, 8, 16, 32, 64}; /* of Int8 to Int64 */
    if (type < SPPAYLOAD_INT8 || type > SPPAYLOAD_INT64) {
        (void)snprintf(room, SPPAYLOAD_TEXT_ROOM, "%llu", (unsigned long long)word);
        return;
    }
    const uint64_t sign = UINT64_C(1) << (bits[type] - 1);
    word &= (sign << 1) - 1;
    (void)snprintf(room, SPPAYLOAD_TEXT_ROOM, "%lld", (long long)((word ^ sign) - sign));
}

/* The shortest decimal that reads back as the same float or double: what somebody wrote there. */
static void real_text(double real, bool is_float, char room[SPPAYLOAD_TEXT_ROOM]) {
    for (int digits = is_float ? 6 : 15; digits <= 17; digits++) {
        (void)snprintf(room, SPPAYLOAD_TEXT_ROOM, "%.*g", digits, real);
        if (is_float ? strtof(room, NULL) == (float)real : strtod(room, NULL) == real)
            return;
    }
}

enum err sppayload_text(const struct sppayload_metric *m, uint32_t type,
                        char room[SPPAYLOAD_TEXT_ROOM], struct span *out) {
    switch (m->form) {
    case SPPAYLOAD_FORM_WORD:
        if (type == SPPAYLOAD_BOOLEAN)
            (void)snprintf(room, SPPAYLOAD_TEXT_ROOM, "%s", m->as.word != 0 ? "true" : "false");
        else
            word_text(m->as.word, type, room);
        break;
    case SPPAYLOAD_FORM_FLOAT:
    case SPPAYLOAD_FORM_DOUBLE:
        real_text(m->as.real, m->form == SPPAYLOAD_FORM_FLOAT, room);
        break;
    case SPPAYLOAD_FORM_BOOLEAN:
        (void)snprintf(room, SPPAYLOAD_TEXT_ROOM, "%s", m->as.boolean ? "true" : "false");
        break;
    case SPPAYLOAD_FORM_TEXT:
        *out = m->as.text;
        return ERR_OK;
    case SPPAYLOAD_FORM_NONE:
    case SPPAYLOAD_FORM_OTHER:
        return ERR_FORMAT;
    }
    *out = span_str(room);
    return ERR_OK;
}

/* --- commands -----------------------------------------------------------------------------------
 */

enum err sppayload_add_rebirth(int64_t now_ms, struct buf *out) {
    char name[] = "Node Control/Rebirth";
    SparkplugB__Metric metric = SPARKPLUG_B__METRIC__INIT;
    SparkplugB__Metric *metrics[] = {&metric};
    SparkplugB__Payload message = SPARKPLUG_B__PAYLOAD__INIT;
    metric.name = name;
    metric.has_timestamp = message.has_timestamp = 1;
    metric.timestamp = message.timestamp = (uint64_t)now_ms;
    metric.has_datatype = 1;
    metric.datatype = SPPAYLOAD_BOOLEAN;
    metric.value_case = SPARKPLUG_B__METRIC__VALUE_BOOLEAN_VALUE;
    metric.boolean_value = 1;
    message.n_metrics = 1;
    message.metrics = metrics;
    const size_t n = sparkplug_b__payload__get_packed_size(&message);
    const enum err e = buf_reserve(out, n);
    if (e != ERR_OK)
        return e;
    out->n += sparkplug_b__payload__pack(&message, out->p + out->n);
    return ERR_OK;
}
