#include "options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload.h"

struct options options = {.address.sin_family = AF_INET};

static double number(const char *text, double least, double most) {
    char *end;
    double value = strtod(text, &end);
    if (end != text && *end == '\0' && value >= least && value <= most) return value;
    fprintf(stderr, "load: expected a number from %.10g to %.10g, got \"%s\"\n", least, most, text);
    exit(2);
}

static void usage(void) {
    fprintf(stderr, "usage: load echo|broadcast|churn HOST PORT CONNECTIONS DEPTH PAYLOAD_BYTES SECONDS\n"
                    "            [--warmup SECONDS] [--idle COUNT] [--greet] [--gate]\n");
    exit(2);
}

static const struct workload *workload_named(const char *name) {
    if (strcmp(name, "echo") == 0) return &echo_workload;
    if (strcmp(name, "broadcast") == 0) return &broadcast_workload;
    if (strcmp(name, "churn") == 0) return &churn_workload;
    usage();
    return NULL;
}

void parse_options(int argc, char **argv) {
    if (argc < 8 || inet_pton(AF_INET, argv[2], &options.address.sin_addr) != 1) usage();
    options.workload = workload_named(argv[1]);
    options.address.sin_port = htons((uint16_t)number(argv[3], 1, 65535));
    options.connections = (uint32_t)number(argv[4], 1, 100000);
    options.depth = (uint32_t)number(argv[5], 1, 65536);
    options.payload_bytes = (uint32_t)number(argv[6], 1, 1024 * 1024);
    options.seconds = number(argv[7], 0.001, 3600);
    for (int i = 8; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--gate") == 0) {
            options.gate = true;
        } else if (strcmp(argv[i], "--greet") == 0) {
            options.greet = true;
        } else if (strcmp(argv[i], "--warmup") == 0 && has_value) {
            options.warmup_seconds = number(argv[++i], 0, 600);
        } else if (strcmp(argv[i], "--idle") == 0 && has_value) {
            options.idle = (uint32_t)number(argv[++i], 0, 100000);
        } else {
            usage();
        }
    }
}
