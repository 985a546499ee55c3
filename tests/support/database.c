#include "support/database.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/knock.h"

enum { START_MS = 30000 };
static const char *const program[] = {"/usr/bin/influxd", "/usr/bin/victoria-metrics"};

static enum err write_conf(const struct database *d) {
    char path[96];
    snprintf(path, sizeof path, "%s/conf", d->dir);
    FILE *f = fopen(path, "we");
    if (!f)
        return ERR_IO;
    fprintf(f,
            "reporting-disabled = true\nbind-address = \"127.0.0.1:%d\"\n"
            "[meta]\ndir = \"%s/meta\"\n[data]\ndir = \"%s/data\"\nwal-dir = \"%s/wal\"\n"
            "[monitor]\nstore-enabled = false\n"
            "[http]\nbind-address = \"127.0.0.1:%d\"\nlog-enabled = false\n"
            "[logging]\nlevel = \"error\"\nsuppress-logo = true\n",
            d->rpc_port, d->dir, d->dir, d->dir, d->port);
    return fclose(f) == 0 ? ERR_OK : ERR_IO;
}

enum err database_open(struct database *d, enum database_kind_test kind) {
    *d = (struct database){.kind = kind, .dir = "/tmp/pb-database-XXXXXX"};
    if (access(program[kind], X_OK) != 0)
        return ERR_NOT_FOUND;
    d->port = knock_free_port();
    d->rpc_port = knock_free_port();
    if (d->port < 0 || d->rpc_port < 0 || !mkdtemp(d->dir))
        return ERR_IO;
    snprintf(d->url, sizeof d->url, "http://127.0.0.1:%d", d->port);
    return kind == DATABASE_INFLUXD ? write_conf(d) : ERR_OK;
}

static void become(const struct database *d) {
    char one[96], two[96];
    int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (quiet < 0 || dup2(quiet, 1) < 0 || dup2(quiet, 2) < 0)
        return;
    if (d->kind == DATABASE_INFLUXD) {
        snprintf(one, sizeof one, "%s/conf", d->dir);
        execl(program[d->kind], "influxd", "-config", one, (char *)NULL);
        return;
    }
    snprintf(one, sizeof one, "-storageDataPath=%s/data", d->dir);
    snprintf(two, sizeof two, "-httpListenAddr=127.0.0.1:%d", d->port);
    /* One point a series and millisecond; answers show what came a moment ago. */
    execl(program[d->kind], "victoria-metrics", one, two, "-dedup.minScrapeInterval=1ms",
          "-retentionPeriod=100y", "-search.latencyOffset=0s", (char *)NULL);
}

enum err database_start(struct database *d) {
    pid_t parent = getpid(), pid = d->pid ? -1 : fork();
    if (pid < 0)
        return ERR_IO;
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a crashed test leaves no database behind */
        if (getppid() == parent)
            become(d);
        _exit(127);
    }
    d->pid = pid;
    return knock_until_open(d->port, START_MS) ? ERR_OK : ERR_IO;
}

void database_kill(struct database *d) {
    if (d->pid == 0)
        return;
    kill(d->pid, SIGKILL);
    while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    d->pid = 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

void database_close(struct database *d) {
    database_kill(d);
    nftw(d->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
