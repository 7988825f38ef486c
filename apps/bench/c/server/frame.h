/* On the wire a frame is a 4-byte big-endian payload length (1 byte to 1 MiB) and the payload. */
#ifndef SERVER_FRAME_H
#define SERVER_FRAME_H

#include <arpa/inet.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    HEADER_BYTES = 4,
    MAX_PAYLOAD_BYTES = 1024 * 1024,
};

/* Bytes of the whole frames at the start of a buffer; -1 at a length out of range. */
static inline ptrdiff_t whole_frames(const unsigned char *bytes, size_t size) {
    size_t whole = 0;
    while (size - whole >= HEADER_BYTES) {
        uint32_t length;
        memcpy(&length, bytes + whole, sizeof length);
        length = ntohl(length);
        if (length == 0 || length > MAX_PAYLOAD_BYTES) return -1;
        if (size - whole < HEADER_BYTES + (size_t)length) break;
        whole += HEADER_BYTES + length;
    }
    return (ptrdiff_t)whole;
}

#endif
