/* Documents written by hand after the standard's examples. 2026-11-23T06:00:00Z is 1795413600 s
 * since 1970: 20,780 days (2026-11-23) of 86,400 s, and 6 h. */
#ifndef PB_TEST_MTCONNECT_DOCS_H
#define PB_TEST_MTCONNECT_DOCS_H

#define DOCS_SIX_MS INT64_C(1795413600000)
#define DOCS_MADE_MS (DOCS_SIX_MS + 60000) /* creationTime of the streams */

#define DOCS_DEVICES DOCS_DEVICES_OF("131072")
#define DOCS_DEVICES_OF(buffer)                                                                    \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                 \
    "<MTConnectDevices xmlns=\"urn:mtconnect.org:MTConnectDevices:1.7\">"                          \
    "<Header creationTime=\"2026-11-23T06:01:00Z\" instanceId=\"77\" bufferSize=\"" buffer "\"/>"  \
    "<Devices><Device id=\"d\" name=\"Mill\" uuid=\"u-1\"><DataItems>"                             \
    "<DataItem category=\"EVENT\" id=\"avail\" type=\"AVAILABILITY\"/></DataItems><Components>"    \
    "<Axes id=\"ax\"><Components><Linear id=\"x\" name=\"X\"><DataItems><DataItem id=\"xload\" "   \
    "category=\"SAMPLE\" type=\"LOAD\" units=\"PERCENT\"><Source>plc</Source></DataItem>"          \
    "</DataItems></Linear></Components></Axes>"                                                    \
    "<Controller id=\"c\"><Components><Path id=\"p\" name=\"path\"><DataItems>"                    \
    "<DataItem id=\"exec\" name=\"execution\" category=\"EVENT\" type=\"EXECUTION\"/>"             \
    "<DataItem id=\"count\" category=\"EVENT\" type=\"PART_COUNT\" subType=\"ALL\"/>"              \
    "<DataItem id=\"sys\" category=\"CONDITION\" type=\"SYSTEM\"/>"                                \
    "</DataItems></Path></Components></Controller></Components></Device></Devices>"                \
    "</MTConnectDevices>"

#define DOCS_STREAMS(instance, first, last, next, body)                                            \
    "<MTConnectStreams xmlns=\"urn:mtconnect.org:MTConnectStreams:1.7\">"                          \
    "<Header creationTime=\"2026-11-23T06:01:00Z\" instanceId=\"" instance                         \
    "\" firstSequence=\"" first "\" lastSequence=\"" last "\" nextSequence=\"" next                \
    "\"/><Streams><DeviceStream name=\"Mill\" uuid=\"u-1\">"                                       \
    "<ComponentStream component=\"Path\" name=\"path\" componentId=\"p\">" body                    \
    "</ComponentStream></DeviceStream></Streams></MTConnectStreams>"

#define DOCS_EVENT(element, item, sequence, time, text)                                            \
    "<Events><" element " dataItemId=\"" item "\" sequence=\"" sequence                            \
    "\" timestamp=\"2026-11-23T" time "Z\">" text "</" element "></Events>"

#define DOCS_OUT_OF_RANGE(instance)                                                                \
    "<MTConnectError xmlns=\"urn:mtconnect.org:MTConnectError:1.7\"><Header "                      \
    "instanceId=\"" instance                                                                       \
    "\"/><Errors><Error errorCode=\"OUT_OF_RANGE\">no</Error></Errors></MTConnectError>"

#endif
