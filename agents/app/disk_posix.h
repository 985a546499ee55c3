/* The journal's disk port over one folder of a file system. Syncs run on libuv's worker threads;
 * everything else is done at once, in the page cache. */
#ifndef PB_AGENT_DISK_POSIX_H
#define PB_AGENT_DISK_POSIX_H

#include "journal/disk.h"
#include "metric/metric.h"

struct uv_loop_s;
struct disk_posix;

/* Opens the folder (made if it is missing) and locks it against a second process. The loop must
 * outlive the disk. after_sync is called on the loop after on_sync was. ERR_BUSY: another process
 * has it; ERR_IO, ERR_NOMEM. */
enum err disk_posix_open(const char *folder, struct uv_loop_s *loop, void (*after_sync)(void *user),
                         void *user, struct disk_posix **out);
struct disk *disk_posix_port(struct disk_posix *d);
/* How long syncs took on the worker, failed ones too. */
const struct metric_histogram *disk_posix_syncs(const struct disk_posix *d);
/* Not while a sync is under way: the loop must have run dry. */
void disk_posix_close(struct disk_posix *d);

#endif
