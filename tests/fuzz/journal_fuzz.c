/* Whatever stands on the disk, the journal starts, gives back only frames that parse, in order and
 * without a hole, and goes on writing. The input is either a file as it is, or a list of edits
 * [offset u16, byte] of a sound journal, since checksums keep raw input from going deep. */
#include <stdio.h>
#include <stdlib.h>

#include "journal/journal.h"
#include "support/disk_memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { E1 = 101, E2 = 102, STEPS_MAX = 100000 };

static void check(bool ok) {
    if (!ok)
        abort();
}

static struct journal *start(struct disk_memory *d, uint64_t epoch, uint16_t *point) {
    struct journal_conf c;
    struct journal *j = NULL;
    journal_conf_init(&c);
    c.segment_bytes = 600;
    check(ident_set(&c.agent, span_str("gw-1")));
    if (journal_open(&c, &d->disk, NULL, epoch, 0, 1000000, &j))
        return NULL;
    struct point p = {.type = POINT_COUNTER, .num = 1, .den = 1};
    (void)snprintf(p.name, sizeof p.name, "c");
    check(journal_add_point(j, &p, point) == ERR_OK);
    disk_memory_settle(d);
    journal_tick(j, 0, 1000000);
    disk_memory_settle(d);
    return j;
}

static void write_some(struct disk_memory *d, struct journal *j, uint16_t point) {
    struct batch_writer w;
    batch_writer_init(&w);
    for (int64_t v = 1; v <= 12; v++) {
        struct reading r = {.point = point, .t_ms = 1000000};
        r.v.kind = VALUE_INT;
        r.v.as.i = v;
        batch_writer_reset(&w, 1000000);
        check(batch_writer_add(&w, &r) == ERR_OK);
        struct journal_entry e = {.batch = &w};
        if (journal_append(j, &e, v * 1000, 1000000) == ERR_BUSY) {
            disk_memory_settle(d);
            check(journal_append(j, &e, v * 1000, 1000000) == ERR_OK);
        }
        journal_flush(j);
        disk_memory_settle(d);
    }
    batch_writer_fini(&w);
}

static void read_all(struct journal *j) {
    struct journal_cursor *c;
    size_t n, steps = 0;
    check(journal_cursor_open(&c) == ERR_OK);
    const struct journal_epoch *e = journal_epochs(j, &n);
    for (size_t i = 0; i < n; i++)
        for (uint64_t seq = e[i].base; seq <= e[i].last && steps < STEPS_MAX; steps++) {
            struct journal_record r;
            struct batch b;
            enum batch_fault fault;
            check(journal_read(j, c, e[i].epoch, seq, &r) == ERR_OK);
            check(batch_parse(r.frame, &b, &fault) == ERR_OK);
            check(r.to >= seq && r.to <= e[i].last);
            check(b.head.epoch == e[i].epoch && b.head.seq == r.to);
            seq = r.to + 1;
        }
    journal_cursor_close(c);
}

static void put_raw(struct disk_memory *d, const uint8_t *data, size_t size) {
    check(d->disk.ops->write(&d->disk, 1, 0, span_of(data, size)) == ERR_OK);
}

static void edit(struct disk_memory *d, const uint8_t *data, size_t size) {
    uint16_t point;
    struct journal *j = start(d, E1, &point);
    check(j != NULL);
    write_some(d, j, point);
    journal_close(j);
    disk_memory_kill(d);
    for (size_t at = 0; at + 4 <= size; at += 4) {
        struct disk_memory_file *f = &d->files[data[at] % d->file_n];
        size_t offset = (size_t)(data[at + 1] | data[at + 2] << 8);
        if (data[at] >= 0xf0)
            f->n = offset < f->n ? offset : f->n;
        else if (f->n > 0)
            f->p[offset % f->n] = data[at + 3];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct disk_memory d;
    uint16_t point;
    if (size == 0)
        return 0;
    disk_memory_init(&d);
    if (data[0] & 1)
        put_raw(&d, data + 1, size - 1);
    else
        edit(&d, data + 1, size - 1);
    struct journal *j = start(&d, E2, &point);
    if (j) {
        read_all(j);
        write_some(&d, j, point);
        read_all(j);
        journal_check(j);
    }
    journal_close(j);
    disk_memory_fini(&d);
    return 0;
}
