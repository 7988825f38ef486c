/*
 * A TCP server over epoll(7) that sends every framed message to everybody, its sender included.
 *
 *   epoll-broadcast [PORT]      listens on 127.0.0.1 (port 0, the default, picks a free one) and prints "listening PORT"
 *
 * One thread, level-triggered. Whole frames go from the buffer of the one who said them straight to the sockets of all;
 * what a socket does not take at once is queued for it alone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
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

struct member {
    int fd;
    int failed; /* found while delivering: closed at its own next event, when nobody walks the list */
    struct member *previous, *next;
    unsigned char *in;
    size_t in_capacity, in_filled;
    unsigned char *out;
    size_t out_capacity, out_start, out_end;
};

static int epoll_fd;
static struct member *members;

static void watch(struct member *member, uint32_t interest) {
    struct epoll_event event = {.events = interest, .data.ptr = member};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, member->fd, &event) < 0) fail("epoll_ctl");
}

static void join(int fd) {
    struct member *member = calloc(1, sizeof *member);
    if (member == NULL) fail("calloc");
    member->fd = fd;
    member->in = malloc(FIRST_CAPACITY);
    member->in_capacity = FIRST_CAPACITY;
    if (member->in == NULL) fail("malloc");
    member->next = members;
    if (members != NULL) members->previous = member;
    members = member;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = member};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

static void leave(struct member *member) {
    if (member->previous != NULL) member->previous->next = member->next;
    if (member->next != NULL) member->next->previous = member->previous;
    if (members == member) members = member->next;
    close(member->fd);
    free(member->in);
    free(member->out);
    free(member);
}

/* Returns the bytes taken; fewer than `size` when the kernel's buffer is full. */
static size_t send_some(struct member *member, const unsigned char *bytes, size_t size) {
    size_t sent = 0;
    while (sent < size) {
        ssize_t taken = send(member->fd, bytes + sent, size - sent, MSG_NOSIGNAL);
        if (taken >= 0) {
            sent += (size_t)taken;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } else if (errno != EINTR) {
            member->failed = 1;
            return size;
        }
    }
    return sent;
}

static void queue(struct member *member, const unsigned char *bytes, size_t size) {
    if (member->out_end + size > member->out_capacity) {
        member->out_capacity = (member->out_end + size) * 2;
        member->out = realloc(member->out, member->out_capacity);
        if (member->out == NULL) fail("realloc");
    }
    memcpy(member->out + member->out_end, bytes, size);
    member->out_end += size;
}

static void deliver(struct member *member, const unsigned char *bytes, size_t size) {
    if (member->failed) return;
    int waiting = member->out_start < member->out_end;
    size_t sent = waiting ? 0 : send_some(member, bytes, size);
    if (sent == size) return;
    queue(member, bytes + sent, size - sent);
    if (!waiting) watch(member, EPOLLIN | EPOLLOUT);
}

static void flush(struct member *member) {
    member->out_start += send_some(member, member->out + member->out_start, member->out_end - member->out_start);
    if (member->out_start < member->out_end) return;
    member->out_start = member->out_end = 0;
    watch(member, EPOLLIN);
}

/* Returns -1 when the member has gone or broke the rules. */
static int hear(struct member *member) {
    ssize_t got = recv(member->fd, member->in + member->in_filled, member->in_capacity - member->in_filled, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return 0;
    if (got <= 0) return -1;
    member->in_filled += (size_t)got;
    ptrdiff_t whole = whole_frames(member->in, member->in_filled);
    if (whole < 0) return -1;
    if (whole > 0) {
        for (struct member *each = members; each != NULL; each = each->next) deliver(each, member->in, (size_t)whole);
        member->in_filled -= (size_t)whole;
        memmove(member->in, member->in + whole, member->in_filled);
    }
    if (member->in_filled < member->in_capacity) return 0;
    member->in_capacity *= 2;
    member->in = realloc(member->in, member->in_capacity);
    if (member->in == NULL) fail("realloc");
    return 0;
}

int main(int argc, char **argv) {
    uint16_t port = port_argument(argc, argv);
    allow_many_descriptors();
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) fail("epoll_create1");
    int listener = open_listener(port);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event) < 0) fail("epoll_ctl");
    say_listening(listener);

    struct epoll_event events[EVENTS_PER_WAIT];
    for (;;) {
        int count = epoll_wait(epoll_fd, events, EVENTS_PER_WAIT, -1);
        if (count < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < count; i++) {
            struct member *member = events[i].data.ptr;
            if (member == NULL) {
                for (int fd; (fd = accept_one(listener)) >= 0;) join(fd);
                continue;
            }
            if (events[i].events & EPOLLOUT) flush(member);
            if (member->failed || ((events[i].events & ~(uint32_t)EPOLLOUT) && hear(member) < 0)) leave(member);
        }
    }
}
