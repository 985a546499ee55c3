#include "mtconnect/xml.h"

#define ROW(f) LIBRARY_ROW(struct xml_calls, f)

enum err xml_load(struct xml_calls *xml, char why[LIBRARY_WHY]) {
    static const struct library_call call[] = {XML_CALLS(ROW)};

    return library_load("libexpat.so.1", call, sizeof call / sizeof *call, xml, why);
}
