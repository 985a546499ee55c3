/* Norms from and to files, and the audit as a file. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/answer.h"
#include "ctl/files.h"
#include "ctl/norm.h"
#include "ctl/past_ask.h"
#include "normfile/normfile.h"
#include "views/norms.h"
#include "json/json_writer.h"

enum { PATH = 128, AUDIT_PAGE = 200 };

/* --- import ----------------------------------------------------------------------------------- */

static enum err put_leaf(void *user, const char *path, struct span text) {
    struct json_writer *w = user;
    json_writer_key(w, path);
    json_writer_string(w, text);
    return ERR_OK;
}

static void put(struct json_writer *w, const char *key, const char *text) {
    json_writer_key(w, key);
    json_writer_text(w, text);
}

static enum err form(const struct norm *n, const char *who, const char *why, struct buf *out) {
    struct json_writer w;
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    put(&w, "action", "import");
    put(&w, "id", n->id.s);
    put(&w, "who", who);
    put(&w, "why", why);
    put(&w, "evidence", n->document);
    json_writer_key(&w, "set");
    json_writer_begin_object(&w);
    enum err err = norm_each(n, PART_ALL, put_leaf, &w);
    json_writer_end_object(&w);
    json_writer_end_object(&w);
    return err ? err : json_writer_finish(&w);
}

/* Those that bind first, so that the others are held against them; of one chain the newest first,
 * for an older one then rewrites nothing. */
static int by_turn(const void *a, const void *b) {
    const struct norm *x = &((const struct normfile_norm *)a)->norm,
                      *y = &((const struct normfile_norm *)b)->norm;
    if (norm_is_own(x) != norm_is_own(y))
        return norm_is_own(x) - norm_is_own(y);
    if (x->from_ms != y->from_ms)
        return x->from_ms > y->from_ms ? -1 : 1;
    return strcmp(x->id.s, y->id.s);
}

struct tally {
    size_t taken, known, refused;
};

/* Where the norm stands in its file, with its mistakes in front of it. */
static void refuse(const struct normfile_norm *x, const char *why, const char *from) {
    if (x->pos.line)
        printf("! %s: %s (%s:%u:%u)\n", x->norm.id.s, why, from, (unsigned)x->pos.line,
               (unsigned)x->pos.column);
    else
        printf("! %s: %s\n", x->norm.id.s, why);
}

static void import_one(struct client *c, const struct normfile_norm *x, const char *who,
                       const char *from, struct tally *t) {
    const struct norm *n = &x->norm;
    struct json_value *root = NULL;
    struct buf json, body;
    char why[CLIENT_WHY] = "out of memory", reason[200];
    bool repeated = false;
    buf_init(&json);
    buf_init(&body);
    const char *slash = strrchr(from, '/'); /* where it lies is no concern of the ledger's */
    (void)snprintf(reason, sizeof reason, "imported from %.150s", slash ? slash + 1 : from);
    if (form(n, who, reason, &json) || !norm_send(c, buf_span(&json), &body, why)) {
        refuse(x, why, from);
        t->refused++;
    } else if (json_parse(buf_span(&body), NULL, &root, NULL) == ERR_OK) {
        (void)json_bool_of(json_find(root, "repeated"), &repeated);
        printf("%c %s\n", repeated ? '=' : '+', n->id.s);
        repeated ? t->known++ : t->taken++;
    }
    json_close(root);
    buf_fini(&json);
    buf_fini(&body);
}

static int import_all(const struct norm_link *link, struct normfile *f, const char *who,
                      const char *from) {
    struct client client;
    struct tally t = {0};
    if (f->n)
        qsort(f->at, f->n, sizeof *f->at, by_turn);
    const enum err opened = client_open(&client, link->socket, link->url);
    for (size_t i = 0; i < f->n && !opened; i++)
        import_one(&client, &f->at[i], who, from, &t);
    client_close(&client);
    if (opened) {
        fprintf(stderr, "plantbus: %s\n", err_name(opened));
        return CTL_FAILED;
    }
    printf("%zu taken, %zu known before, %zu refused\n", t.taken, t.known, t.refused);
    return t.refused || fflush(stdout) ? CTL_FAILED : CTL_OK;
}

