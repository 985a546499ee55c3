#include "agent_app/metrics.h"

#include <malloc.h>
#include <stdlib.h>
#include <uv.h>

#include "base/clock.h"

enum { RETRY_MS = 10000 };

struct metrics {
    struct metrics_env env;
    struct scrape *scrape; /* NULL: does not listen yet */
    struct feed_stats *sources;
    size_t source_cap;
    int64_t started_ms; /* UTC */
    int64_t retry_ms;   /* monotonic */
    bool told;          /* that it does not listen */
};

static struct figures_now now_of(const struct metrics *m) {
    const struct metrics_env *e = &m->env;
    const struct bus_stats *b = &e->bus->stats;
    int64_t oldest_ms = journal_oldest_ms(e->journal), age_ms = 0;
    size_t rss = 0;
    if (oldest_ms != INT64_MIN)
        age_ms = clock_wall_ms() - oldest_ms;
    return (struct figures_now){.connected = b->connects > b->disconnects,
                                .waiting = batcher_waiting(e->batcher),
                                .quota_bytes = e->conf->journal.quota_bytes,
                                .backlog_records = (int64_t)journal_backlog_records(e->journal),
                                .backlog_bytes = (int64_t)journal_backlog_bytes(e->journal),
                                .backlog_age_ms =
                                    age_ms > 0 ? age_ms : 0, /* the clock may have been put back */
                                .resident_bytes = uv_resident_set_memory(&rss) ? 0 : (int64_t)rss,
                                .heap_bytes = (int64_t)mallinfo2().uordblks,
                                .started_ms = m->started_ms};
}

/* There may be more than before: the configuration changes while it runs. */
static enum err take_sources(struct metrics *m, size_t *n) {
    const size_t all = feeds_count(m->env.feeds);
    if (all > m->source_cap) {
        struct feed_stats *fresh = realloc(m->sources, all * sizeof *fresh);
        if (!fresh)
            return ERR_NOMEM;
        m->sources = fresh;
        m->source_cap = all;
    }
    *n = 0;
    while (*n < all && feeds_stats(m->env.feeds, *n, &m->sources[*n]))
        ++*n;
    return ERR_OK;
}

static enum err text(void *user, struct buf *out) {
    struct metrics *m = user;
    const struct metrics_env *e = &m->env;
    size_t n = 0;
    enum err rc = take_sources(m, &n);
    if (rc)
        return rc;
    const struct figures f = {.agent = &e->conf->id,
                              .version = PLANTBUS_VERSION,
                              .journal = journal_stats(e->journal),
                              .publisher = publisher_stats(e->publisher),
                              .batcher = batcher_stats(e->batcher),
                              .bus = &e->bus->stats,
                              .syncs = disk_posix_syncs(e->disk),
                              .scrapes = scrape_stats(m->scrape),
                              .told = e->told,
                              .sources = m->sources,
                              .source_n = n,
                              .now = now_of(m)};
    return figures_format(&f, out);
}

static void listen_now(struct metrics *m, int64_t mono_ms) {
    const struct metrics_conf *c = &m->env.conf->metrics;
    const struct scrape_conf conf = {
        .listen = c->listen, .port = (uint16_t)c->port, .text = text, .user = m};
    enum err rc = scrape_open(&conf, m->env.loop, &m->scrape);
    m->retry_ms = mono_ms + RETRY_MS;
    if (!rc)
        log_event(m->env.log, LOG_INFO, "metrics", "listen=%s port=%u", c->listen,
                  scrape_port(m->scrape));
    else if (!m->told)
        log_event(m->env.log, LOG_ERROR, "metrics_refused", "listen=%s port=%d why=%s", c->listen,
                  (int)c->port, rc == ERR_BUSY ? "taken" : err_name(rc));
    m->told = rc != ERR_OK;
}

enum err metrics_open(const struct metrics_env *env, int64_t mono_ms, struct metrics **out) {
    if (!env->conf->has_metrics)
        return ERR_OK;
    struct metrics *m = calloc(1, sizeof *m);
    if (!m)
        return ERR_NOMEM;
    m->env = *env;
    m->started_ms = clock_wall_ms();
    listen_now(m, mono_ms);
    *out = m;
    return ERR_OK;
}

void metrics_tick(struct metrics *m, int64_t mono_ms) {
    if (m && !m->scrape && mono_ms >= m->retry_ms)
        listen_now(m, mono_ms);
}

void metrics_close(struct metrics *m) {
    if (!m)
        return;
    scrape_close(m->scrape);
    free(m->sources);
    free(m);
}
