#include <criterion/criterion.h>
#include <string.h>

#include "modbus/modbus_value.h"

static void reads(struct modbus_shape s, const char *bytes, int exponent, const char *expected) {
    char text[MODBUS_TEXT];
    const enum err err = modbus_value_text(&s, (const uint8_t *)bytes, exponent, text);
    cr_assert_eq(err, ERR_OK, "%s: %s", expected, err_name(err));
    cr_assert_str_eq(text, expected);
}

static void fails(struct modbus_shape s, const char *bytes, int exponent, enum err expected) {
    char text[MODBUS_TEXT];
    cr_assert_eq(modbus_value_text(&s, (const uint8_t *)bytes, exponent, text), expected);
}

static struct modbus_shape shape(enum modbus_format format, enum modbus_order order) {
    return (struct modbus_shape){.format = (uint8_t)format,
                                 .order = (uint8_t)order,
                                 .registers = (uint8_t)modbus_registers_of(format)};
}

/* MODBUS Application Protocol V1.1b3, 6.3: register 108 holds 0x022B, which is 555. */
Test(value, registers_come_with_the_high_byte_first) {
    reads(shape(MODBUS_UINT16, MODBUS_ABCD), "\x02\x2b", 0, "555");
    reads(shape(MODBUS_UINT16, MODBUS_BADC), "\x2b\x02", 0, "555");
    reads(shape(MODBUS_INT16, MODBUS_ABCD), "\xff\xfe", 0, "-2");
    reads(shape(MODBUS_UINT16, MODBUS_ABCD), "\xff\xfe", 0, "65534");
}

/* 0x12345678 = 305419896; its four orders as the table in modbus_value.c has them. */
Test(value, of_two_registers_have_four_orders) {
    reads(shape(MODBUS_UINT32, MODBUS_ABCD), "\x12\x34\x56\x78", 0, "305419896");
    reads(shape(MODBUS_UINT32, MODBUS_CDAB), "\x56\x78\x12\x34", 0, "305419896");
    reads(shape(MODBUS_UINT32, MODBUS_BADC), "\x34\x12\x78\x56", 0, "305419896");
    reads(shape(MODBUS_UINT32, MODBUS_DCBA), "\x78\x56\x34\x12", 0, "305419896");
    reads(shape(MODBUS_INT32, MODBUS_CDAB), "\xff\xff\xff\xff", 0, "-1");
}

/* 0x0102030405060708 = 72623859790382856. */
Test(value, of_four_registers_go_on_in_the_same_way) {
    reads(shape(MODBUS_UINT64, MODBUS_ABCD), "\1\2\3\4\5\6\7\10", 0, "72623859790382856");
    reads(shape(MODBUS_INT64, MODBUS_CDAB), "\7\10\5\6\3\4\1\2", 0, "72623859790382856");
    reads(shape(MODBUS_INT64, MODBUS_BADC), "\2\1\4\3\6\5\10\7", 0, "72623859790382856");
    reads(shape(MODBUS_INT64, MODBUS_DCBA), "\10\7\6\5\4\3\2\1", 0, "72623859790382856");
    reads(shape(MODBUS_INT64, MODBUS_ABCD), "\xff\xff\xff\xff\xff\xff\xff\xff", 0, "-1");
    fails(shape(MODBUS_UINT64, MODBUS_ABCD), "\x80\0\0\0\0\0\0\0", 0, ERR_RANGE);
}

/* IEEE 754: 1 has the exponent 127: 0x3F800000. 0.7 is nearest to 0x3F333333, 0.1 (64 bits) to
 * 0x3FB999999999999A. */
Test(value, of_floats_has_no_more_digits_than_it_needs) {
    reads(shape(MODBUS_FLOAT32, MODBUS_ABCD), "\x3f\x80\x00\x00", 0, "1");
    reads(shape(MODBUS_FLOAT32, MODBUS_CDAB), "\x33\x33\x3f\x33", 0, "0.7");
    reads(shape(MODBUS_FLOAT64, MODBUS_ABCD), "\x3f\xb9\x99\x99\x99\x99\x99\x9a", 0, "0.1");
    reads(shape(MODBUS_FLOAT32, MODBUS_ABCD), "\xbf\x80\x00\x00", 0, "-1");
}

