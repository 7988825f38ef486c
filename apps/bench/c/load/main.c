/*
 * The load generator: sends framed messages to a server and compares every answer, byte for byte. One thread, epoll.
 *
 *   load echo|broadcast|churn HOST PORT CONNECTIONS DEPTH PAYLOAD_BYTES SECONDS
 *        [--warmup SECONDS] [--idle COUNT] [--greet] [--gate]
 *
 * HOST is a numeric IPv4 address. echo.c, broadcast.c and churn.c say what each workload does. What the warm-up sends is
 * not counted. With --idle so many more connections are opened after the warm-up, which stay silent until the end; with
 * --greet each of them exchanges one message first. A third of them is opened before the gate "settled": they take up the
 * memory that the server had to spare, and the growth from there on belongs to the others alone.
 *
 * A period ends quietly: no more is sent, and the answers still under way are awaited. So the server stands still at both
 * ends of the measured period, and its CPU time, read there from outside, belongs to the counted messages alone. With
 * --gate the program prints "settled" after the warm-up, "ready" before the measured period and "done" after it, and waits
 * for a line on stdin each time.
 *
 * One JSON line on stdout tells the result: messages, seconds (from the first send to the last answer), latencyUs (from
 * the call of send, or of connect in churn, to the last byte; error at most 1 %), busy (the share of the period in which
 * this program ran or waited for a processor: near 1 it was the limit itself, not the server) and errors. Any error is
 * named on stderr, ends the run and gives exit code 1; bad arguments give 2.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fail.h"
#include "options.h"
#include "pattern.h"
#include "sockets.h"
#include "workload.h"

bool counting;
struct histogram latencies;

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

static void open_idle_connections(uint32_t count) {
    if (count == 0) return;
    int *fds = calloc(count, sizeof *fds);
    if (fds == NULL) fail("out of memory");
    connect_many(count, fds, options.greet);
    free(fds); /* The connections stay open until the program ends. */
}

int main(int argc, char **argv) {
    parse_options(argc, argv);
    allow_many_descriptors();
    open_epoll();
    fill_pattern();
    options.workload->prepare();
    if (options.warmup_seconds > 0) options.workload->run(options.warmup_seconds);
    open_idle_connections(options.idle / 3);
    pass_gate("settled");
    open_idle_connections(options.idle - options.idle / 3);
    pass_gate("ready");
    counting = true;
    uint64_t busy = busy_ns();
    uint64_t took = options.workload->run(options.seconds);
    busy = busy_ns() - busy;
    pass_gate("done");
    printf("{\"messages\":%llu,\"seconds\":%.6f,\"latencyUs\":{\"p50\":%.2f,\"p99\":%.2f,\"p999\":%.2f},\"busy\":%.3f,"
           "\"errors\":0}\n",
           (unsigned long long)latencies.total, (double)took / 1e9, histogram_percentile(&latencies, 0.5) / 1000,
           histogram_percentile(&latencies, 0.99) / 1000, histogram_percentile(&latencies, 0.999) / 1000,
           (double)busy / (double)took);
    return 0;
}
