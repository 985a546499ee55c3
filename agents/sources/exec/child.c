#include "exec/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { ABOVE = 16, NOT_RUN = 127, TURN_MS = 10 };

/* What the guard, or the program that could not be run, says over the link. */
struct message {
    int how, number;
};

static void shut(int *fd) {
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* --- between fork and exec: only what may be called in a copy of a process with threads ---------
 */

static void say(int link, enum child_how how, int number) {
    const struct message m = {(int)how, number};
    ssize_t n = write(link, &m, sizeof m);
    (void)n; /* nobody is there any more */
}

/* Our death has reached the guard: the group ends, it among them. */
static void on_orphaned(int number) {
    (void)number;
    (void)kill(0, SIGKILL);
}

static void default_signals(void) {
    sigset_t none;
    (void)sigemptyset(&none);
    for (int i = 1; i < NSIG; i++)
        (void)signal(i, SIG_DFL); /* those that cannot be set stay */
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void run_program(const struct child_ask *ask, int link) {
    default_signals();
    if (ask->folder == NULL || chdir(ask->folder) == 0)
        (void)execve(ask->path, ask->words, ask->env);
    say(link, CHILD_NOT_RUN, errno);
    _exit(NOT_RUN);
}

/* Input, output, words and link as 0, 1, 2 and 3; the rest of our descriptors is not theirs. */
static bool take_descriptors(int out, int err, int link) {
    const int null = open("/dev/null", O_RDONLY);
    const int in = fcntl(null, F_DUPFD, ABOVE), o = fcntl(out, F_DUPFD, ABOVE),
              e = fcntl(err, F_DUPFD, ABOVE), l = fcntl(link, F_DUPFD, ABOVE);
    if (dup2(in, 0) < 0 || dup2(o, 1) < 0 || dup2(e, 2) < 0 || dup2(l, 3) < 0)
        return false;
    (void)fcntl(3, F_SETFD, FD_CLOEXEC);
    return close_range(4, ~0U, 0) == 0;
}

static _Noreturn void guard(const struct child_ask *ask, pid_t parent, int out, int err, int link) {
    int status = 0;
    (void)setpgid(0, 0);
    default_signals();
    (void)signal(SIGTERM, SIG_IGN); /* is for the others of the group */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGUSR1, on_orphaned);
    (void)prctl(PR_SET_NAME, "plantbus-guard");
    (void)prctl(PR_SET_PDEATHSIG, SIGUSR1);
    if (getppid() != parent)
        on_orphaned(SIGUSR1);
    if (!take_descriptors(out, err, link)) {
        say(link, CHILD_NOT_RUN, errno);
        _exit(NOT_RUN);
    }
    const pid_t program = fork();
    if (program == 0)
        run_program(ask, 3);
    if (program < 0)
        say(3, CHILD_NOT_RUN, errno);
    for (int i = 0; i < 3; i++)
        (void)close(i);
    while (program > 0 && waitpid(program, &status, 0) < 0 && errno == EINTR) {
    }
    if (program > 0 && WIFSIGNALED(status))
        say(3, CHILD_KILLED, WTERMSIG(status));
    else if (program > 0)
        say(3, CHILD_EXITED, WEXITSTATUS(status));
    (void)kill(0, SIGKILL); /* what it left behind, and the guard */
    _exit(0);
}

/* --- from our side ------------------------------------------------------------------------------
 */

static enum err open_pipes(int out[2], int err[2], int link[2]) {
    if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC) ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link))
        return ERR_IO;
    return fcntl(out[0], F_SETFL, O_NONBLOCK) || fcntl(err[0], F_SETFL, O_NONBLOCK) ||
                   fcntl(link[0], F_SETFL, O_NONBLOCK)
               ? ERR_IO
               : ERR_OK;
}

enum err child_open(struct child *c, const struct child_ask *ask) {
    int out[2] = {-1, -1}, err[2] = {-1, -1}, link[2] = {-1, -1};
    const pid_t us = getpid();
    *c = (struct child){.out = -1, .err = -1, .link = -1};
    enum err e = open_pipes(out, err, link);
    pid_t made = e == ERR_OK ? fork() : -1;
    if (made == 0)
        guard(ask, us, out[1], err[1], link[1]);
    shut(&out[1]);
    shut(&err[1]);
    shut(&link[1]);
    if (made < 0) {
        shut(&out[0]);
        shut(&err[0]);
        shut(&link[0]);
        return ERR_IO;
    }
    (void)setpgid(made, made); /* whoever is first */
    *c = (struct child){made, out[0], err[0], link[0]};
    return ERR_OK;
}

void child_end(const struct child *c, bool now) {
    if (c->guard > 0)
        (void)kill(-c->guard, now ? SIGKILL : SIGTERM);
}

/* The first message counts: a program that was not run ends with a code, too. */
static void read_end(const struct child *c, struct child_end *end) {
    struct message m;
    *end = (struct child_end){CHILD_LOST, 0};
    if (read(c->link, &m, sizeof m) == (ssize_t)sizeof m)
        *end = (struct child_end){(enum child_how)m.how, m.number};
}

bool child_reap(struct child *c, struct child_end *end) {
    if (c->guard > 0 && waitpid(c->guard, NULL, WNOHANG) == 0)
        return false;
    read_end(c, end);
    shut(&c->err);
    shut(&c->link);
    c->guard = 0;
    return true;
}

void child_close(struct child *c, int64_t grace_ms) {
    struct child_end end;
    const int64_t until_ms = clock_mono_ms() + grace_ms;
    if (c->guard > 0)
        child_end(c, false);
    while (c->guard > 0 && !child_reap(c, &end)) {
        if (clock_mono_ms() >= until_ms)
            child_end(c, true);
        (void)poll(NULL, 0, TURN_MS);
    }
    shut(&c->out);
    shut(&c->err);
    shut(&c->link);
}
