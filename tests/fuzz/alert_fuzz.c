/* Any bytes as a stored transition, as rows of the engine and as a posted command: what is accepted
 * comes back the same from its bytes, an engine that took a row runs on. The seal of a row is put
 * right first, or nothing would get behind it; the first byte says which row it is. */
#include <stdlib.h>
#include <string.h>

#include "alert/letter.h"
#include "base/hash.h"
#include "simkit/line_plant.h"
#include "views/alerts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static enum err seal(const uint8_t *data, size_t size, struct buf *out) {
    buf_add(out, data, size);
    return buf_add_le32(out, crc32c(span_of(data, size)));
}

static void round_trip(struct span bytes) {
    struct alert_event e, back;
    struct buf out;
    buf_init(&out);
    if (alert_event_unpack(bytes, &e) == ERR_OK) {
        must(alert_event_pack(&e, &out) == ERR_OK);
        must(span_equal(buf_span(&out), bytes));
        must(alert_event_unpack(buf_span(&out), &back) == ERR_OK);
    }
    buf_fini(&out);
}

/* As a dead letter: what is readable comes back the same, though not always from the same bytes. */
static void letter(struct span bytes) {
    struct alert_letter l, back;
    uint8_t key[ALERT_LETTER_KEY_MAX];
    struct buf out;
    buf_init(&out);
    const size_t n = alert_letter_key(&(struct ident){"mail"}, 7, key);
    must(alert_letter_unpack(span_of(key, n), bytes, &l) == ERR_OK);
    must(l.event.n == 7);
    if (!l.damaged) {
        must(alert_letter_pack(&l, &out) == ERR_OK);
        must(alert_letter_unpack(span_of(key, n), buf_span(&out), &back) == ERR_OK);
        must(!back.damaged && strcmp(back.words, l.words) == 0 && strcmp(back.to, l.to) == 0);
    }
    (void)alert_letter_unpack(bytes, bytes, &l);
    buf_fini(&out);
}

static const uint32_t nodes[] = {1, 2};
static const struct ident lead[] = {{"lead"}};

static enum err drop_row(void *user, struct span key, struct span value) {
    (void)user, (void)key, (void)value;
    return ERR_OK;
}

static void take(const struct plant *p, uint8_t which, struct span value) {
    static const char *const key[] = {"r\0press", "\0press", "\0", "gone\0press"};
    static const size_t key_n[] = {7, 6, 1, 10};
    struct alert_rule r = {.id = {"r"},
                           .subject = ALERT_QUANTITY,
                           .quantity = ALERT_Q_DELAY,
                           .node = nodes,
                           .node_n = 2,
                           .minutes = 5,
                           .level = {{1, 1, ALERT_LOW}, {2, 2, ALERT_HIGH}},
                           .level_n = 2,
                           .flaps = 2,
                           .flap_ms = 600000,
                           .recipient = lead,
                           .recipient_n = 1};
    const struct alert_rules rules = {&r, 1};
    struct alerts *a = NULL;
    r.said = alert_rule_said(&r);
    must(alerts_open(&rules, p, NULL, &a) == ERR_OK);
    if (alerts_take_row(a, span_of(key[which % 4], key_n[which % 4]), value) == ERR_OK) {
        must(alerts_started(a, SIM_DAY0) == ERR_OK);
        alerts_begin(a, 2, SIM_DAY0 / 60000);
        for (unsigned m = 0; m < 8; m++)
            must(alerts_evaluate(a, 2, SIM_DAY0) == ERR_OK);
        must(alerts_rows(a, drop_row, NULL) == ERR_OK);
    }
    alerts_close(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct plant *plant;
    struct alert_command c;
    struct json_value *root = NULL;
    struct buf sealed;
    char why[160];
    if (!plant)
        must(line_plant_open(&plant) == ERR_OK);
    (void)view_alert_read(span_of(data, size), SIM_DAY0, &root, &c, why);
    json_close(root);
    if (size < 1)
        return 0;
    buf_init(&sealed);
    if (seal(data + 1, size - 1, &sealed) == ERR_OK) {
        round_trip(buf_span(&sealed));
        letter(span_of(data, size));
        letter(buf_span(&sealed));
        take(plant, data[0], buf_span(&sealed));
    }
    buf_fini(&sealed);
    return 0;
}
