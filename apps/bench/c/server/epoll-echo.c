/*
 * A TCP echo server of framed messages over epoll(7): the server that every other one is compared with.
 *
 *   epoll-echo [PORT]      listens on 127.0.0.1 (port 0, the default, picks a free one) and prints "listening PORT"
 *
 * One thread, level-triggered. A frame is echoed when it is complete; a length out of range closes its connection.
 *
 * Each connection has one buffer, and three marks in it that only move right:
 *
 *      0 ........ sent ........ whole ........ filled ........ capacity
 *      | echoed   | echo not    | first part   | free
 *      | already  | yet taken   | of a frame   |
 *
 * The echo of a frame is the same bytes as the frame, so the echoes of one read lie side by side between `sent` and
 * `whole`, and one send(2) without a copy takes them all. While the kernel does not take them nothing more is read:
 * a client that never reads its echoes stops being read, and the buffer stays bounded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frame.h"
#include "listener.h"

enum {
    FIRST_CAPACITY = 16 * 1024,
    EVENTS_PER_WAIT = 512,
};

struct connection {
    int fd;
    uint32_t interest; /* what epoll watches: EPOLLIN, or EPOLLOUT while an echo is stuck */
    unsigned char *buffer;
    size_t capacity;
    size_t sent;
    size_t whole;
    size_t filled;
};

static int epoll_fd;

static void close_connection(struct connection *connection) {
    close(connection->fd); /* also takes it out of the epoll set */
    free(connection->buffer);
    free(connection);
}

/* Moves `whole` past every complete frame. Returns -1 at a length out of range. */
static int decode_frames(struct connection *connection) {
    ptrdiff_t more = whole_frames(connection->buffer + connection->whole, connection->filled - connection->whole);
    if (more < 0) return -1;
    connection->whole += (size_t)more;
    return 0;
}

/* Returns 1 when every echo was taken, 0 when the kernel's buffer is full, -1 when the connection failed. */
static int send_echoes(struct connection *connection) {
    while (connection->sent < connection->whole) {
        ssize_t taken = send(connection->fd, connection->buffer + connection->sent,
                             connection->whole - connection->sent, MSG_NOSIGNAL);
        if (taken >= 0) {
            connection->sent += (size_t)taken;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return 0;
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return 1;
}

/* All echoes are out: moves the first part of a cut frame to the front, and doubles a buffer that it fills. */
static int make_room(struct connection *connection) {
    size_t rest = connection->filled - connection->whole;
    if (rest > 0 && connection->whole > 0) {
        memmove(connection->buffer, connection->buffer + connection->whole, rest);
    }
    connection->sent = 0;
    connection->whole = 0;
    connection->filled = rest;
    if (rest < connection->capacity) return 0;

    unsigned char *larger = realloc(connection->buffer, connection->capacity * 2);
    if (larger == NULL) return -1;
    connection->buffer = larger;
    connection->capacity *= 2;
    return 0;
}

/* Returns the bytes read, 0 when there is nothing to read now, -1 when the connection has ended or failed. */
static ssize_t read_chunk(struct connection *connection) {
    for (;;) {
        ssize_t got = recv(connection->fd, connection->buffer + connection->filled,
                           connection->capacity - connection->filled, 0);
        if (got > 0) {
            connection->filled += (size_t)got;
            return got;
        }
        if (got == 0) return -1;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
        if (errno != EINTR) return -1;
    }
}

static int watch(struct connection *connection, uint32_t interest) {
    if (connection->interest == interest) return 0;
    struct epoll_event event = {.events = interest, .data.ptr = connection};
    connection->interest = interest;
    return epoll_ctl(epoll_fd, EPOLL_CTL_MOD, connection->fd, &event);
}

/* One event of one connection: at most one read, so that no connection holds up the others. */
static int serve(struct connection *connection) {
    if (connection->sent == connection->whole) {
        ssize_t got = read_chunk(connection);
        if (got <= 0) return (int)got;
        if (decode_frames(connection) < 0) return -1;
    }
    int taken = send_echoes(connection);
    if (taken < 0) return -1;
    if (taken == 0) return watch(connection, EPOLLOUT);
    if (make_room(connection) < 0) return -1;
    return watch(connection, EPOLLIN);
}

static void accept_connections(int listener) {
    for (;;) {
        int fd = accept_one(listener);
        if (fd < 0) return;

        struct connection *connection = calloc(1, sizeof *connection);
        if (connection == NULL) fail("calloc");
        connection->fd = fd;
        connection->interest = EPOLLIN;
        connection->capacity = FIRST_CAPACITY;
        connection->buffer = malloc(FIRST_CAPACITY);
        if (connection->buffer == NULL) fail("malloc");

        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
    }
}

int main(int argc, char **argv) {
    uint16_t port = port_argument(argc, argv);
    allow_many_descriptors();
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) fail("epoll_create1");
    int listener = open_listener(port);

    /* A null pointer marks the listener: connections carry their own address. */
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event) < 0) fail("epoll_ctl");
    say_listening(listener);

    struct epoll_event events[EVENTS_PER_WAIT];
    for (;;) {
        int count = epoll_wait(epoll_fd, events, EVENTS_PER_WAIT, -1);
        if (count < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            if (connection == NULL) {
                accept_connections(listener);
            } else if (serve(connection) < 0) {
                close_connection(connection);
            }
        }
    }
}