/* What a plant file once said of norms: approved there, by whom, since when. */
static enum err norms_of_plant(const struct plant *p, const char *document, struct normfile *out) {
    *out = (struct normfile){.at = calloc(p->norm_n + 1, sizeof *out->at)};
    if (!out->at)
        return ERR_NOMEM;
    for (size_t i = 0; i < p->norm_n; i++) {
        const struct plant_norm *x = &p->norm[i];
        struct norm *n = &out->at[out->n].norm;
        if (indicator_find(x->indicator) == IND_MANNING)
            continue;
        norm_init(n);
        (void)snprintf(n->id.s, sizeof n->id.s, "%.22s-%.25s", p->node[x->node].id.s, x->indicator);
        n->indicator = (uint8_t)indicator_find(x->indicator);
        n->scope.node = p->node[x->node].id;
        n->value = x->value;
        n->from_ms = x->from_ms;
        n->basis.kind = BASIS_IMPORTED;
        n->approved_by = norm_texts_keep(&out->texts, span_str(x->approved_by));
        n->document = norm_texts_keep(&out->texts, span_str(document));
        if (!n->approved_by || !n->document)
            return ERR_NOMEM;
        out->n++;
    }
    return ERR_OK;
}

static int load_plant_norms(const char *path, const char *document, struct normfile *out) {
    struct plant *p = NULL;
    struct buf mistakes;
    buf_init(&mistakes);
    enum err err = files_load_plant(path, &mistakes, NULL, &p);
    fwrite(mistakes.p ? mistakes.p : (const uint8_t *)"", 1, mistakes.n, stderr);
    buf_fini(&mistakes);
    if (!err)
        err = norms_of_plant(p, document ? document : "plant file", out);
    plant_close(p);
    return err == ERR_NOMEM ? CTL_FAILED : err ? CTL_CONFIG : CTL_OK;
}

static enum err fill_documents(struct normfile *f, const char *document) {
    for (size_t i = 0; i < f->n && document; i++) {
        struct norm *n = &f->at[i].norm;
        if (!n->document[0] && !(n->document = norm_texts_keep(&f->texts, span_str(document))))
            return ERR_NOMEM;
    }
    return ERR_OK;
}

/* A file of norms, else a plant file. */
static int load(const struct norm_link *link, const char *path, const char *document,
                struct normfile *out) {
    struct conf_report report;
    struct zone *zone = NULL;
    struct buf text, mistakes;
    buf_init(&text);
    buf_init(&mistakes);
    conf_report_init(&report);
    enum err err = files_read(path, &text, &report);
    const bool plant = !err && files_recognise(buf_span(&text)) == FILES_PLANT;
    if (!err && !plant && !norm_zone(link, &zone))
        err = ERR_IO;
    else if (!err && !plant)
        err = normfile_load(buf_span(&text), path, zone, &report, out);
    if (!err && !plant)
        err = fill_documents(out, document);
    (void)conf_report_format(&report, &mistakes);
    fwrite(mistakes.p ? mistakes.p : (const uint8_t *)"", 1, mistakes.n, stderr);
    zone_close(zone);
    conf_report_fini(&report);
    buf_fini(&mistakes);
    buf_fini(&text);
    if (!err && plant)
        return load_plant_norms(path, document, out);
    return err == ERR_CONFIG ? CTL_CONFIG : err ? CTL_FAILED : CTL_OK;
}

int norm_import_run(int argc, char **argv) {
    struct norm_link link = {0};
    const char *who = NULL, *document = NULL;
    struct args_row rows[2 + NORM_LINK_ROWS] = {
        {"who", "TEXT", ARGS_TEXT, &who, "who imports them; needed"},
        {"document", "TEXT", ARGS_TEXT, &document, "of norms that name none"}};
    const struct args args = {
        .usage = "norm import FILE --who TEXT [OPTION...]",
        .about =
            "Takes norms from a file (plantbus reference norms), each once: what is known stays.\n"
            "Those of the state and others come first, for ours are held against them. Of a plant\n"
            "file it takes what stands under `norms:`, as norms in force.",
        .rows = rows,
        .row_n = 2 + NORM_LINK_ROWS,
        .least = 1,
        .most = 1};
    struct args_texts operands;
    struct normfile f = {0};
    norm_link_rows(&link, rows + 2);
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    if (v != ARGS_GO)
        return args_exit(v);
    int code = load(&link, operands.at[0], document, &f);
    if (code == CTL_OK)
        code = import_all(&link, &f, who, operands.at[0]);
    normfile_fini(&f);
    return code;
}

/* --- export ----------------------------------------------------------------------------------- */

