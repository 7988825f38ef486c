/* Non-blocking sockets, and the epoll set that the workloads share. */
#ifndef LOAD_SOCKETS_H
#define LOAD_SOCKETS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

void open_epoll(void);
void allow_many_descriptors(void);

/* Watches a socket, or watches it for something else; `data` comes back with its events. */
void watch(int fd, uint32_t interest, void *data);
void watch_otherwise(int fd, uint32_t interest, void *data);

/* Fills `events` and returns how many there are; 0 after the timeout. */
int wait_for_events(struct epoll_event *events, int timeout_ms);

/* Begins to connect a new socket to the server. `source` 0 is the system's choice, N the local address 127.0.0.N. */
int start_connecting(uint32_t source);

/* Ends the program if connecting has failed. */
void expect_connected(int fd, uint32_t index);

/* Sends what the kernel takes and returns how much that is. */
size_t send_some(int fd, uint32_t index, const unsigned char *bytes, size_t size);

/* Returns the bytes received, 0 at the end of the stream, -1 when there is nothing now. */
ssize_t receive_some(int fd, uint32_t index, unsigned char *into, size_t size);

int connect_one(uint32_t index);

/*
 * Establishes `count` connections, a wave at a time. The last of each wave exchanges one message, which shows that the
 * server has accepted all of them and that its backlog is empty again; with `greet_all` every connection does.
 */
void connect_many(uint32_t count, int *fds, int greet_all);

#endif
