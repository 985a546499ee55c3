/* libexpat, loaded when a source of this kind is opened. It knows nothing of what documents say. */
#ifndef PB_MTCONNECT_XML_H
#define PB_MTCONNECT_XML_H

#include <expat.h>

#include "sources/library.h"

#define XML_CALLS(X)                                                                               \
    X(XML_ParserCreate)                                                                            \
    X(XML_ParserFree)                                                                              \
    X(XML_SetUserData)                                                                             \
    X(XML_SetElementHandler)                                                                       \
    X(XML_SetCharacterDataHandler)                                                                 \
    X(XML_SetStartDoctypeDeclHandler)                                                              \
    X(XML_StopParser)                                                                              \
    X(XML_Parse)                                                                                   \
    X(XML_GetErrorCode)                                                                            \
    X(XML_ErrorString)                                                                             \
    X(XML_GetCurrentLineNumber)                                                                    \
    X(XML_GetCurrentColumnNumber)
LIBRARY_CALLS(xml_calls, XML_CALLS);

/* ERR_NOT_FOUND: it is not there; why says so for a person. */
enum err xml_load(struct xml_calls *xml, char why[LIBRARY_WHY]);

#endif