static enum err take_page(const struct json_value *list, struct normfile *f) {
    struct ledger_refusal why = {.field = ""};
    const size_t n = json_count(list);
    struct normfile_norm *at = realloc(f->at, (f->n + n + 1) * sizeof *at);
    enum err err = ERR_OK;
    if (!at)
        return ERR_NOMEM;
    f->at = at;
    for (size_t i = 0; i < n && !err; i++) {
        const struct json_value *x = json_at(list, i);
        struct norm *to = &f->at[f->n++].norm;
        norm_init(to);
        if (!ident_set(&to->id, answer_text(x, "id")))
            return ERR_FORMAT;
        err = norm_form_fields(json_find(x, "fields"), NULL, to, &f->texts, &why);
        if (err)
            fprintf(stderr, "plantbus: %s: %s\n", to->id.s, why.why);
    }
    return err;
}

static int by_id(const void *a, const void *b) {
    return strcmp(((const struct normfile_norm *)a)->norm.id.s,
                  ((const struct normfile_norm *)b)->norm.id.s);
}

static bool fetch_all(const struct norm_link *link, struct normfile *f) {
    int64_t from = 0;
    bool ok = true, more = true;
    while (ok && more) {
        struct json_value *root = NULL;
        char path[PATH];
        (void)snprintf(path, sizeof path, "/api/v1/norms?limit=100&from=%" PRId64, from);
        ok = norm_ask(link, path, &root) && take_page(json_find(root, "norms"), f) == ERR_OK;
        more = json_int64_of(json_find(root, "next"), &from) == ERR_OK;
        json_close(root);
    }
    if (ok && f->n)
        qsort(f->at, f->n, sizeof *f->at, by_id);
    return ok;
}

static int export_all(const struct norm_link *link) {
    struct normfile f = {0};
    struct buf out;
    const struct norm **at = NULL;
    buf_init(&out);
    bool ok = fetch_all(link, &f) && (at = calloc(f.n + 1, sizeof *at)) != NULL;
    for (size_t i = 0; i < f.n && ok; i++)
        at[i] = &f.at[i].norm;
    ok = ok && normfile_format(at, f.n, &out) == ERR_OK &&
         fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0;
    free(at);
    buf_fini(&out);
    normfile_fini(&f);
    return ok ? CTL_OK : CTL_FAILED;
}

int norm_export_run(int argc, char **argv) {
    struct norm_link link = {0};
    struct args_row rows[NORM_LINK_ROWS];
    const struct args args = {
        .usage = "norm export [OPTION...]",
        .about = "Writes all norms, with their states and records, as a file that import takes.\n"
                 "What was done to them stands in the audit.",
        .rows = rows,
        .row_n = NORM_LINK_ROWS};
    struct args_texts operands;
    norm_link_rows(&link, rows);
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    return v == ARGS_GO ? export_all(&link) : args_exit(v);
}

/* --- audit ------------------------------------------------------------------------------------ */

/* Events have no holes: a page that is not full of them is the last. */
static int audit(const struct norm_link *link, const char *format) {
    int64_t from = 1, last = 0;
    struct json_value *head = NULL;
    if (!norm_ask(link, "/api/v1/norms?limit=1", &head))
        return CTL_FAILED;
    last = answer_number(head, "events");
    json_close(head);
    bool ok = true;
    for (; ok && (from <= last || from == 1); from += AUDIT_PAGE) {
        struct buf body;
        char path[PATH];
        buf_init(&body);
        (void)snprintf(path, sizeof path, "/api/v1/norms/audit?limit=200&format=%.5s&from=%" PRId64,
                       format, from);
        ok = past_get(link->socket, link->url, path, &body) &&
             fwrite(body.p ? body.p : (const uint8_t *)"", 1, body.n, stdout) == body.n;
        buf_fini(&body);
    }
    return ok && fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
}

int norm_audit_run(int argc, char **argv) {
    struct norm_link link = {0};
    bool csv = false;
    struct args_row rows[1 + NORM_LINK_ROWS] = {
        {"csv", NULL, ARGS_FLAG, &csv, "CSV, a change a line; else JSON, an event a line"}};
    const struct args args = {
        .usage = "norm audit [OPTION...]",
        .about = "Writes all that was ever done to norms: who, when, from, to, why, evidence.",
        .rows = rows,
        .row_n = 1 + NORM_LINK_ROWS};
    struct args_texts operands;
    norm_link_rows(&link, rows + 1);
    enum args_verdict v = args_parse(&args, argc, argv, &operands);
    return v == ARGS_GO ? audit(&link, csv ? "csv" : "jsonl") : args_exit(v);
}
