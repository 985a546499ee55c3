/* plantbus watch: the state of the plant in a terminal, asked for every second. What is old looks
 * old: ages go on while no answer comes. */
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ident.h"
#include "ctl/args.h"
#include "ctl/cells.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/screen.h"
#include "ctl/terminal.h"

enum { EVERY_MS = 1000 };

struct options {
    const char *socket, *url, *node;
    bool once;
};

struct watch {
    struct client client;
    const struct options *o;
    uv_timer_t timer;
    uv_signal_t resize, interrupt, terminate;
    uv_tty_t keys;
    bool has_keys, asking, leaving, colour;
    char path[128];
    struct json_value *view; /* the newest answer; NULL: none yet */
    int64_t view_mono_ms, begun_mono_ms;
    char trouble[CLIENT_WHY]; /* of the newest try, "" when it went well */
    struct buf frame, text;
};

/* --- drawing ------------------------------------------------------------------------------------
 */

/* Nothing has been heard yet: the aggregator is not there, or starts. */
static void waiting(struct watch *w, unsigned width) {
    struct cells c = {.out = &w->text, .width = width, .colour = w->colour};
    char age[24], text[64];
    screen_duration(clock_mono_ms() - w->begun_mono_ms, age);
    (void)snprintf(text, sizeof text, "waiting for the aggregator for %s", age);
    cells_put(&c, STYLE_WARN, span_str(text));
    cells_end(&c);
    cells_put(&c, STYLE_PLAIN, span_str(w->trouble));
    cells_end(&c);
}

static void render(struct watch *w, unsigned width) {
    const struct screen_conf conf = {.width = width,
                                     .colour = w->colour,
                                     .since_ms = clock_mono_ms() - w->view_mono_ms,
                                     .trouble = w->trouble[0] ? w->trouble : NULL};
    buf_reset(&w->text);
    if (!w->view)
        waiting(w, width);
    else if (screen_render(w->view, &conf, &w->text))
        (void)buf_add_str(&w->text, "the answer is no view of a node\n");
}

static unsigned lines_of(const struct buf *text) {
    unsigned n = 0;
    for (size_t i = 0; i < text->n; i++)
        n += text->p[i] == '\n';
    return n;
}

/* The lines in place of the old picture. What there is no room for is counted, not kept quiet. */
static void draw(struct watch *w) {
    unsigned width, height, line = 0;
    terminal_size(&width, &height);
    render(w, width);
    unsigned all = lines_of(&w->text), room = height > 2 ? height - 1 : UINT_MAX;
    buf_reset(&w->frame);
    (void)buf_add_str(&w->frame, "\033[H");
    for (size_t i = 0; i < w->text.n && line < room; i++) {
        if (w->text.p[i] != '\n') {
            (void)buf_add_byte(&w->frame, w->text.p[i]);
            continue;
        }
        (void)buf_add_str(&w->frame, "\033[K\r\n");
        line++;
    }
    (void)buf_add_str(&w->frame, w->colour ? "\033[J\033[2m" : "\033[J");
    if (all > line)
        (void)buf_addf(&w->frame, "%u more lines; ", all - line);
    (void)buf_add_str(&w->frame, w->colour ? "q leaves\033[0m" : "q leaves");
    (void)fwrite(w->frame.p, 1, w->frame.n, stdout);
    (void)fflush(stdout);
}

/* --- asking -------------------------------------------------------------------------------------
 */

static void take(struct watch *w, const struct client_answer *a) {
    struct json_value *view = NULL;
    struct json_error wrong;
    (void)snprintf(w->trouble, sizeof w->trouble, "%s", a->ok ? "" : a->why);
    if (!a->ok)
        return;
    if (json_parse(a->body, NULL, &view, &wrong)) {
        (void)snprintf(w->trouble, sizeof w->trouble, "the answer is no JSON: %s", wrong.text);
        return;
    }
    json_close(w->view);
    w->view = view;
    w->view_mono_ms = clock_mono_ms();
}

