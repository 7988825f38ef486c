/*
 * Broadcast: one connection says something, and everybody, itself included, must hear it before the next one speaks. A
 * delivery to one connection counts as one message. Connections join one after the other: each says something, and when
 * all who are there have heard it, the server is known to have let it in.
 */
#include <stdlib.h>

#include "clock.h"
#include "fail.h"
#include "options.h"
#include "pattern.h"
#include "sockets.h"
#include "workload.h"

struct listener {
    int fd;
    uint32_t index;
    struct expected_frame next;
};

static struct listener *listeners;
static unsigned char *frame;
static uint64_t messages_said;

/* Says one message and waits until as many as there are have heard it; returns when the last one had. */
static uint64_t say_and_wait(const struct listener *speaker, uint32_t audience) {
    struct epoll_event events[EVENTS_PER_WAIT];
    static unsigned char chunk[64 * 1024];
    uint64_t message = messages_said++, said_at = now_ns(), heard_at = said_at;
    write_frame(frame, 0, message);
    if (send_some(speaker->fd, speaker->index, frame, frame_bytes) < frame_bytes)
        fail("connection %u: send: the kernel's buffer is full", speaker->index);

    for (uint32_t missing = audience; missing > 0;) {
        int count = wait_for_events(events, STALL_MS);
        if (count == 0) fail("message %llu: %u of %u did not hear it", (unsigned long long)message, missing, audience);
        for (int i = 0; i < count; i++) {
            struct listener *listener = events[i].data.ptr;
            ssize_t got = receive_some(listener->fd, listener->index, chunk, sizeof chunk);
            if (got < 0) continue;
            if (got == 0) fail("connection %u: closed by the server", listener->index);
            if (listener->next.message > message) fail("connection %u: bytes that nobody sent", listener->index);
            if (check_frame(&listener->next, chunk, (size_t)got) < (size_t)got)
                fail("connection %u: more than was said", listener->index);
            if (listener->next.offset < frame_bytes) continue;
            heard_at = now_ns();
            if (counting) histogram_add(&latencies, heard_at - said_at);
            listener->next.offset = 0;
            listener->next.message++;
            missing--;
        }
    }
    return heard_at;
}

static void prepare(void) {
    listeners = calloc(options.connections, sizeof *listeners);
    frame = malloc(frame_bytes);
    if (listeners == NULL || frame == NULL) fail("out of memory");
    for (uint32_t i = 0; i < options.connections; i++) {
        struct listener *newcomer = &listeners[i];
        newcomer->index = i;
        newcomer->fd = connect_one(i);
        newcomer->next.message = messages_said;
        watch(newcomer->fd, EPOLLIN, newcomer);
        say_and_wait(newcomer, i + 1);
    }
}

static uint64_t run(double seconds) {
    uint64_t start = now_ns(), end = start + (uint64_t)(seconds * (double)SECOND_NS), last = start;
    while (last < end) last = say_and_wait(&listeners[messages_said % options.connections], options.connections);
    return last - start;
}

const struct workload broadcast_workload = {.prepare = prepare, .run = run};
