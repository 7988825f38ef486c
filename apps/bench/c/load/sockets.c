#define _GNU_SOURCE
#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "fail.h"
#include "options.h"
#include "workload.h"

static int epoll_fd;

void open_epoll(void) {
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) fail("epoll_create1: %s", strerror(errno));
}

void allow_many_descriptors(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void control(int operation, int fd, uint32_t interest, void *data) {
    struct epoll_event event = {.events = interest, .data.ptr = data};
    if (epoll_ctl(epoll_fd, operation, fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

void watch(int fd, uint32_t interest, void *data) { control(EPOLL_CTL_ADD, fd, interest, data); }

void watch_otherwise(int fd, uint32_t interest, void *data) { control(EPOLL_CTL_MOD, fd, interest, data); }

int wait_for_events(struct epoll_event *events, int timeout_ms) {
    int count = epoll_wait(epoll_fd, events, EVENTS_PER_WAIT, timeout_ms);
    if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
    return count < 0 ? 0 : count;
}

/* Leaves the choice of the port to connect: bind alone would not share one between two destinations. */
static void bind_to(int fd, uint32_t source) {
    int on = 1;
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + source)};
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&local, sizeof local) < 0) fail("bind: %s", strerror(errno));
}

int start_connecting(uint32_t source) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket: %s", strerror(errno));
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (source != 0) bind_to(fd, source);
    if (connect(fd, (const struct sockaddr *)&options.address, sizeof options.address) < 0 && errno != EINPROGRESS)
        fail("connect: %s", strerror(errno));
    return fd;
}

void expect_connected(int fd, uint32_t index) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) fail("connection %u: connect: %s", index, strerror(error));
}

size_t send_some(int fd, uint32_t index, const unsigned char *bytes, size_t size) {
    size_t sent = 0;
    while (sent < size) {
        ssize_t taken = send(fd, bytes + sent, size - sent, MSG_NOSIGNAL);
        if (taken >= 0) {
            sent += (size_t)taken;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } else if (errno != EINTR) {
            fail("connection %u: send: %s", index, strerror(errno));
        }
    }
    return sent;
}

ssize_t receive_some(int fd, uint32_t index, unsigned char *into, size_t size) {
    ssize_t got = recv(fd, into, size, 0);
    if (got >= 0) return got;
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        fail("connection %u: recv: %s", index, strerror(errno));
    return -1;
}
