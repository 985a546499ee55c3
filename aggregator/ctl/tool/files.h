/* Configuration files of all kinds: read, recognised by their keys, loaded and checked as the
 * programs do it. Mistakes become text for a person. */
#ifndef PB_CTL_FILES_H
#define PB_CTL_FILES_H

#include "conf/conf.h"
#include "plant/plant.h"

enum files_kind {
    FILES_PLANT,
    FILES_AGGREGATOR,
    FILES_AGENT,
    FILES_SOURCE,
    FILES_ALERTS, /* rules; without the plant only their form is looked at */
    FILES_NORM_SETTINGS,
    FILES_WHOLE, /* the kinds before are what a program reads, these are parts of such files */
    FILES_MAP = FILES_WHOLE, /* a state map */
    FILES_SIM,               /* settings of one source */
    FILES_CSV,
    FILES_LINES,
    FILES_NORMS, /* to be imported */
    FILES_KIND_COUNT
};

const char *files_kind_name(enum files_kind kind);
/* The kind of that name; FILES_KIND_COUNT if there is none. */
enum files_kind files_kind_find(const char *name);
const struct conf_schema *files_schema(enum files_kind kind);

/* Reads the whole file. ERR_IO with the reason in the report; ERR_RANGE over CONF_FILE_MAX. */
enum err files_read(const char *path, struct buf *out, struct conf_report *report);
/* The kind whose top-level keys the text has most of; FILES_KIND_COUNT: none fits. */
enum files_kind files_recognise(struct span text);
/* Loads and checks the file as its program does; mistakes are added to *mistakes as lines with
 * file, line and column. Of a plant file *plant is the result if plant is not NULL, owned by the
 * caller. ERR_IO, ERR_CONFIG, ERR_NOMEM. */
enum err files_check(enum files_kind kind, const char *path, struct buf *mistakes,
                     struct plant **plant);
/* The plant file of the path; reports as files_check. Notes go to *notes unless it is NULL. */
enum err files_load_plant(const char *path, struct buf *mistakes, struct buf *notes,
                          struct plant **out);
/* The same of bytes that came from elsewhere; file names them in the report. */
enum err files_parse_plant(struct span text, const char *file, struct buf *mistakes,
                           struct buf *notes, struct plant **out);
/* Loads an agent's file, with its rules across keys (files_agent.c). */
enum err files_check_agent(const char *path, struct buf *mistakes);
const struct conf_schema *files_agent_schema(void);
/* The text in front of the file's name, with its slash; "" for a file in the working directory. */
void files_folder(const char *path, struct buf *out);

#endif
