#include "pattern.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "options.h"

enum { PATTERN_OFFSETS = 64 * 1024 };

size_t frame_bytes;
static unsigned char *pattern;
static unsigned char header[HEADER_BYTES];

void fill_pattern(void) {
    size_t size = PATTERN_OFFSETS + (size_t)options.payload_bytes;
    uint32_t state = 2463534242u;
    frame_bytes = HEADER_BYTES + (size_t)options.payload_bytes;
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

void write_frame(unsigned char *into, uint32_t connection, uint64_t message) {
    memcpy(into, header, HEADER_BYTES);
    memcpy(into + HEADER_BYTES, payload_of(connection, message), options.payload_bytes);
}

static void compare(const struct expected_frame *expected, const unsigned char *got, const unsigned char *wanted,
                    size_t size) {
    if (memcmp(got, wanted, size) == 0) return;
    size_t at = 0;
    while (got[at] == wanted[at]) at++;
    fail("connection %u, echo %llu, byte %zu: expected 0x%02x, got 0x%02x", expected->connection,
         (unsigned long long)expected->message, expected->offset + at, wanted[at], got[at]);
}

size_t check_frame(struct expected_frame *expected, const unsigned char *chunk, size_t size) {
    size_t taken = 0;
    while (taken < size && expected->offset < frame_bytes) {
        size_t at = expected->offset;
        bool in_header = at < HEADER_BYTES;
        const unsigned char *wanted =
            in_header ? header + at : payload_of(expected->connection, expected->message) + (at - HEADER_BYTES);
        size_t part = (in_header ? HEADER_BYTES : frame_bytes) - at;
        if (part > size - taken) part = size - taken;
        compare(expected, chunk + taken, wanted, part);
        taken += part;
        expected->offset += part;
    }
    return taken;
}
