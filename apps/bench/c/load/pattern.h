/* Messages: each payload is a window into random bytes, so that no two neighbours look alike. */
#ifndef LOAD_PATTERN_H
#define LOAD_PATTERN_H

#include <stddef.h>
#include <stdint.h>

enum { HEADER_BYTES = 4 };

extern size_t frame_bytes;

void fill_pattern(void);

/* Writes the frame of a message of a connection: its big-endian length, then its payload. */
void write_frame(unsigned char *into, uint32_t connection, uint64_t message);

/* Bytes of one frame that are awaited, and how many of them have come. Nothing that is received is ever stored. */
struct expected_frame {
    uint32_t connection;
    uint64_t message;
    size_t offset;
};

/*
 * Compares the first bytes of a chunk with what must come next of this frame, up to its end, and moves `offset`.
 * Returns how many bytes it took; fails at the first wrong one.
 */
size_t check_frame(struct expected_frame *expected, const unsigned char *chunk, size_t size);

#endif
