/* Documents in the form of the standard's examples (MTConnect 1.7, parts 1 to 3), written by hand.
 */
#include "mtconnect/doc.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "mtconnect_docs.h"

static struct xml_calls xml;
static struct doc d;
static char why[DOC_WHY];

static void open(void) {
    cr_assert_eq(xml_load(&xml, why), ERR_OK, "%s", why);
    doc_init(&d);
}

static void close(void) {
    doc_fini(&d);
}

TestSuite(doc, .init = open, .fini = close);

static void parse(const char *text) {
    cr_assert_eq(doc_parse(&xml, span_str(text), &d, why), ERR_OK, "%s", why);
}

static void expect(struct doc_text got, const char *want) {
    cr_expect(span_equal(doc_span(&d, got), span_str(want)), "%.*s, must be %s", (int)got.n,
              (const char *)doc_span(&d, got).p, want);
}

Test(doc, devices_give_data_items_with_their_components) {
    parse(DOCS_DEVICES);
    cr_assert_eq(d.kind, DOC_DEVICES);
    cr_expect_eq(d.header.instance, 77u);
    cr_assert_eq(d.item_n, 5u);
    expect(d.items[0].id, "avail");
    expect(d.items[0].component, "Device");
    expect(d.items[0].device, "Mill");
    expect(d.items[0].uuid, "u-1");
    expect(d.items[1].type, "LOAD");
    expect(d.items[1].units, "PERCENT");
    expect(d.items[1].component, "Linear");
    expect(d.items[1].component_name, "X");
    cr_expect_eq(d.items[1].category, DOC_SAMPLE);
    expect(d.items[3].id, "count");
    expect(d.items[3].sub_type, "ALL");
    expect(d.items[3].component, "Path"); /* not the Linear that was closed before */
    cr_expect_eq(d.items[4].category, DOC_CONDITION);
}

Test(doc, streams_give_observations_with_times_and_sequences) {
    parse(DOCS_STREAMS("77", "1", "12", "13",
                       "<Events><Execution dataItemId=\"exec\" sequence=\"11\" "
                       "timestamp=\"2026-11-23T06:00:00.25Z\"> ACTIVE\n</Execution></Events>"
                       "<Condition><Fault dataItemId=\"sys\" sequence=\"12\" nativeCode=\"E7\" "
                       "timestamp=\"2026-11-23T06:00:01Z\" type=\"SYSTEM\">oil &amp; air</Fault>"
                       "</Condition>"));
    cr_assert_eq(d.kind, DOC_STREAMS);
    cr_expect_eq(d.header.first, 1);
    cr_expect_eq(d.header.last, 12);
    cr_expect_eq(d.header.next, 13);
    cr_expect_eq(d.header.created_ms, DOCS_MADE_MS);
    cr_assert_eq(d.observation_n, 2u);
    expect(d.observations[0].item, "exec");
    expect(d.observations[0].text, "ACTIVE");
    cr_expect_eq(d.observations[0].category, DOC_EVENT);
    cr_expect_eq(d.observations[0].sequence, 11);
    cr_expect_eq(d.observations[0].t_ms, DOCS_SIX_MS + 250);
    expect(d.observations[1].level, "Fault");
    expect(d.observations[1].code, "E7");
    expect(d.observations[1].text, "oil & air");
    cr_expect_eq(d.observations[1].category, DOC_CONDITION);
}

Test(doc, prefixes_of_namespaces_are_passed_over) {
    parse("<m:MTConnectStreams xmlns:m=\"urn:x\"><m:Header instanceId=\"5\" nextSequence=\"2\"/>"
          "<m:Streams><m:DeviceStream><m:ComponentStream><m:Events><x:Flow xmlns:x=\"urn:y\" "
          "dataItemId=\"f\" sequence=\"1\" timestamp=\"2026-11-23T06:00:00Z\">3</x:Flow>"
          "</m:Events></m:ComponentStream></m:DeviceStream></m:Streams></m:MTConnectStreams>");
    cr_expect_eq(d.header.instance, 5u);
    cr_assert_eq(d.observation_n, 1u);
    expect(d.observations[0].text, "3");
}

Test(doc, entries_of_a_data_set_are_no_value) {
    parse(DOCS_STREAMS("77", "1", "1", "2",
                       "<Events><VariableDataSet dataItemId=\"v\" sequence=\"1\" count=\"1\" "
                       "timestamp=\"2026-11-23T06:00:00Z\"><Entry key=\"a\">1</Entry>"
                       "</VariableDataSet></Events>"));
    cr_assert_eq(d.observation_n, 1u);
    cr_expect(d.observations[0].nested);
}

Test(doc, an_error_gives_its_code_in_both_forms_of_the_standard) {
    parse("<MTConnectError xmlns=\"urn:mtconnect.org:MTConnectError:1.7\"><Header "
          "instanceId=\"9\"/><Errors><Error errorCode=\"OUT_OF_RANGE\">'from' must be greater than "
          "5</Error></Errors></MTConnectError>");
    cr_assert_eq(d.kind, DOC_ERROR);
    cr_expect_eq(d.header.instance, 9u);
    cr_expect_str_eq(d.error, "OUT_OF_RANGE");
    cr_expect_str_eq(d.error_text, "'from' must be greater than 5");
    parse("<MTConnectError><Header instanceId=\"9\"/><Errors><OutOfRange "
          "errorCode=\"OUT_OF_RANGE\"><ErrorMessage>late</ErrorMessage></OutOfRange></Errors>"
          "</MTConnectError>");
    cr_expect_str_eq(d.error, "OUT_OF_RANGE");
}

Test(doc, what_is_no_document_is_refused_with_its_place) {
    cr_expect_eq(doc_parse(&xml, span_str("<html>\n <p>no</html>"), &d, why), ERR_FORMAT);
    cr_expect_not_null(strstr(why, "line 1, column"), "%s", why);
    cr_expect_eq(doc_parse(&xml, span_str("<MTConnectStreams>\n <a></b>"), &d, why), ERR_FORMAT);
    cr_expect_not_null(strstr(why, "line 2"), "%s", why);
    cr_expect_eq(doc_parse(&xml, span_str(""), &d, why), ERR_FORMAT);
}

Test(doc, a_document_type_declaration_is_refused) {
    cr_expect_eq(
        doc_parse(&xml, span_str("<!DOCTYPE a [<!ENTITY b \"c\">]><MTConnectStreams/>"), &d, why),
        ERR_FORMAT);
    cr_expect_not_null(strstr(why, "document type"), "%s", why);
}

Test(doc, a_time_that_is_none_is_not_made_up) {
    parse(DOCS_STREAMS("77", "1", "1", "2",
                       "<Events><Execution dataItemId=\"exec\" sequence=\"1\" "
                       "timestamp=\"yesterday\">READY</Execution></Events>"));
    cr_assert_eq(d.observation_n, 1u);
    cr_expect_eq(d.observations[0].t_ms, DOC_NO_TIME);
}
