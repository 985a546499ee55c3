/* Bytes worked out by hand from the tables of the specification (section 6.4.1) and the encoding of
 * protocol buffers. */
#include <criterion/criterion.h>

#include "sparkplug/sppayload.h"

static enum err parse(const uint8_t *p, size_t n, struct sppayload *out) {
    return sppayload_parse(span_of(p, n), out);
}

static void expect_text(const struct sppayload_metric *m, uint32_t type, const char *want) {
    char room[SPPAYLOAD_TEXT_ROOM];
    struct span text;
    cr_assert_eq(sppayload_text(m, type, room, &text), ERR_OK);
    cr_expect(span_equal(text, span_str(want)), "%.*s is not %s", (int)text.n, (const char *)text.p,
              want);
}

static struct sppayload_metric word(uint64_t v) {
    return (struct sppayload_metric){.form = SPPAYLOAD_FORM_WORD, .as.word = v};
}

Test(sppayload, a_message_is_read_field_by_field) {
    /* timestamp 1 = 300; metric 2 of 18 bytes: name 1 "a", alias 2 = 7, timestamp 3 = 150,
     * datatype 4 = Int32, historical 5, int_value 10 = -2 as 2^32 - 2; seq 3 = 255. */
    const uint8_t bytes[] = {0x08, 0xac, 0x02, 0x12, 0x12, 0x0a, 0x01, 'a',  0x10,
                             0x07, 0x18, 0x96, 0x01, 0x20, 0x03, 0x28, 0x01, 0x50,
                             0xfe, 0xff, 0xff, 0xff, 0x0f, 0x18, 0xff, 0x01};
    struct sppayload p;
    cr_assert_eq(parse(bytes, sizeof bytes, &p), ERR_OK);
    cr_expect(p.has_time && p.t_ms == 300);
    cr_expect(p.has_seq && p.seq == 255);
    cr_assert_eq(p.n, 1);
    cr_expect(span_equal(p.metrics[0].name, span_str("a")));
    cr_expect(p.metrics[0].has_alias && p.metrics[0].alias == 7);
    cr_expect(p.metrics[0].has_time && p.metrics[0].t_ms == 150);
    cr_expect(p.metrics[0].has_type && p.metrics[0].type == SPPAYLOAD_INT32);
    cr_expect(p.metrics[0].historical);
    expect_text(&p.metrics[0], SPPAYLOAD_INT32, "-2");
    sppayload_close(&p);
}

Test(sppayload, properties_tell_quality_and_unit) {
    /* metric: properties 9 { keys 1 "Quality" "engUnit"; values 2 {type 1 = 3, int_value 3 = 500},
     * values 2 {type 1 = 12, string_value 8 = "kW"} }, boolean_value 14 = 1. */
    const uint8_t bytes[] = {0x12, 0x25, 0x4a, 0x21, 0x0a, 0x07, 'Q',  'u',  'a',  'l',
                             'i',  't',  'y',  0x0a, 0x07, 'e',  'n',  'g',  'U',  'n',
                             'i',  't',  0x12, 0x05, 0x08, 0x03, 0x18, 0xf4, 0x03, 0x12,
                             0x06, 0x08, 0x0c, 0x42, 0x02, 'k',  'W',  0x70, 0x01};
    struct sppayload p;
    cr_assert_eq(parse(bytes, sizeof bytes, &p), ERR_OK);
    cr_assert_eq(p.n, 1);
    cr_expect(p.metrics[0].has_quality && p.metrics[0].quality == 500);
    cr_expect(span_equal(p.metrics[0].unit, span_str("kW")));
    expect_text(&p.metrics[0], SPPAYLOAD_BOOLEAN, "true");
    sppayload_close(&p);
}

