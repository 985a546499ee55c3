#include "support/disk_memory.h"

#include <stdlib.h>

enum { SECTOR_BYTES = 512 };

static struct disk_memory *self_of(struct disk *d) {
    return (struct disk_memory *)d; /* disk is its first member */
}

/* Counts an operation; false when the power is off. */
static bool alive(struct disk_memory *m) {
    if (!m->dead && m->die_at != 0 && m->ops + 1 >= m->die_at)
        m->dead = true;
    if (m->dead)
        return false;
    m->ops++;
    return true;
}

struct disk_memory_file *disk_memory_find(struct disk_memory *d, uint32_t id) {
    for (size_t i = 0; i < d->file_n; i++)
        if (d->files[i].id == id)
            return &d->files[i];
    return NULL;
}

size_t disk_memory_bytes(const struct disk_memory *d) {
    size_t sum = 0;
    for (size_t i = 0; i < d->file_n; i++)
        sum += d->files[i].n;
    return sum;
}

static enum err list(struct disk *d, struct disk_file *at, size_t max, size_t *n) {
    struct disk_memory *m = self_of(d);
    for (size_t i = 0; i < m->file_n && i < max; i++)
        at[i] = (struct disk_file){m->files[i].id, m->files[i].n};
    *n = m->file_n;
    return m->fail_read;
}

static struct disk_memory_file *slot(struct disk_memory_file **at, size_t *n, size_t *cap) {
    if (*n == *cap) {
        size_t more = *cap ? *cap * 2 : 16;
        struct disk_memory_file *fresh = realloc(*at, more * sizeof *fresh);
        if (!fresh)
            return NULL;
        *at = fresh;
        *cap = more;
    }
    return &(*at)[(*n)++];
}

static struct disk_memory_file *file_make(struct disk_memory *m, uint32_t id) {
    struct disk_memory_file *f = slot(&m->files, &m->file_n, &m->file_cap);
    if (f)
        *f = (struct disk_memory_file){.id = id};
    return f;
}

static void forget_gone(struct disk_memory *m) {
    while (m->gone_n > 0)
        free(m->gone[--m->gone_n].p);
}

static enum err write_at(struct disk *d, uint32_t file, uint64_t offset, struct span bytes) {
    struct disk_memory *m = self_of(d);
    if (!alive(m))
        return ERR_IO;
    m->writes++;
    if (m->fail_write)
        return m->fail_write;
    struct disk_memory_file *f = disk_memory_find(m, file);
    if (!f && offset == 0)
        f = file_make(m, file);
    if (!f || offset > f->n)
        return ERR_IO;
    size_t n = bytes.n;
    size_t total = disk_memory_bytes(m) - f->n + (size_t)offset;
    bool full = m->space != 0 && total + n > m->space;
    if (full)
        n = m->space > total ? m->space - total : 0;
    if (offset + n > f->cap) {
        size_t cap = (size_t)(offset + n) * 2;
        uint8_t *fresh = realloc(f->p, cap);
        if (!fresh)
            return ERR_IO;
        f->p = fresh;
        f->cap = cap;
    }
    if (n > 0)
        memcpy(f->p + offset, bytes.p, n);
    if (offset + n > f->n)
        f->n = (size_t)offset + n;
    return full ? ERR_FULL : ERR_OK;
}

static enum err read_at(struct disk *d, uint32_t file, uint64_t offset, void *p, size_t n,
                        size_t *got) {
    struct disk_memory *m = self_of(d);
    if (m->fail_read || m->dead || m->reads_left == 1)
        return ERR_IO;
    m->reads_left -= m->reads_left > 0;
    const struct disk_memory_file *f = disk_memory_find(m, file);
    if (!f)
        return ERR_NOT_FOUND;
    size_t left = offset < f->n ? f->n - (size_t)offset : 0;
    *got = left < n ? left : n;
    if (*got > 0)
        memcpy(p, f->p + offset, *got);
    return ERR_OK;
}

static enum err sync_file(struct disk *d, uint32_t file) {
    struct disk_memory *m = self_of(d);
    const struct disk_memory_file *f = disk_memory_find(m, file);
    if (!alive(m) || !f || m->syncing)
        return ERR_IO;
    m->syncing = true;
    m->sync_file = file;
    m->sync_n = f->n;
    return ERR_OK;
}

