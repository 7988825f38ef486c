/*
 * The load generator: sends framed messages to an echo server and compares every echo, byte for byte.
 *
 *   load HOST PORT CONNECTIONS DEPTH PAYLOAD_BYTES SECONDS [--warmup SECONDS] [--gate]
 *
 * HOST is a numeric IPv4 address. All connections are established before the first message. Each keeps DEPTH messages
 * under way: at depth 1 it waits for each echo, at 64 it answers the echoes of one read with one send of as many new
 * messages. What the warm-up sends is not counted.
 *
 * A period ends quietly: no more is sent, and the echoes still under way are awaited. So the server stands still at
 * both ends of the measured period, and its CPU time, read there from outside, belongs to the counted messages alone.
 * With --gate the program prints "ready" before the measured period and "done" after it, and waits for a line on stdin
 * each time.
 *
 * One JSON line on stdout tells the result: messages, seconds (from the first send to the last echo), latencyUs (from
 * the call of send to the return of recv; error at most 1 %), busy (the share of the period in which this
 * program ran or waited for a processor: near 1 it was the limit itself, not the server) and errors. Any error is
 * named on stderr, ends the run and gives exit code 1; bad arguments give 2.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"
#include "load-options.h"

enum {
    HEADER_BYTES = 4,
    CHUNK_BYTES = 256 * 1024,
    EVENTS_PER_WAIT = 512,
    PATTERN_OFFSETS = 64 * 1024,
};
static const uint64_t SECOND = 1000000000;
static const uint64_t STALL_NS = 10 * 1000000000ull; /* silence that counts as an error */

struct connection {
    int fd;
    uint32_t index;
    uint64_t sent;        /* messages handed to `out` */
    uint64_t received;    /* echoes complete and compared */
    size_t echo_offset;   /* bytes of the current echo (header included) that have been compared */
    uint64_t *sent_at;    /* a ring of `depth` times: message n is at n % depth */
    unsigned char *out;   /* messages that the kernel has not taken yet: out[out_start..out_end) */
    size_t out_start;
    size_t out_end;
    bool watching_output;
};

static struct options options;
static size_t frame_bytes;
static struct connection *connections;
static int epoll_fd;
static bool sending, counting;
static uint64_t under_way, last_echo_at;
static struct histogram latencies;
static unsigned char *pattern;
static unsigned char header[HEADER_BYTES];

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "load: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    printf("{\"messages\":%llu,\"errors\":1}\n", (unsigned long long)latencies.total);
    exit(1);
}

static uint64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

/* ---- messages: each payload is a window into random bytes, so that no two neighbours look alike ---- */

static void fill_pattern(void) {
    size_t size = PATTERN_OFFSETS + (size_t)options.payload_bytes;
    uint32_t state = 2463534242u;
    pattern = malloc(size);
    if (pattern == NULL) fail("out of memory");
    for (size_t i = 0; i < size; i++) {
        state ^= state << 13, state ^= state >> 17, state ^= state << 5; /* xorshift32, Marsaglia 2003 */
        pattern[i] = (unsigned char)(state >> 24);
    }
    uint32_t length = htonl(options.payload_bytes);
    memcpy(header, &length, sizeof length);
}

static const unsigned char *payload_of(uint32_t connection, uint64_t message) {
    return pattern + (connection * 7919u + message * 31u) % PATTERN_OFFSETS;
}

static void compare(const struct connection *connection, const unsigned char *got, const unsigned char *expected,
                    size_t size) {
    if (memcmp(got, expected, size) == 0) return;
    size_t at = 0;
    while (got[at] == expected[at]) at++;
    fail("connection %u, echo %llu, byte %zu: expected 0x%02x, got 0x%02x", connection->index,
         (unsigned long long)connection->received, connection->echo_offset + at, expected[at], got[at]);
}

/* ---- one connection ---- */

