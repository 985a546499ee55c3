#include "outbox/outbox_page.h"

#include <stdio.h>

static void say_parked(const struct outbox_conf *conf, const char *words) {
    if (conf->on_note)
        conf->on_note(conf->note_user, true, "row_parked", words);
}

static enum err take_row(const struct page_source *from, struct page *p,
                         const struct store_item *item) {
    struct row *r = &p->row[p->n];
    *r = (struct row){0};
    enum err err = window_key_unpack(item->key, &r->window.key);
    if (!err)
        err = window_unpack(item->value, &r->window);
    if (!err && from->conf->node)
        r->window.key.node = from->conf->node(from->conf->word_user, r->window.key.node);
    if (!err && r->window.key.node >= from->plant->node_n)
        err = ERR_NOT_FOUND; /* the plant file lost this node: its rows wait until it is back */
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (!err && r->window.key.kind == WINDOW_ORDER &&
        from->plant->node[r->window.key.node].unit == UINT32_MAX)
        err = ERR_FORMAT; /* orders are of units */
    if (err) {            /* our own bytes are damaged: parked, not sent */
        r->fate = DEAD;
        snprintf(r->words, sizeof r->words, "the stored row is damaged: %s", err_name(err));
    }
    r->key.n = item->key.n;
    r->value.n = item->value.n;
    r->retract = !err && from->retracts && r->window.revision > 0 &&
                 indicator_lost(&r->window.told, &r->window.sums);
    if (err)
        say_parked(from->conf, r->words);
    err = buf_add(&p->bytes, item->key.p, item->key.n);
    if (!err)
        err = buf_add(&p->bytes, item->value.p, item->value.n);
    if (!err)
        p->n++;
    return err;
}

enum err page_take(struct page *p, const struct page_source *from, const struct store_rows *rows,
                   size_t row_max) {
    enum err err = ERR_OK;
    size_t at = 0;
    p->n = 0;
    buf_reset(&p->bytes);
    for (size_t i = 0; !err && i < rows->n && i < row_max; i++)
        err = take_row(from, p, &rows->at[i]);
    for (size_t i = 0; i < p->n; i++) { /* the bytes stand still from here on */
        p->row[i].key.p = p->bytes.p + at;
        at += p->row[i].key.n;
        p->row[i].value.p = p->bytes.p + at;
        at += p->row[i].value.n;
    }
    p->n = err ? 0 : p->n;
    return err;
}
