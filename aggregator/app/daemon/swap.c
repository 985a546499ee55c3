/* The moment at which another configuration takes the place of the one in force: one call on the
 * loop, between two inputs. What it needs room for is had before anything moves. The old core and
 * plant are freed when those who read history with it have their answer, on a thread of the pool,
 * for that takes as long as making them. */
#include <malloc.h>
#include <stdlib.h>

#include "daemon/daemon_impl.h"
#include "sqlite/store_sqlite.h"

struct retired {
    struct retired *next;
    struct daemon *d;
    struct core *core;
    struct settings *settings;
    struct archive_place *place; /* to wait for the last reader; NULL: it waits */
    uv_work_t work;
};

/* --- what is old --------------------------------------------------------------------------------
 */

/* Memory of a thread's arena would else stay with the process. */
static void free_retired(uv_work_t *work) {
    struct retired *x = work->data;
    core_close(x->core);
    settings_close(x->settings);
    x->core = NULL;
    x->settings = NULL;
    malloc_trim(0);
}

static void on_freed(uv_work_t *work, int status) {
    struct retired *x = work->data;
    struct daemon *d = x->d;
    (void)status; /* nobody cancels it */
    free(x);
    d->reload.retired_n--;
    reload_stopped(d);
}

static void on_last_reader(void *user) {
    struct retired *x = user;
    x->work.data = x;
    if (uv_queue_work(&x->d->loop, &x->work, free_retired, on_freed)) {
        free_retired(&x->work);
        on_freed(&x->work, 0);
    }
}

void swap_retire(struct daemon *d) {
    struct reload *r = &d->reload;
    while (r->retired) {
        struct retired *x = r->retired;
        struct archive_place *place = x->place;
        r->retired = x->next;
        x->place = NULL;
        archive_wait(d->archive, place, on_last_reader, x);
    }
}

static void retire(struct daemon *d, struct retired *x, struct core *core,
                   struct settings *settings) {
    x->next = d->reload.retired;
    x->d = d;
    x->core = core;
    x->settings = settings;
    d->reload.retired = x;
    d->reload.retired_n++;
}

static void on_sink_closed(void *user) {
    struct daemon *d = user;
    d->reload.sinks_n--;
    reload_stopped(d);
}

void swap_close_sink(struct daemon *d, struct sink *sink) {
    d->reload.sinks_n++;
    sink->ops->close(sink, on_sink_closed, d);
}

/* --- what is new --------------------------------------------------------------------------------
 */

/* The first one: its letters are counted, for which the store must be idle. */
static enum err open_outbox(struct daemon *d, struct outbox **out) {
    struct reload *r = &d->reload;
    const struct outbox_conf conf = daemon_outbox_conf(d, &r->next->conf.database);
    *out = NULL;
    return d->outbox || !r->sink ? ERR_OK : outbox_open(&conf, d->plant, d->store, r->sink, out);
}

static void swap_database(struct daemon *d, struct outbox *fresh) {
    struct reload *r = &d->reload;
    const struct outbox_conf conf = daemon_outbox_conf(d, &r->next->conf.database);
    struct sink *old = d->sink;
    if (!r->change.database)
        return;
    if (fresh)
        d->outbox = fresh;
    else if (d->outbox)
        outbox_set_sink(d->outbox, r->sink, &conf);
    d->sink = r->sink;
    r->sink = NULL;
    if (old)
        swap_close_sink(d, old);
}

/* Index in the new plant of each node of the old one. */
static uint32_t *map_nodes(const struct plant *old, const struct plant *now) {
    uint32_t *node = calloc(old->node_n + 1, sizeof *node);
    for (size_t i = 0; node && i < old->node_n; i++)
        node[i] = plant_find_node(now, old->node[i].id.s);
    return node;
}

static void swap_plant(struct daemon *d, const uint32_t *node) {
    struct reload *r = &d->reload;
    struct core *old = d->core;
    publish_set_core(&d->publish, old, r->core, node);
    d->core = r->core;
    r->core = NULL;
    if (d->outbox)
        outbox_set_plant(d->outbox, r->next->plant, node);
}

/* Without another plant the one in force stays, in the new settings. */
static void swap_settings(struct daemon *d) {
    struct reload *r = &d->reload;
    struct notify_conf *old = &d->settings->conf.notify;
    if (r->change.notify)
        notices_swap(d, r->notify, old, r->notices_old);
    else
        notices_keep(d, old, &r->next->conf.notify);
    r->notify = NULL;
    r->notices_old = NULL;
    if (!r->change.plant) {
        struct plant *same = r->next->plant;
        r->next->plant = d->settings->plant;
        d->settings->plant = same;
    }
    d->settings = r->next;
    d->conf = &d->settings->conf;
    d->plant = d->settings->plant;
    r->next = NULL;
    d->log->level = (enum log_level)d->conf->log_level;
    store_sqlite_bound(d->store, (size_t)d->conf->queue_bytes);
}

/* What the swap needs. */
struct means {
    struct retired *x;
    uint32_t *node;
    struct outbox *outbox;
};

/* The reload drops them where it comes to nothing. */
static enum err open_notices(struct daemon *d) {
    struct reload *r = &d->reload;
    if (!r->change.notify)
        return ERR_OK;
    enum err err = notices_prepare(&r->notices_old);
    return err ? err : notices_open(d, &r->next->conf.notify, &r->notify);
}

static struct retired *open_retired(void) {
    struct retired *x = calloc(1, sizeof *x);
    if (x)
        x->place = archive_place_open();
    if (x && x->place)
        return x;
    free(x);
    return NULL;
}

static void close_retired(struct retired *x) {
    if (x)
        archive_place_close(x->place);
    free(x);
}

/* All that may fail, before anything is another one. */
static enum err prepare(struct daemon *d, struct means *m) {
    struct reload *r = &d->reload;
    *m = (struct means){.x = open_retired(), .node = map_nodes(d->plant, r->next->plant)};
    enum err err = m->x && m->node ? open_outbox(d, &m->outbox) : ERR_NOMEM;
    if (!err)
        err = open_notices(d);
    if (!err && r->change.plant) /* it was started with its rules */
        err = core_succeed(r->core, d->core);
    else if (!err)
        err = core_set_alerts(d->core, r->next->alerts ? &r->next->alerts->rules : NULL,
                              daemon_now());
    if (!err)
        return ERR_OK;
    outbox_close(m->outbox);
    free(m->node);
    close_retired(m->x);
    return err;
}

enum err swap_make(struct daemon *d) {
    struct reload *r = &d->reload;
    const bool plant = r->change.plant;
    struct settings *old_settings = d->settings;
    struct core *old_core = plant ? d->core : NULL;
    struct means m;
    enum err err = prepare(d, &m);
    if (err)
        return err;
    swap_database(d, m.outbox);
    if (plant)
        swap_plant(d, m.node);
    else
        core_end_flush(d->core);
    swap_settings(d);
    retire(d, m.x, old_core, old_settings);
    const struct core_conf conf = daemon_core_conf(d->settings);
    core_set_conf(d->core, &conf);
    announcer_set(d->core, &d->settings->conf.notify.norms);
    reload_watch(d);
    if (plant)
        web_renew(d->web);
    free(m.node);
    daemon_pump(d);
    return ERR_OK;
}
