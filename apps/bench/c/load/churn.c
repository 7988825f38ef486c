/*
 * Churn: each of CONNECTIONS places connects, exchanges one message, closes, and begins again. The client finishes
 * sending, the server must notice and close, and only then is the round trip complete: so the server stands still at the
 * end of a period, and one that never closes is found out. A connection counts as one message.
 *
 * Whoever closes first keeps the port in TIME_WAIT for a minute, and a source address has about 28,000 of them: the
 * clients come from one address of 127.0.0.0/8 after the other.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "options.h"
#include "pattern.h"
#include "sockets.h"
#include "workload.h"

enum { CONNECTIONS_PER_SOURCE = 16 * 1024, SOURCES = 250 };

struct place {
    int fd;
    uint32_t index;
    bool connected;
    uint64_t began_at;
    struct expected_frame echo;
};

static struct place *places;
static unsigned char *frame;
static uint64_t opened, open_now, last_end_at;

static void prepare(void) {
    places = calloc(options.connections, sizeof *places);
    frame = malloc(frame_bytes);
    if (places == NULL || frame == NULL) fail("out of memory");
}

static void begin(struct place *place) {
    uint32_t source = 1 + (uint32_t)(opened / CONNECTIONS_PER_SOURCE % SOURCES);
    place->began_at = now_ns();
    place->fd = start_connecting(source);
    place->connected = false;
    place->echo = (struct expected_frame){.connection = place->index, .message = opened};
    opened++;
    open_now++;
    watch(place->fd, EPOLLOUT, place);
}

static void speak(struct place *place) {
    expect_connected(place->fd, place->index);
    place->connected = true;
    write_frame(frame, place->index, place->echo.message);
    if (send_some(place->fd, place->index, frame, frame_bytes) < frame_bytes)
        fail("connection %u: send: the kernel's buffer is full", place->index);
    watch_otherwise(place->fd, EPOLLIN, place);
}

static void hear(struct place *place, bool sending) {
    static unsigned char chunk[64 * 1024];
    ssize_t got = receive_some(place->fd, place->index, chunk, sizeof chunk);
    if (got < 0) return;
    if (got > 0) {
        if (check_frame(&place->echo, chunk, (size_t)got) < (size_t)got)
            fail("connection %u: bytes that nobody sent", place->index);
        if (place->echo.offset == frame_bytes) shutdown(place->fd, SHUT_WR);
        return;
    }
    if (place->echo.offset < frame_bytes) fail("connection %u: closed by the server instead of an echo", place->index);
    close(place->fd);
    open_now--;
    last_end_at = now_ns();
    if (counting) histogram_add(&latencies, last_end_at - place->began_at);
    if (sending) begin(place);
}

static uint64_t run(double seconds) {
    struct epoll_event events[EVENTS_PER_WAIT];
    uint64_t start = now_ns(), end = start + (uint64_t)(seconds * (double)SECOND_NS), now = start;
    last_end_at = start;
    for (uint32_t i = 0; i < options.connections; i++) {
        places[i].index = i;
        begin(&places[i]);
    }
    while (open_now > 0) {
        int count = wait_for_events(events, 100);
        for (int i = 0; i < count; i++) {
            struct place *place = events[i].data.ptr;
            if (place->connected) {
                hear(place, now < end);
            } else {
                speak(place);
            }
        }
        now = now_ns();
        if (now > last_end_at + STALL_NS) fail("%llu connections were not closed", (unsigned long long)open_now);
    }
    return last_end_at - start;
}

const struct workload churn_workload = {.prepare = prepare, .run = run};
