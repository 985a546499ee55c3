/* What another set of rules would change. */
#include <string.h>

#include "alertfile/alertfile.h"

static bool text_equal(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool ids_equal(const struct ident *a, size_t an, const struct ident *b, size_t bn) {
    for (size_t i = 0; an == bn && i < an; i++)
        if (!ident_equal(&a[i], &b[i]))
            return false;
    return an == bn;
}

struct side {
    const struct alert_rule *rule;
    const struct plant *plant;
};

static size_t nodes_without(const struct side *a, const struct side *b) {
    size_t n = 0;
    for (size_t i = 0; i < a->rule->node_n; i++) {
        bool there = false;
        for (size_t k = 0; k < b->rule->node_n && !there; k++)
            there = ident_equal(&a->plant->node[a->rule->node[i]].id,
                                &b->plant->node[b->rule->node[k]].id);
        n += !there;
    }
    return n;
}

static bool told_alike(const struct alert_rule *a, const struct alert_rule *b) {
    return text_equal(a->name, b->name) && text_equal(a->cause, b->cause) &&
           text_equal(a->consequence, b->consequence) && text_equal(a->action, b->action) &&
           text_equal(a->owner, b->owner) && a->respond_ms == b->respond_ms &&
           ids_equal(a->recipient, a->recipient_n, b->recipient, b->recipient_n);
}

/* Whether anything was written. */
static bool put_change(const struct side *old, const struct side *now, struct buf *out) {
    const size_t gone = nodes_without(old, now), come = nodes_without(now, old);
    const bool said = old->rule->said == now->rule->said, told = told_alike(old->rule, now->rule);
    if (said && told && !gone && !come)
        return false;
    (void)buf_addf(out, "~ rule %s:", now->rule->id.s);
    if (!said)
        (void)buf_add_str(out, " says something else, its alerts begin anew;");
    if (come)
        (void)buf_addf(out, " %zu more;", come);
    if (gone)
        (void)buf_addf(out, " %zu fewer;", gone);
    if (!told)
        (void)buf_add_str(out, " other texts or recipients;");
    if (out->n > 0 && !out->failed)
        out->p[out->n - 1] = '\n'; /* the last semicolon */
    return true;
}

enum err alertfile_diff(const struct alertfile *old, const struct plant *old_plant,
                        const struct alertfile *now, const struct plant *plant, struct buf *out,
                        size_t *n) {
    size_t i = 0, k = 0;
    *n = 0;
    while (i < old->rules.rule_n || k < now->rules.rule_n) {
        const struct side a = {&old->rules.rule[i], old_plant}, b = {&now->rules.rule[k], plant};
        const int order = i == old->rules.rule_n   ? 1
                          : k == now->rules.rule_n ? -1
                                                   : strcmp(a.rule->id.s, b.rule->id.s);
        if (order < 0)
            (void)buf_addf(out, "- rule %s: its alerts end\n", a.rule->id.s);
        if (order > 0)
            (void)buf_addf(out, "+ rule %s at %zu node%s\n", b.rule->id.s, b.rule->node_n,
                           b.rule->node_n == 1 ? "" : "s");
        *n += order != 0 || put_change(&a, &b, out);
        i += order <= 0;
        k += order >= 0;
    }
    return out->failed ? ERR_NOMEM : ERR_OK;
}
