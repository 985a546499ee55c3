/* Profiles: files with the points of a kind of device, so that a meter is configured in one line.
 */
#ifndef PB_MODBUS_MODBUS_PROFILE_H
#define PB_MODBUS_MODBUS_PROFILE_H

#include "modbus/modbus_source.h"

/* Loads the device's profile; conf_free() it. A relative path begins at folder, or, when that is
 * NULL, at the folder of the file the device stands in. Mistakes are reported at their places.
 * ERR_CONFIG: there were some, or no file. */
enum err modbus_profile_load(const char *folder, const struct modbus_device_conf *d,
                             struct conf_report *report, struct modbus_profile_conf *out);

#endif
