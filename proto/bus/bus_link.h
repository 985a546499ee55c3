/* One Paho client for the life of a bus: its threads put what happens into the inbox and wake the
 * loop. It keeps no policy: when to connect again and what to tell the owner is bus_paho.c. */
#ifndef PB_BUS_BUS_LINK_H
#define PB_BUS_BUS_LINK_H

#include "bus/bus_inbox.h"
#include "bus/bus_paho.h"
#include "bus/bus_wake.h"

enum { BUS_LINK_CONNECT_S = 10 }; /* Paho gives one attempt this long */

struct bus_link;

/* Copies conf. inbox and wake must outlive the link. ERR_RANGE: a field outside its limits;
 * ERR_NOMEM. */
enum err bus_link_open(const struct bus_paho_conf *conf, struct bus_inbox *inbox,
                       struct bus_wake *wake, struct bus_link **out);
/* Whether a file that TLS needs can't be read, and which: TLS itself would only say that it failed.
 */
bool bus_link_lacks(const struct bus_link *l, char *why, size_t size);
/* Begins a new life: a record UP or DOWN of that life follows. Only when the last one is down. */
enum err bus_link_connect(struct bus_link *l);
unsigned bus_link_life(const struct bus_link *l);
bool bus_link_connected(struct bus_link *l);
/* ERR_FULL, ERR_STATE (not connected), ERR_IO. */
enum err bus_link_send(struct bus_link *l, const char *topic, struct span payload, int qos,
                       bool retain);
/* The same at QoS 1, to be told by bus_link_next_sure(). ERR_NOMEM too. */
enum err bus_link_send_sure(struct bus_link *l, const char *topic, struct span payload, bool retain,
                            void (*confirmed)(void *user), void *user);
/* One of these that the broker has confirmed in this life; false: none. */
bool bus_link_next_sure(struct bus_link *l, void (**confirmed)(void *user), void **user);
/* Messages sent in this life and not confirmed. */
unsigned bus_link_inflight(const struct bus_link *l);
/* Counts all that is in flight as confirmed: Paho lost the answers. */
void bus_link_forgive(struct bus_link *l);
/* Says goodbye; INBOX_DISCONNECTED follows if this answers ERR_OK. */
enum err bus_link_disconnect(struct bus_link *l);
/* Ends Paho's threads and frees; waits for them, so it is called off the loop. No record follows.
 */
void bus_link_close(struct bus_link *l);

#endif
