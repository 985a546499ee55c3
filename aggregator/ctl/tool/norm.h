/* plantbus norm: what its sub-commands share. */
#ifndef PB_CTL_NORM_H
#define PB_CTL_NORM_H

#include "base/buf.h"
#include "base/zone.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "json/json.h"

/* Each: argv[0] is the sub-command's name; gives an exit code. */
int norm_list_run(int argc, char **argv); /* norm_list.c */
int norm_show_run(int argc, char **argv);
int norm_why_run(int argc, char **argv);
int norm_due_run(int argc, char **argv);
int norm_give_run(int argc, char **argv);   /* norm_give.c: all that change one norm */
int norm_import_run(int argc, char **argv); /* norm_file.c */
int norm_export_run(int argc, char **argv);
int norm_audit_run(int argc, char **argv);

struct norm_link { /* to the aggregator */
    const char *socket, *url;
};
enum { NORM_LINK_ROWS = 2 };
void norm_link_rows(struct norm_link *l, struct args_row row[NORM_LINK_ROWS]);
/* Gets JSON; *root is the caller's to close. False: said on standard error. */
bool norm_ask(const struct norm_link *l, const char *path, struct json_value **root);
/* The zone of the aggregator's plant, the caller's to close. */
bool norm_zone(const struct norm_link *l, struct zone **out);

/* norm_give.c: sends one command under a key of its own until somebody answers. False: *why is a
 * sentence; the answer is appended to body. */
bool norm_send(struct client *c, struct span json, struct buf *body, char why[CLIENT_WHY]);
/* Writes {"event": ...} for people: "event 12: press-use is proposed", warnings, related norms. */
void norm_say(struct span body);

#endif
