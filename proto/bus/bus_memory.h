/* A broker in memory for tests: any number of buses attached to one hub; messages are queued by
 * publish and delivered by bus_hub_step in the order given, so a test decides what happens when.
 * Wildcards '+' and '#', retained messages and last wills work as in MQTT 3.1.1. */
#ifndef PB_BUS_BUS_MEMORY_H
#define PB_BUS_BUS_MEMORY_H

#include "bus/bus.h"

struct bus_hub;

enum err bus_hub_open(struct bus_hub **out);
/* After all its clients are closed. */
void bus_hub_close(struct bus_hub *h);
/* A client of the hub; starts down, on_up follows from the step after start. */
enum err bus_memory_open(struct bus_hub *h, const struct bus_events *events,
                         const char *const *subscribe, unsigned subscribe_n, const char *will_topic,
                         struct span will_payload, struct bus **out);
/* Bound of this client's messages published and not yet delivered; 0, the start: none. */
void bus_memory_limit(struct bus *b, unsigned max_inflight);
size_t bus_hub_queued(const struct bus_hub *h);
/* Delivers the oldest queued message or event; false when there is none. */
bool bus_hub_step(struct bus_hub *h);
/* Faults: forget everything queued (and retained), as a killed broker without persistence does; cut
 * one client without a goodbye (its will is published). */
void bus_hub_wipe(struct bus_hub *h);
void bus_hub_cut(struct bus_hub *h, struct bus *b);
/* While refused, clients that are down stay down: the broker is absent. */
void bus_hub_refuse(struct bus_hub *h, bool refuse);

#endif
