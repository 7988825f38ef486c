/*
 * Echo: each connection keeps DEPTH messages under way. At depth 1 it waits for each echo, at 64 it answers the echoes of
 * one read with one send of as many new messages.
 */
#include <stdlib.h>

#include "clock.h"
#include "fail.h"
#include "options.h"
#include "pattern.h"
#include "sockets.h"
#include "workload.h"

enum { CHUNK_BYTES = 256 * 1024 };

struct connection {
    int fd;
    uint32_t index;
    uint64_t sent;                /* messages handed to `out` */
    struct expected_frame echo;   /* the one that comes next: as many are complete as its number says */
    uint64_t *sent_at;            /* a ring of `depth` times: message n is at n % depth */
    unsigned char *out;           /* messages that the kernel has not taken yet: out[out_start..out_end) */
    size_t out_start;
    size_t out_end;
    bool watching_output;
};

static struct connection *connections;
static bool sending;
static uint64_t under_way, last_echo_at;

static void prepare(void) {
    int *fds = calloc(options.connections, sizeof *fds);
    connections = calloc(options.connections, sizeof *connections);
    if (fds == NULL || connections == NULL) fail("out of memory");
    connect_many(options.connections, fds, false);
    for (uint32_t i = 0; i < options.connections; i++) {
        struct connection *connection = &connections[i];
        connection->fd = fds[i];
        connection->index = i;
        connection->echo.connection = i;
        connection->sent_at = calloc(options.depth, sizeof *connection->sent_at);
        connection->out = malloc(options.depth * frame_bytes);
        if (connection->sent_at == NULL || connection->out == NULL) fail("out of memory");
        watch(connection->fd, EPOLLIN, connection);
    }
    free(fds);
}

static void fill_out(struct connection *connection) {
    uint64_t now = now_ns();
    connection->out_start = connection->out_end = 0;
    while (connection->sent - connection->echo.message < options.depth) {
        write_frame(connection->out + connection->out_end, connection->index, connection->sent);
        connection->sent_at[connection->sent % options.depth] = now;
        connection->out_end += frame_bytes;
        connection->sent++;
        under_way++;
    }
}

static void send_more(struct connection *connection) {
    if (connection->out_start == connection->out_end && sending) fill_out(connection);
    connection->out_start += send_some(connection->fd, connection->index, connection->out + connection->out_start,
                                       connection->out_end - connection->out_start);
    bool stuck = connection->out_start < connection->out_end;
    if (connection->watching_output == stuck) return;
    connection->watching_output = stuck;
    watch_otherwise(connection->fd, EPOLLIN | (stuck ? EPOLLOUT : 0), connection);
}

static void finish_echo(struct connection *connection, uint64_t now) {
    if (counting) histogram_add(&latencies, now - connection->sent_at[connection->echo.message % options.depth]);
    connection->echo.offset = 0;
    connection->echo.message++;
    under_way--;
}

static void receive(struct connection *connection) {
    static unsigned char chunk[CHUNK_BYTES];
    ssize_t got = receive_some(connection->fd, connection->index, chunk, sizeof chunk);
    if (got < 0) return;
    if (got == 0)
        fail("connection %u: closed by the server after %llu echoes", connection->index,
             (unsigned long long)connection->echo.message);
    last_echo_at = now_ns();
    for (size_t at = 0; at < (size_t)got;) {
        if (connection->echo.message == connection->sent)
            fail("connection %u: bytes that nobody sent", connection->index);
        at += check_frame(&connection->echo, chunk + at, (size_t)got - at);
        if (connection->echo.offset == frame_bytes) finish_echo(connection, last_echo_at);
    }
}

static uint64_t run(double seconds) {
    struct epoll_event events[EVENTS_PER_WAIT];
    uint64_t start = now_ns(), end = start + (uint64_t)(seconds * (double)SECOND_NS);
    last_echo_at = start;
    sending = true;
    for (uint32_t i = 0; i < options.connections; i++) send_more(&connections[i]);

    while (sending || under_way > 0) {
        int count = wait_for_events(events, 100);
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            if (events[i].events & ~(uint32_t)EPOLLOUT) receive(connection);
            send_more(connection);
        }
        uint64_t now = now_ns();
        if (now >= end) sending = false;
        if (now > last_echo_at + STALL_NS) fail("%llu echoes missing", (unsigned long long)under_way);
    }
    return last_echo_at - start;
}

const struct workload echo_workload = {.prepare = prepare, .run = run};
