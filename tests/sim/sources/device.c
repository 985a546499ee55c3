#include "simsources/device.h"

#include <stdio.h>
#include <stdlib.h>

#include "conf/conf.h"

void device_init(struct device *d, const struct device_ops *ops, const char *kind, unsigned no) {
    d->ops = ops;
    (void)snprintf(d->id.s, sizeof d->id.s, "%s-%u", kind, no);
}

void device_complain(struct device *d, const char *why) {
    d->wrong = d->wrong ? d->wrong : why;
}

size_t device_offer(struct device *d, const struct offer *o) {
    if (d->n == d->cap) {
        const size_t cap = d->cap ? d->cap * 2 : 256;
        struct offer *at = realloc(d->at, cap * sizeof *at);
        if (!at)
            abort(); /* of a few kilobytes: there is no story to tell without them */
        d->at = at;
        d->cap = cap;
    }
    d->at[d->n++] = *o;
    return d->n;
}

enum err device_conf(const char *text, const struct conf_schema *schema, void *out) {
    struct conf_report report;
    struct buf words;
    conf_report_init(&report);
    const enum err e = conf_load(span_str(text), "simulation", schema, out, &report);
    if (e) {
        buf_init(&words);
        (void)conf_report_format(&report, &words);
        fprintf(stderr, "%.*s\n", (int)words.n, (const char *)words.p);
        buf_fini(&words);
    }
    conf_report_fini(&report);
    return e;
}
