/* The arguments of the load generator: its head comment says what each one means. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct sockaddr_in address;
    uint32_t connections;
    uint32_t depth;
    uint32_t payload_bytes;
    double seconds;
    double warmup_seconds;
    bool gate;
};

static inline double number(const char *text, double least, double most) {
    char *end;
    double value = strtod(text, &end);
    if (end != text && *end == '\0' && value >= least && value <= most) return value;
    fprintf(stderr, "load: expected a number from %.10g to %.10g, got \"%s\"\n", least, most, text);
    exit(2);
}

/* Ends the program with exit code 2 when the arguments are not usable. */
static inline struct options parse_options(int argc, char **argv) {
    struct options options = {.address.sin_family = AF_INET};
    bool usable = argc >= 7 && inet_pton(AF_INET, argv[1], &options.address.sin_addr) == 1;
    for (int i = 7; i < argc && usable; i++) {
        if (strcmp(argv[i], "--gate") == 0) {
            options.gate = true;
        } else if (strcmp(argv[i], "--warmup") == 0 && i + 1 < argc) {
            options.warmup_seconds = number(argv[++i], 0, 600);
        } else {
            usable = false;
        }
    }
    if (!usable) {
        fprintf(stderr, "usage: load HOST PORT CONNECTIONS DEPTH PAYLOAD_BYTES SECONDS [--warmup SECONDS] [--gate]\n");
        exit(2);
    }
    options.address.sin_port = htons((uint16_t)number(argv[2], 1, 65535));
    options.connections = (uint32_t)number(argv[3], 1, 100000);
    options.depth = (uint32_t)number(argv[4], 1, 65536);
    options.payload_bytes = (uint32_t)number(argv[5], 1, 1024 * 1024);
    options.seconds = number(argv[6], 0.001, 3600);
    return options;
}