static void on_answer(void *user, const struct client_answer *a) {
    struct watch *w = user;
    w->asking = false;
    take(w, a);
    if (!w->leaving)
        draw(w);
}

/* The site is the node when none is named. */
static bool take_site(struct watch *w, struct span body) {
    struct json_value *root = NULL;
    struct span id = {0};
    bool ok = json_parse(body, NULL, &root, NULL) == ERR_OK &&
              json_string_of(json_find(root, "site"), &id) == ERR_OK && ident_check(id);
    if (ok)
        (void)snprintf(w->path, sizeof w->path, "/api/v1/nodes/%.*s", (int)id.n,
                       (const char *)id.p);
    json_close(root);
    return ok;
}

static void ask(struct watch *w);

static void on_plant(void *user, const struct client_answer *a) {
    struct watch *w = user;
    w->asking = false;
    (void)snprintf(w->trouble, sizeof w->trouble, "%s", a->ok ? "" : a->why);
    if (a->ok && !take_site(w, a->body))
        (void)snprintf(w->trouble, sizeof w->trouble, "the answer names no site");
    if (w->path[0])
        ask(w);
    else if (!w->leaving)
        draw(w);
}

static void ask(struct watch *w) {
    if (w->asking || w->leaving)
        return;
    w->asking = client_send(&w->client, w->path[0] ? w->path : "/api/v1/plant",
                            w->path[0] ? on_answer : on_plant, w) == ERR_OK;
}

static void on_timer(uv_timer_t *t) {
    struct watch *w = t->data;
    if (w->asking) /* slow: the picture ages meanwhile */
        draw(w);
    ask(w);
}

/* --- the terminal -------------------------------------------------------------------------------
 */

static void leave(struct watch *w) {
    if (w->leaving)
        return;
    w->leaving = true;
    uv_close((uv_handle_t *)&w->timer, NULL);
    uv_close((uv_handle_t *)&w->resize, NULL);
    uv_close((uv_handle_t *)&w->interrupt, NULL);
    uv_close((uv_handle_t *)&w->terminate, NULL);
    if (w->has_keys) {
        uv_tty_set_mode(&w->keys, UV_TTY_MODE_NORMAL);
        uv_close((uv_handle_t *)&w->keys, NULL);
    }
    uv_stop(&w->client.loop);
}

static void on_signal(uv_signal_t *s, int number) {
    struct watch *w = s->data;
    if (number == SIGWINCH)
        draw(w);
    else
        leave(w);
}

static void on_room(uv_handle_t *h, size_t suggested, uv_buf_t *out) {
    (void)h;
    (void)suggested;
    out->base = malloc(64);
    out->len = out->base ? 64 : 0;
}

static void on_keys(uv_stream_t *s, ssize_t n, const uv_buf_t *b) {
    struct watch *w = s->data;
    bool quit = n < 0; /* the terminal is gone */
    for (ssize_t i = 0; i < n; i++)
        quit = quit || b->base[i] == 'q' || b->base[i] == 'Q' || b->base[i] == 3;
    free(b->base);
    if (quit)
        leave(w);
}

static void begin_terminal(struct watch *w) {
    uv_loop_t *loop = &w->client.loop;
    uv_timer_init(loop, &w->timer);
    uv_signal_init(loop, &w->resize);
    uv_signal_init(loop, &w->interrupt);
    uv_signal_init(loop, &w->terminate);
    w->timer.data = w->resize.data = w->interrupt.data = w->terminate.data = w;
    uv_timer_start(&w->timer, on_timer, EVERY_MS, EVERY_MS);
    uv_signal_start(&w->resize, on_signal, SIGWINCH);
    uv_signal_start(&w->interrupt, on_signal, SIGINT);
    uv_signal_start(&w->terminate, on_signal, SIGTERM);
    w->has_keys = isatty(STDIN_FILENO) && uv_tty_init(loop, &w->keys, STDIN_FILENO, 1) == 0;
    if (w->has_keys) {
        w->keys.data = w;
        uv_tty_set_mode(&w->keys, UV_TTY_MODE_RAW);
        uv_read_start((uv_stream_t *)&w->keys, on_room, on_keys);
    }
}

