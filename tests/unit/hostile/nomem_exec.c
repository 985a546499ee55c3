/* A source that runs a program, from its settings to its end, while memory runs out: the program is
 * started or that is told, and nothing is left running. */
#include <sys/wait.h>

#include "base/clock.h"
#include "exec/exec.h"
#include "nomem.h"

static const char settings[] = "{command: ['true', x], folder: /, environment: {A: b},"
                               "position: true, stop: 0 s, points: ["
                               "{name: a, type: state, map: {on: 1}}, {name: b}]}";

static enum err add_point(void *user, const struct point *p, uint16_t *id) {
    (void)user;
    (void)p;
    *id = 0;
    return ERR_OK;
}

static enum err reading(void *user, const struct reading *r) {
    (void)user;
    (void)r;
    return ERR_OK;
}

static enum err covered(void *user, int64_t since_ms, int64_t until_ms) {
    (void)user;
    return since_ms <= until_ms ? ERR_OK : ERR_RANGE;
}

static void refused(void *user, const char *reason, const char *place) {
    (void)user;
    nomem_need(*reason && *place, "a refusal has its words");
}

static void said(void *user, const char *text) {
    (void)user;
    nomem_need(*text != '\0', "what is said has words");
}

void nomem_exec(void) {
    const struct source_out out = {.add_point = add_point,
                                   .reading = reading,
                                   .covered = covered,
                                   .refused = refused,
                                   .said = said};
    struct conf_report report;
    struct exec_conf conf;
    struct source *source = NULL;
    struct source_state state;
    conf_report_init(&report);
    nomem_need(conf_load(span_str(settings), "s", &exec_schema, &conf, &report) == ERR_OK,
               "the settings are right");
    const int64_t now_ms = clock_wall_ms();
    nomem_arm();
    bool ok = exec_open(&conf, now_ms, span_of(NULL, 0), &source) == ERR_OK;
    if (ok) {
        int64_t next_ms = 0;
        ok = source->ops->poll(source, now_ms, &out, &next_ms) == ERR_OK;
        source->ops->state(source, &state);
        nomem_need(!ok || state.errors == 0 || nomem_struck(), "it was started");
        source->ops->close(source);
    }
    nomem_disarm();
    nomem_need(ok || nomem_struck(), "it fails for want of memory only");
    nomem_need(waitpid(-1, NULL, WNOHANG) < 0, "no child is left");
    conf_free(&exec_schema, &conf);
    conf_report_fini(&report);
}
