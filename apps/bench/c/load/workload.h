/* What the load generator can do to a server, and what every workload shares. */
#ifndef LOAD_WORKLOAD_H
#define LOAD_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "histogram.h"

enum { EVENTS_PER_WAIT = 512 };

struct workload {
    /* Before the first period. */
    void (*prepare)(void);
    /*
     * Sends for a while, then awaits what is under way, so that the server stands still again. Adds every duration to
     * `latencies` if `counting`. Returns the nanoseconds from the first send to the last answer.
     */
    uint64_t (*run)(double seconds);
};

extern const struct workload echo_workload;
extern const struct workload broadcast_workload;
extern const struct workload churn_workload;

extern bool counting;
extern struct histogram latencies;

#endif
