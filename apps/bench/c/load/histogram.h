/*
 * A log-linear histogram of durations: each power of two of nanoseconds is cut into 128 equal buckets, so that
 * counting is one shift and one addition, and what is read back is off by less than 1 %.
 */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum {
    SUB_BUCKET_BITS = 7,
    SUB_BUCKETS = 1 << SUB_BUCKET_BITS,
    BUCKETS = (64 - SUB_BUCKET_BITS + 1) * SUB_BUCKETS,
};

struct histogram {
    uint64_t total;
    uint64_t counts[BUCKETS];
};

static inline void histogram_add(struct histogram *histogram, uint64_t ns) {
    size_t bucket = ns;
    if (ns >= SUB_BUCKETS) {
        int shift = 63 - __builtin_clzll(ns) - SUB_BUCKET_BITS;
        bucket = (size_t)shift * SUB_BUCKETS + (ns >> shift);
    }
    histogram->counts[bucket]++;
    histogram->total++;
}

/* The middle of the bucket that holds the given share (0 to 1) of all durations, in nanoseconds. */
static inline double histogram_percentile(const struct histogram *histogram, double share) {
    uint64_t seen = 0;
    for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
        if (histogram->counts[bucket] == 0) continue;
        seen += histogram->counts[bucket];
        if ((double)seen < share * (double)histogram->total) continue;
        if (bucket < SUB_BUCKETS) return (double)bucket;
        int shift = (int)(bucket / SUB_BUCKETS) - 1;
        uint64_t start = (uint64_t)(bucket % SUB_BUCKETS + SUB_BUCKETS) << shift;
        return (double)start + (double)((1ull << shift) - 1) / 2;
    }
    return 0;
}

#endif
