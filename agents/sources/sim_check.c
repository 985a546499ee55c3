/* The rules that span several keys of a simulated plant's configuration. */
#include "base/utc.h"
#include "sources/sim.h"

static bool has_machine(const struct sim_conf *c, const struct ident *id) {
    for (size_t i = 0; i < c->line_n; i++)
        for (size_t j = 0; j < c->lines[i].machine_n; j++)
            if (ident_equal(&c->lines[i].machines[j].id, id))
                return true;
    return false;
}

static bool has_anything(const struct sim_conf *c, const struct ident *id) {
    for (size_t i = 0; i < c->line_n; i++)
        if (ident_equal(&c->lines[i].id, id))
            return true;
    for (size_t i = 0; i < c->utility_n; i++)
        if (ident_equal(&c->utilities[i].id, id))
            return true;
    return has_machine(c, id);
}

static void finish_machine(const struct sim_conf *c, const struct sim_machine_conf *m,
                           struct conf_report *report) {
    size_t same = 0;

    for (size_t i = 0; i < c->line_n; i++)
        for (size_t j = 0; j < c->lines[i].machine_n; j++)
            same += ident_equal(&c->lines[i].machines[j].id, &m->id) ? 1 : 0;
    if (same > 1)
        conf_report_at(report, m->pos, "machine %s stands in two lines", m->id.s);
    if (m->counter_bits != 0 && m->counter_bits != 16 && m->counter_bits != 32)
        conf_report_at(report, m->pos, "counter_bits of %s must be 0, 16 or 32", m->id.s);
    if (m->counter_bits == 16 && m->counter_start > UINT16_MAX)
        conf_report_at(report, m->pos, "counter_start of %s is over 16 bits", m->id.s);
}

static void finish_fault(const struct sim_conf *c, const struct sim_fault_conf *f,
                         struct conf_report *report) {
    const bool whole = f->kind == SIM_FAULT_CLOCK_STEP || f->kind == SIM_FAULT_CLOCK_DRIFT;

    if (f->has_at == f->has_daily)
        conf_report_at(report, f->pos, "a fault needs either at or daily");
    if (f->has_daily && f->for_ms >= UTC_DAY_MS)
        conf_report_at(report, f->pos, "a daily fault must last less than a day");
    if (f->has_unit && (whole || !has_machine(c, &f->unit)))
        conf_report_at(report, f->pos, whole ? "this fault takes no unit (%s)" : "no machine %s",
                       f->unit.s);
    if (!f->has_unit && !whole && f->kind != SIM_FAULT_SILENT)
        conf_report_at(report, f->pos, "this fault needs a unit");
}

void sim_conf_finish(const struct sim_conf *c, struct conf_report *report) {
    for (size_t i = 0; i < c->line_n; i++) {
        const struct sim_line_conf *l = &c->lines[i];
        if (l->order_most < l->order_least)
            conf_report_at(report, l->pos, "order_most of %s is below order_least", l->id.s);
        for (size_t j = 0; j < l->machine_n; j++)
            finish_machine(c, &l->machines[j], report);
    }
    for (size_t i = 0; i < c->fault_n; i++)
        finish_fault(c, &c->faults[i], report);
    for (size_t i = 0; i < c->emit_n; i++)
        if (!has_anything(c, &c->emit[i]))
            conf_report_at(report, (struct conf_pos){0}, "emit names %s, which is nowhere",
                           c->emit[i].s);
}
