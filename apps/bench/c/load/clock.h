#ifndef LOAD_CLOCK_H
#define LOAD_CLOCK_H

#include <stdint.h>
#include <time.h>

static const uint64_t SECOND_NS = 1000000000ull;
static const uint64_t STALL_NS = 10 * 1000000000ull; /* silence that counts as an error */
enum { STALL_MS = 10 * 1000 };

static inline uint64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

#endif