Test(sppayload, floats_read_as_what_was_written) {
    /* float_value 12 = 0.1f = 0x3dcccccd; double_value 13 = 0.1 = 0x3fb999999999999a, both little
     * endian. */
    const uint8_t bytes[] = {0x12, 0x05, 0x65, 0xcd, 0xcc, 0xcc, 0x3d, 0x12, 0x09,
                             0x69, 0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f};
    struct sppayload p;
    cr_assert_eq(parse(bytes, sizeof bytes, &p), ERR_OK);
    cr_assert_eq(p.n, 2);
    expect_text(&p.metrics[0], SPPAYLOAD_FLOAT, "0.1");
    expect_text(&p.metrics[1], SPPAYLOAD_DOUBLE, "0.1");
    sppayload_close(&p);
}

Test(sppayload, integers_are_read_by_their_type) {
    struct sppayload_metric m = word(0xfb); /* of a publisher that fills its eight bits only */
    expect_text(&m, SPPAYLOAD_INT8, "-5");
    expect_text(&m, SPPAYLOAD_UINT8, "251");
    m = word(0xfffffffb); /* and of one that fills the field */
    expect_text(&m, SPPAYLOAD_INT8, "-5");
    expect_text(&m, SPPAYLOAD_INT16, "-5");
    expect_text(&m, SPPAYLOAD_INT32, "-5");
    expect_text(&m, SPPAYLOAD_UINT32, "4294967291");
    m = word(UINT64_MAX);
    expect_text(&m, SPPAYLOAD_INT64, "-1");
    expect_text(&m, SPPAYLOAD_UINT64, "18446744073709551615");
}

Test(sppayload, null_and_large_parts_have_no_text) {
    /* is_null 7 with an int_value; a template_value 18; a dataset_value 17. */
    const uint8_t bytes[] = {0x12, 0x04, 0x38, 0x01, 0x50, 0x05, 0x12, 0x03,
                             0x92, 0x01, 0x00, 0x12, 0x03, 0x8a, 0x01, 0x00};
    const enum sppayload_form want[] = {SPPAYLOAD_FORM_NONE, SPPAYLOAD_FORM_OTHER,
                                        SPPAYLOAD_FORM_OTHER};
    struct sppayload p;
    char room[SPPAYLOAD_TEXT_ROOM];
    struct span text;
    cr_assert_eq(parse(bytes, sizeof bytes, &p), ERR_OK);
    cr_assert_eq(p.n, 3);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(p.metrics[i].form, want[i]);
        cr_expect_eq(sppayload_text(&p.metrics[i], SPPAYLOAD_INT32, room, &text), ERR_FORMAT);
    }
    sppayload_close(&p);
}

Test(sppayload, what_is_no_message_is_refused) {
    const uint8_t torn[] = {0x12, 0x05, 0x0a};
    /* timestamp 2^63: no reading may have it. */
    const uint8_t late[] = {0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01};
    struct sppayload p;
    cr_expect_eq(parse(torn, sizeof torn, &p), ERR_FORMAT);
    cr_expect_eq(parse(late, sizeof late, &p), ERR_FORMAT);
    cr_expect_eq(sppayload_parse(span_of(torn, SPPAYLOAD_BYTES_MAX + 1), &p), ERR_RANGE);
}

/* Two bytes of a message are an empty metric of some hundred bytes: half a million of them end at
 * the bound, not at the machine's memory. */
Test(sppayload, a_bomb_is_refused) {
    static uint8_t bytes[SPPAYLOAD_BYTES_MAX];
    struct sppayload p;
    for (size_t i = 0; i < sizeof bytes; i += 2)
        bytes[i] = 0x12;
    cr_expect_neq(parse(bytes, sizeof bytes, &p), ERR_OK);
}

Test(sppayload, a_rebirth_command_is_as_the_specification_says) {
    /* timestamp 1 = 5; metric 2 of 28 bytes: name 1 of 20, timestamp 3 = 5, datatype 4 = 11,
     * boolean_value 14 = 1; no seq (tck-id-payloads-ncmd-seq). */
    const char want[] = "\x08\x05\x12\x1c\x0a\x14Node Control/Rebirth\x18\x05\x20\x0b\x70\x01";
    struct buf out;
    buf_init(&out);
    cr_assert_eq(sppayload_add_rebirth(5, &out), ERR_OK);
    cr_expect(span_equal(buf_span(&out), span_of(want, sizeof want - 1)));
    buf_fini(&out);
}
