/* Any fault ends the run: it is named on stderr, and the result says so. */
#ifndef LOAD_FAIL_H
#define LOAD_FAIL_H

__attribute__((format(printf, 1, 2), noreturn)) void fail(const char *format, ...);

#endif
