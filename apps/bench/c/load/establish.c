/* Connections established before anything else is done: one, or many at once, with the server's backlog in mind. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "pattern.h"
#include "sockets.h"

enum { WAVE = 512 };

static void wait_until(int fd, uint32_t index, short readiness) {
    struct pollfd entry = {.fd = fd, .events = readiness};
    int count = poll(&entry, 1, STALL_MS);
    if (count == 0) fail("connection %u: silence", index);
    if (count < 0 && errno != EINTR) fail("poll: %s", strerror(errno));
}

int connect_one(uint32_t index) {
    int fd = start_connecting(0);
    wait_until(fd, index, POLLOUT);
    expect_connected(fd, index);
    return fd;
}

static void send_greeting(int fd, uint32_t index, unsigned char *frame) {
    write_frame(frame, index, 0);
    for (size_t sent = 0; sent < frame_bytes;) {
        sent += send_some(fd, index, frame + sent, frame_bytes - sent);
        if (sent < frame_bytes) wait_until(fd, index, POLLOUT);
    }
}

static void await_greeting(int fd, uint32_t index, unsigned char *frame) {
    struct expected_frame expected = {.connection = index};
    while (expected.offset < frame_bytes) {
        wait_until(fd, index, POLLIN);
        ssize_t got = receive_some(fd, index, frame, frame_bytes - expected.offset);
        if (got == 0) fail("connection %u: closed by the server instead of an echo", index);
        if (got > 0) check_frame(&expected, frame, (size_t)got);
    }
}

void connect_many(uint32_t count, int *fds, int greet_all) {
    unsigned char *frame = malloc(frame_bytes);
    if (frame == NULL) fail("out of memory");
    for (uint32_t start = 0; start < count; start += WAVE) {
        uint32_t end = count - start < WAVE ? count : start + WAVE;
        uint32_t first_to_greet = greet_all ? start : end - 1;
        for (uint32_t i = start; i < end; i++) fds[i] = start_connecting(0);
        for (uint32_t i = start; i < end; i++) {
            wait_until(fds[i], i, POLLOUT);
            expect_connected(fds[i], i);
        }
        for (uint32_t i = first_to_greet; i < end; i++) send_greeting(fds[i], i, frame);
        for (uint32_t i = first_to_greet; i < end; i++) await_greeting(fds[i], i, frame);
    }
    free(frame);
}