static int run_live(struct watch *w) {
    begin_terminal(w);
    (void)fputs("\033[?1049h\033[?25l", stdout); /* the other screen, no cursor */
    ask(w);
    draw(w);
    uv_run(&w->client.loop, UV_RUN_DEFAULT);
    (void)fputs("\033[?25h\033[?1049l", stdout);
    (void)fflush(stdout);
    return CTL_OK;
}

static int run_once(struct watch *w) {
    struct buf body;
    struct client_answer a = {0};
    unsigned width, height;
    buf_init(&body);
    a.ok = client_get(&w->client, w->path, &body, a.why);
    a.body = buf_span(&body);
    take(w, &a);
    buf_fini(&body);
    if (!w->view) {
        fprintf(stderr, "plantbus: %s\n", w->trouble);
        return CTL_FAILED;
    }
    terminal_size(&width, &height);
    render(w, width);
    (void)fwrite(w->text.p, 1, w->text.n, stdout);
    return fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
}

static bool find_site(struct watch *w) {
    struct buf body;
    char why[CLIENT_WHY];
    buf_init(&body);
    bool ok = client_get(&w->client, "/api/v1/plant", &body, why);
    if (!ok)
        fprintf(stderr, "plantbus: %s\n", why);
    else if (!take_site(w, buf_span(&body)))
        fprintf(stderr, "plantbus: the answer names no site\n");
    buf_fini(&body);
    return w->path[0] != 0;
}

static int run(const struct options *o) {
    struct watch w = {.o = o, .colour = terminal_colour(), .begun_mono_ms = clock_mono_ms()};
    bool live = !o->once && terminal_live();
    int code = CTL_FAILED;
    buf_init(&w.frame);
    buf_init(&w.text);
    if (o->node)
        (void)snprintf(w.path, sizeof w.path, "/api/v1/nodes/%s", o->node);
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* widths of characters */
    if (client_open(&w.client, o->socket, o->url))
        fprintf(stderr, "plantbus: out of memory\n");
    else if (live)
        code = run_live(&w); /* also while the aggregator is not there: it will come */
    else if (w.path[0] || find_site(&w))
        code = run_once(&w);
    client_close(&w.client);
    json_close(w.view);
    buf_fini(&w.frame);
    buf_fini(&w.text);
    return code;
}

int watch_run(int argc, char **argv) {
    struct options o = {0};
    const struct args_row rows[] = {
        {"socket", "PATH", ARGS_TEXT, &o.socket, "UNIX socket; else $PLANTBUS_SOCKET"},
        {"url", "URL", ARGS_TEXT, &o.url, "address of the page; else http://127.0.0.1:8080"},
        {"node", "ID", ARGS_TEXT, &o.node, "a node of the plant; else the site"},
        {"once", NULL, ARGS_FLAG, &o.once, "print once and leave; so it is without a terminal"}};
    const struct args args = {
        .usage = "watch [--socket PATH | --url URL] [--node ID] [--once]",
        .about =
            "Shows the four classes of a node and its units, live. Values of units are of the\n"
            "shift, else of the day. q or Ctrl-C leaves. Waits for an aggregator that is not\n"
            "there. NO_COLOR is respected.",
        .rows = rows,
        .row_n = sizeof rows / sizeof *rows};
    struct args_texts operands;
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    if (o.node && !ident_check(span_str(o.node))) {
        fprintf(stderr, "plantbus: %s is no id\n", o.node);
        return CTL_USAGE;
    }
    return run(&o);
}