static void watch(struct connection *connection, bool output) {
    if (connection->watching_output == output) return;
    struct epoll_event event = {.events = EPOLLIN | (output ? EPOLLOUT : 0), .data.ptr = connection};
    connection->watching_output = output;
    if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, connection->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

static void send_more(struct connection *connection) {
    if (connection->out_start == connection->out_end && sending) {
        connection->out_start = connection->out_end = 0;
        uint64_t now = now_ns();
        while (connection->sent - connection->received < options.depth) {
            unsigned char *frame = connection->out + connection->out_end;
            memcpy(frame, header, HEADER_BYTES);
            memcpy(frame + HEADER_BYTES, payload_of(connection->index, connection->sent), options.payload_bytes);
            connection->sent_at[connection->sent % options.depth] = now;
            connection->out_end += frame_bytes;
            connection->sent++;
            under_way++;
        }
    }
    while (connection->out_start < connection->out_end) {
        ssize_t taken = send(connection->fd, connection->out + connection->out_start,
                             connection->out_end - connection->out_start, MSG_NOSIGNAL);
        if (taken >= 0) {
            connection->out_start += (size_t)taken;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } else if (errno != EINTR) {
            fail("connection %u: send: %s", connection->index, strerror(errno));
        }
    }
    watch(connection, connection->out_start < connection->out_end);
}

static void finish_echo(struct connection *connection, uint64_t now) {
    if (counting) histogram_add(&latencies, now - connection->sent_at[connection->received % options.depth]);
    connection->echo_offset = 0;
    connection->received++;
    under_way--;
}

/* Compares a chunk with what must come next: no echo is ever stored. */
static void check_chunk(struct connection *connection, const unsigned char *chunk, size_t size, uint64_t now) {
    while (size > 0) {
        if (connection->received == connection->sent) fail("connection %u: bytes that nobody sent", connection->index);
        size_t at = connection->echo_offset;
        bool in_header = at < HEADER_BYTES;
        const unsigned char *expected =
            in_header ? header + at : payload_of(connection->index, connection->received) + (at - HEADER_BYTES);
        size_t part = (in_header ? HEADER_BYTES : frame_bytes) - at;
        if (part > size) part = size;
        compare(connection, chunk, expected, part);
        chunk += part;
        size -= part;
        connection->echo_offset += part;
        if (connection->echo_offset == frame_bytes) finish_echo(connection, now);
    }
}

static void receive(struct connection *connection) {
    static unsigned char chunk[CHUNK_BYTES];
    ssize_t got = recv(connection->fd, chunk, sizeof chunk, 0);
    if (got > 0) {
        last_echo_at = now_ns();
        check_chunk(connection, chunk, (size_t)got, last_echo_at);
    } else if (got == 0) {
        fail("connection %u: closed by the server after %llu echoes", connection->index,
             (unsigned long long)connection->received);
    } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        fail("connection %u: recv: %s", connection->index, strerror(errno));
    }
}

/* ---- all connections ---- */

static void connect_all(void) {
    connections = calloc(options.connections, sizeof *connections);
    if (connections == NULL) fail("out of memory");
    for (uint32_t i = 0; i < options.connections; i++) {
        struct connection *connection = &connections[i];
        connection->index = i;
        connection->sent_at = calloc(options.depth, sizeof *connection->sent_at);
        connection->out = malloc(options.depth * frame_bytes);
        if (connection->sent_at == NULL || connection->out == NULL) fail("out of memory");
        connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connection->fd < 0) fail("socket: %s", strerror(errno));
        int on = 1;
        setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connect(connection->fd, (const struct sockaddr *)&options.address, sizeof options.address) < 0 && errno != EINPROGRESS)
            fail("connection %u: connect: %s", i, strerror(errno));
        struct epoll_event event = {.events = EPOLLOUT, .data.ptr = connection};
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
    }

    struct epoll_event events[EVENTS_PER_WAIT];
    for (uint32_t connected = 0; connected < options.connections;) {
        int count = epoll_wait(epoll_fd, events, EVENTS_PER_WAIT, (int)(STALL_NS / 1000000));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) fail("%u of %u connections established, then nothing", connected, options.connections);
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            int error = 0;
            socklen_t size = sizeof error;
            getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size);
            if (error != 0) fail("connection %u: connect: %s", connection->index, strerror(error));
            connection->watching_output = true;
            watch(connection, false);
            connected++;
        }
    }
}

/* Sends for a while, then awaits what is under way. Returns the nanoseconds from the first send to the last echo. */
static uint64_t run_period(double seconds) {
    struct epoll_event events[EVENTS_PER_WAIT];
    uint64_t start = now_ns(), end = start + (uint64_t)(seconds * (double)SECOND);
    last_echo_at = start;
    sending = true;
    for (uint32_t i = 0; i < options.connections; i++) send_more(&connections[i]);

    while (sending || under_way > 0) {
        int count = epoll_wait(epoll_fd, events, EVENTS_PER_WAIT, 100);
        if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
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

/* Nanoseconds in which this program (one thread) ran or stood in the queue of a processor: proc_pid_schedstat(5). */
static uint64_t busy_ns(void) {
    unsigned long long ran = 0, waited = 0;
    FILE *file = fopen("/proc/self/schedstat", "r");
    if (file == NULL || fscanf(file, "%llu %llu", &ran, &waited) != 2) fail("/proc/self/schedstat: cannot be read");
    fclose(file);
    return ran + waited;
}

static void pass_gate(const char *word) {
    char line[16];
    if (!options.gate) return;
    printf("%s\n", word);
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL) exit(1);
}

int main(int argc, char **argv) {
    options = parse_options(argc, argv);
    frame_bytes = HEADER_BYTES + (size_t)options.payload_bytes;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) fail("epoll_create1: %s", strerror(errno));

    fill_pattern();
    connect_all();
    if (options.warmup_seconds > 0) run_period(options.warmup_seconds);
    pass_gate("ready");
    counting = true;
    uint64_t busy = busy_ns();
    uint64_t took = run_period(options.seconds);
    busy = busy_ns() - busy;
    pass_gate("done");
    printf("{\"messages\":%llu,\"seconds\":%.6f,\"latencyUs\":{\"p50\":%.2f,\"p99\":%.2f,\"p999\":%.2f},\"busy\":%.3f,"
           "\"errors\":0}\n",
           (unsigned long long)latencies.total, (double)took / 1e9, histogram_percentile(&latencies, 0.5) / 1000,
           histogram_percentile(&latencies, 0.99) / 1000, histogram_percentile(&latencies, 0.999) / 1000,
           (double)busy / (double)took);
    return 0;
}