Test(value, of_a_float_that_is_none_is_absent_or_out_of_range) {
    fails(shape(MODBUS_FLOAT32, MODBUS_ABCD), "\x7f\xc0\x00\x00", 0, ERR_NOT_FOUND);
    fails(shape(MODBUS_FLOAT32, MODBUS_ABCD), "\x7f\x80\x00\x00", 0, ERR_RANGE);
    fails(shape(MODBUS_FLOAT64, MODBUS_ABCD), "\x7f\xf8\x00\x00\x00\x00\x00\x00", 0, ERR_NOT_FOUND);
}

Test(value, of_bits) {
    struct modbus_shape s = shape(MODBUS_BIT, MODBUS_ABCD);
    s.bit = 9;
    reads(s, "\x02\x00", 0, "1");
    reads(s, "\xfd\xff", 0, "0");
    reads(shape(MODBUS_BOOL, MODBUS_ABCD), "\x00\x80", 0, "1");
    s = shape(MODBUS_BOOL, MODBUS_ABCD);
    s.is_bit_table = true;
    reads(s, "\1", 0, "1");
    reads(s, "\0", 0, "0");
}

Test(value, of_decimal_digits) {
    reads(shape(MODBUS_BCD16, MODBUS_ABCD), "\x12\x34", 0, "1234");
    reads(shape(MODBUS_BCD32, MODBUS_CDAB), "\x56\x78\x12\x34", 0, "12345678");
    fails(shape(MODBUS_BCD16, MODBUS_ABCD), "\x12\x3a", 0, ERR_FORMAT);
}

Test(value, of_a_string_ends_at_a_zero_and_before_blanks) {
    struct modbus_shape s = {.format = MODBUS_STRING, .registers = 4};
    reads(s, "Eastron\0", 0, "Eastron");
    reads(s, "AB      ", 0, "AB");
    s.order = MODBUS_BADC;
    reads(s, "BADCFE\0\0", 0, "ABCDEF");
    s.order = MODBUS_ABCD;
    fails(s, "\0\0\0\0\0\0\0\0", 0, ERR_NOT_FOUND);
    fails(s, "A\x01xxxxxx", 0, ERR_FORMAT);
}

/* SunSpec: a value of 2304 with a scale factor of -1 is 230.4. */
Test(value, takes_a_power_of_ten) {
    int exponent = 99;
    cr_assert_eq(modbus_value_exponent((const uint8_t *)"\xff\xff", &exponent), ERR_OK);
    cr_assert_eq(exponent, -1);
    reads(shape(MODBUS_UINT16, MODBUS_ABCD), "\x09\x00", exponent, "2304e-1");
    reads(shape(MODBUS_FLOAT32, MODBUS_ABCD), "\x3f\x80\x00\x00", 2, "100");
    cr_assert_eq(modbus_value_exponent((const uint8_t *)"\x80\x00", &exponent), ERR_NOT_FOUND);
    cr_assert_eq(modbus_value_exponent((const uint8_t *)"\x00\x0b", &exponent), ERR_RANGE);
}

Test(value, has_an_offset_before_any_scale) {
    struct modbus_shape s = shape(MODBUS_UINT16, MODBUS_ABCD);
    s.offset = -400;
    reads(s, "\x02\x6c", 0, "220"); /* 0x026c = 620: 62.0 - 40.0 degrees */
    s = shape(MODBUS_FLOAT32, MODBUS_ABCD);
    s.offset = -40;
    reads(s, "\x3f\x80\x00\x00", 0, "-39");
}

/* SunSpec: not implemented is 0x8000 of an int16, 0xffffffff of a uint32. */
Test(value, is_absent_by_its_bits) {
    struct modbus_shape s = shape(MODBUS_INT16, MODBUS_ABCD);
    s.has_absent = true;
    s.absent = 0x8000;
    fails(s, "\x80\x00", 0, ERR_NOT_FOUND);
    reads(s, "\x80\x01", 0, "-32767");
    s = shape(MODBUS_UINT32, MODBUS_CDAB);
    s.has_absent = true;
    s.absent = (uint64_t)-1; /* written as -1: all bits of the width */
    fails(s, "\xff\xff\xff\xff", 0, ERR_NOT_FOUND);
    reads(s, "\xff\xfe\xff\xff", 0, "4294967294");
}
