/* What is put under Paho when it is linked: its own names for what it calls, with our functions
 * behind them. Nobody else calls them. */
#ifndef PB_BUS_PAHO_UNDER_H
#define PB_BUS_PAHO_UNDER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

/* paho_trace.c: for StackTrace.c of Paho 1.3. */
void StackTrace_entry(const char *name, int line, int level);
void StackTrace_exit(const char *name, int line, void *value, int level);

/* paho_heap.c: for Heap.c. */
int Heap_initialize(void);
void Heap_terminate(void);
void *mymalloc(char *file, int line, size_t size);
void *myrealloc(char *file, int line, void *p, size_t size);
/* Nothing for a block that is not in use. */
void myfree(char *file, int line, void *p);
/* Blocks in use, for tests. */
size_t paho_heap_blocks(void);

/* paho_socket.c: as the system calls without the prefix. */
int bus_sock_connect(int fd, const struct sockaddr *to, socklen_t n);
int bus_sock_shutdown(int fd, int how);
int bus_sock_close(int fd);
int bus_sock_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
ssize_t bus_sock_recv(int fd, void *to, size_t n, int flags);
ssize_t bus_sock_writev(int fd, const struct iovec *v, int count);

/* Calls fn once before Paho asks the system whether there is more, hence after all that is in
 * memory was handed out. false: nothing is in memory (or no room), the caller does it now. From
 * Paho's callbacks; fn runs under the lock of the table and calls nothing of this file. */
bool bus_sock_defer(void (*fn)(void *user), void *user);
/* Nothing is called for this user any more. Any thread. */
void bus_sock_forgo(const void *user);

#endif