static enum err remove_file(struct disk *d, uint32_t file) {
    struct disk_memory *m = self_of(d);
    if (!alive(m))
        return ERR_IO;
    if (m->fail_remove)
        return m->fail_remove;
    struct disk_memory_file *f = disk_memory_find(m, file);
    if (!f)
        return ERR_NOT_FOUND;
    struct disk_memory_file *gone = f->named ? slot(&m->gone, &m->gone_n, &m->gone_cap) : NULL;
    m->removes++;
    if (gone)
        *gone = *f;
    else
        free(f->p);
    *f = m->files[--m->file_n];
    return ERR_OK;
}

static const struct disk_ops ops = {
    .list = list, .write = write_at, .read = read_at, .sync = sync_file, .remove = remove_file};

void disk_memory_init(struct disk_memory *d) {
    *d = (struct disk_memory){.disk = {.ops = &ops}};
}

void disk_memory_fini(struct disk_memory *d) {
    for (size_t i = 0; i < d->file_n; i++)
        free(d->files[i].p);
    forget_gone(d);
    free(d->files);
    free(d->gone);
    disk_memory_init(d);
}

bool disk_memory_step(struct disk_memory *d) {
    if (!d->syncing)
        return false;
    d->syncing = false;
    if (!alive(d))
        return false; /* nobody is told any more */
    d->syncs++;
    struct disk_memory_file *f = disk_memory_find(d, d->sync_file);
    enum err rc = d->fail_sync;
    if (!rc && f) {
        if (!f->named) /* then the folder is synced, too */
            forget_gone(d);
        f->named = true;
        f->synced = d->sync_n > f->synced ? d->sync_n : f->synced;
    }
    if (d->disk.on_sync)
        d->disk.on_sync(d->disk.user, d->sync_file, rc);
    return true;
}

void disk_memory_settle(struct disk_memory *d) {
    while (disk_memory_step(d))
        continue;
}

static uint64_t mix(uint64_t *seed) { /* splitmix64 */
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Of the bytes not synced a prefix stays, and sectors inside of it may have missed the disk. */
static void tear(struct disk_memory_file *f, uint64_t *seed) {
    size_t open = f->n - f->synced;
    if (open == 0)
        return;
    f->n = f->synced + (size_t)(mix(seed) % (open + 1));
    for (size_t at = f->synced; at < f->n; at += SECTOR_BYTES) {
        if (mix(seed) % 4 != 0)
            continue;
        size_t n = f->n - at < SECTOR_BYTES ? f->n - at : SECTOR_BYTES;
        memset(f->p + at, 0, n);
    }
}

/* Names whose deletion had not reached the disk. */
static void bring_back(struct disk_memory *d, uint64_t *seed) {
    for (size_t i = 0; i < d->gone_n; i++) {
        bool back = mix(seed) % 2 == 0 && !disk_memory_find(d, d->gone[i].id);
        struct disk_memory_file *f = back ? slot(&d->files, &d->file_n, &d->file_cap) : NULL;
        if (!f)
            continue;
        *f = d->gone[i];
        d->gone[i].p = NULL;
        tear(f, seed);
        f->synced = f->n;
    }
    forget_gone(d);
}

void disk_memory_crash(struct disk_memory *d, uint64_t seed) {
    size_t kept = 0;
    for (size_t i = 0; i < d->file_n; i++) {
        struct disk_memory_file f = d->files[i];
        if (!f.named && mix(&seed) % 2 == 0) {
            free(f.p);
            continue;
        }
        tear(&f, &seed);
        f.named = true;
        f.synced = f.n; /* what is there after the crash is on the disk */
        d->files[kept++] = f;
    }
    d->file_n = kept;
    bring_back(d, &seed);
    disk_memory_kill(d);
}

void disk_memory_kill(struct disk_memory *d) {
    d->syncing = d->dead = false;
    d->die_at = d->ops = 0;
    d->fail_write = d->fail_sync = d->fail_read = d->fail_remove = ERR_OK;
    d->disk.on_sync = NULL;
}

enum err disk_memory_copy(const struct disk_memory *from, struct disk_memory *to) {
    disk_memory_init(to);
    for (size_t i = 0; i < from->file_n; i++) {
        const struct disk_memory_file *f = &from->files[i];
        struct disk_memory_file *g = file_make(to, f->id);
        if (!g || !(g->p = malloc(f->n + 1))) {
            disk_memory_fini(to);
            return ERR_NOMEM;
        }
        if (f->n > 0)
            memcpy(g->p, f->p, f->n);
        g->n = f->n;
        g->cap = f->n + 1;
        g->named = f->named;
        g->synced = f->synced;
    }
    return ERR_OK;
}
