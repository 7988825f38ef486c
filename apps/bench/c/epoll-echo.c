/*
 * A TCP echo server of framed messages over epoll(7): the server that every other one is compared with.
 *
 *   epoll-echo [PORT]      listens on 127.0.0.1 (port 0, the default, picks a free one) and prints "listening PORT"
 *
 * On the wire a frame is a 4-byte big-endian payload length (1 byte to 1 MiB) and the payload. One thread,
 * level-triggered. A frame is echoed when it is complete; a length out of range closes its connection.
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
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEADER_BYTES = 4,
    MAX_PAYLOAD_BYTES = 1024 * 1024,
    FIRST_CAPACITY = 16 * 1024,
    BACKLOG = 4096,
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

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static uint32_t read_length(const unsigned char *header) {
    uint32_t length;
    memcpy(&length, header, sizeof length);
    return ntohl(length);
}

static void close_connection(struct connection *connection) {
    close(connection->fd); /* also takes it out of the epoll set */
    free(connection->buffer);
    free(connection);
}

/* Moves `whole` past every complete frame. Returns -1 at a length out of range. */
static int decode_frames(struct connection *connection) {
    while (connection->filled - connection->whole >= HEADER_BYTES) {
        uint32_t length = read_length(connection->buffer + connection->whole);
        if (length == 0 || length > MAX_PAYLOAD_BYTES) return -1;
        if (connection->filled - connection->whole < HEADER_BYTES + (size_t)length) return 0;
        connection->whole += HEADER_BYTES + length;
    }
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
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK) return;
            if (errno == EINTR || errno == ECONNABORTED) continue;
            fail("accept4");
        }
        int on = 1;
        if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) fail("TCP_NODELAY");

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

static int open_listener(uint16_t port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) fail("socket");
    int on = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) fail("SO_REUSEADDR");
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
    if (listen(listener, BACKLOG) < 0) fail("listen");
    return listener;
}

static uint16_t local_port(int listener) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    if (getsockname(listener, (struct sockaddr *)&address, &size) < 0) fail("getsockname");
    return ntohs(address.sin_port);
}

static void allow_many_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) fail("setrlimit");
}

int main(int argc, char **argv) {
    long port = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    if (argc > 2 || port < 0 || port > 65535) {
        fprintf(stderr, "usage: epoll-echo [PORT]\n");
        return 2;
    }
    allow_many_descriptors();
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) fail("epoll_create1");
    int listener = open_listener((uint16_t)port);

    /* A null pointer marks the listener: connections carry their own address. */
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event) < 0) fail("epoll_ctl");
    printf("listening %u\n", local_port(listener));
    fflush(stdout);

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
