/* The arguments of the load generator: the head comment of main.c says what each one means. */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct options {
    struct sockaddr_in address;
    const struct workload *workload;
    uint32_t connections;
    uint32_t depth;
    uint32_t payload_bytes;
    uint32_t idle;
    double seconds;
    double warmup_seconds;
    bool greet;
    bool gate;
};

extern struct options options;

/* Fills `options`; ends the program with exit code 2 when the arguments are not usable. */
void parse_options(int argc, char **argv);

#endif
