/* How both epoll servers listen: on 127.0.0.1, without blocking, with room for many connections. */
#ifndef SERVER_LISTENER_H
#define SERVER_LISTENER_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { BACKLOG = 4096 };

static inline void fail(const char *what) {
    perror(what);
    exit(1);
}

/* The only argument, or 0, which picks a free port. */
static inline uint16_t port_argument(int argc, char **argv) {
    long port = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    if (argc <= 2 && port >= 0 && port <= 65535) return (uint16_t)port;
    fprintf(stderr, "usage: %s [PORT]\n", argv[0]);
    exit(2);
}

static inline int open_listener(uint16_t port) {
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

static inline uint16_t local_port(int listener) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    if (getsockname(listener, (struct sockaddr *)&address, &size) < 0) fail("getsockname");
    return ntohs(address.sin_port);
}

static inline void allow_many_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) fail("setrlimit");
}

/* Prints "listening PORT": from then on clients may come. */
static inline void say_listening(int listener) {
    printf("listening %u\n", local_port(listener));
    fflush(stdout);
}

/* Returns a non-blocking connection, or -1 when none is waiting. */
static inline int accept_one(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK) return -1;
            if (errno == EINTR || errno == ECONNABORTED) continue;
            fail("accept4");
        }
        int on = 1;
        if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) fail("TCP_NODELAY");
        return fd;
    }
}

#endif
