/* Words: every text that came as a value, by a small number. Numbers depend on arrival and never
 * leave the store: whatever is published carries the text. */
#include <stdlib.h>

#include "engine/parts.h"

static enum err add(struct words *w, struct span text) {
    if (w->n == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 64;
        struct word **at = realloc(w->at, cap * sizeof(struct word *));
        if (!at)
            return ERR_NOMEM;
        w->at = at;
        w->cap = cap;
    }
    struct word *word = calloc(1, sizeof *word + text.n + 1);
    if (!word)
        return ERR_NOMEM;
    uint8_t *copy = (uint8_t *)(word + 1);
    memcpy(copy, text.p, text.n);
    word->text = span_of(copy, text.n);
    word->id = (uint32_t)w->n + 1;
    HASH_ADD_KEYPTR(hh, w->by_text, word->text.p, word->text.n, word);
    if (!word->hh.tbl) {
        free(word);
        return ERR_NOMEM;
    }
    w->at[w->n++] = word;
    return ERR_OK;
}

enum err words_get(struct words *w, struct span text, uint32_t *id) {
    struct word *found = NULL;
    if (text.n == 0) {
        *id = 0;
        return ERR_OK;
    }
    HASH_FIND(hh, w->by_text, text.p, text.n, found);
    if (!found) {
        enum err err = add(w, text);
        if (err)
            return err;
        found = w->at[w->n - 1];
    }
    *id = found->id;
    return ERR_OK;
}

struct span words_text(const struct words *w, uint32_t id) {
    return id && id <= w->n ? w->at[id - 1]->text : span_of(NULL, 0);
}

uint32_t words_find(const struct words *w, struct span text) {
    const struct word *found = NULL;
    HASH_FIND(hh, w->by_text, text.p, text.n, found);
    return found ? found->id : 0;
}

uint32_t core_word_number(const struct core *c, const char *text) {
    return words_find(&c->words, span_str(text));
}

enum err words_put(struct words *w, uint32_t id, struct span text) {
    if (id != w->n + 1 || text.n == 0)
        return ERR_FORMAT;
    enum err err = add(w, text);
    if (!err)
        w->stored_n = w->n;
    return err;
}

void words_fini(struct words *w) {
    HASH_CLEAR(hh, w->by_text);
    for (size_t i = 0; i < w->n; i++)
        free(w->at[i]);
    free(w->at);
    *w = (struct words){0};
}

static enum err word_of(void *user, struct span text, uint32_t *id) {
    return words_get(user, text, id);
}

static struct span text_of(void *user, uint32_t word) {
    return words_text(user, word);
}

struct cell_words words_of_cells(struct words *w) {
    return (struct cell_words){.text = text_of, .word = word_of, .user = w};
}
