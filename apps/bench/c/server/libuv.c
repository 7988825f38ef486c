/*
 * A TCP server of framed messages over libuv, the event loop below Node: what its loop costs without JavaScript.
 *
 *   libuv echo|broadcast      listens on a free port of 127.0.0.1 and prints "listening PORT"
 *
 * A frame is answered when it is complete: to its sender, or to everybody. Whole frames go out of the receive buffer
 * with uv_try_write; what the kernel does not take is copied and left to uv_write, and the sender is not read from
 * until it was taken.
 */
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

#include "frame.h"

enum { BACKLOG = 4096, FIRST_CAPACITY = 16 * 1024 };

struct connection {
    uv_tcp_t handle; /* first: a pointer to it is a pointer to the connection */
    struct connection *previous, *next;
    unsigned char *buffer;
    size_t capacity, filled;
    size_t unsent; /* writes that libuv still holds */
};

struct pending_write {
    uv_write_t request;
    unsigned char bytes[];
};

static int broadcasting;
static struct connection *connections;

static void check(int result, const char *what) {
    if (result >= 0) return;
    fprintf(stderr, "%s: %s\n", what, uv_strerror(result));
    exit(1);
}

static void *checked(void *memory) {
    if (memory == NULL) check(UV_ENOMEM, "malloc");
    return memory;
}

static void on_closed(uv_handle_t *handle) {
    struct connection *connection = (struct connection *)handle;
    free(connection->buffer);
    free(connection);
}

static void leave(struct connection *connection) {
    if (uv_is_closing((uv_handle_t *)&connection->handle)) return;
    if (connection->previous != NULL) connection->previous->next = connection->next;
    if (connection->next != NULL) connection->next->previous = connection->previous;
    if (connections == connection) connections = connection->next;
    uv_close((uv_handle_t *)&connection->handle, on_closed);
}

static void offer_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room) {
    struct connection *connection = (struct connection *)handle;
    (void)suggested;
    if (connection->filled == connection->capacity) {
        connection->capacity *= 2;
        connection->buffer = checked(realloc(connection->buffer, connection->capacity));
    }
    *room = uv_buf_init((char *)connection->buffer + connection->filled,
                        (unsigned)(connection->capacity - connection->filled));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *room);

static void on_written(uv_write_t *request, int status) {
    struct connection *connection = (struct connection *)request->handle;
    free(request->data);
    connection->unsent--;
    if (uv_is_closing((uv_handle_t *)&connection->handle)) return;
    if (status < 0) {
        leave(connection);
    } else if (connection->unsent == 0) {
        check(uv_read_start((uv_stream_t *)&connection->handle, offer_room, on_read), "uv_read_start");
    }
}

static void deliver(struct connection *connection, unsigned char *bytes, size_t size) {
    uv_stream_t *stream = (uv_stream_t *)&connection->handle;
    uv_buf_t piece = uv_buf_init((char *)bytes, (unsigned)size);
    int taken = connection->unsent > 0 ? UV_EAGAIN : uv_try_write(stream, &piece, 1);
    size_t sent = taken > 0 ? (size_t)taken : 0;
    if (sent == size) return;
    struct pending_write *rest = checked(malloc(sizeof *rest + size - sent));
    memcpy(rest->bytes, bytes + sent, size - sent);
    rest->request.data = rest;
    piece = uv_buf_init((char *)rest->bytes, (unsigned)(size - sent));
    check(uv_write(&rest->request, stream, &piece, 1, on_written), "uv_write");
    connection->unsent++;
    uv_read_stop(stream);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *room) {
    struct connection *connection = (struct connection *)stream;
    (void)room;
    if (got < 0) {
        leave(connection);
        return;
    }
    connection->filled += (size_t)got;
    ptrdiff_t whole = whole_frames(connection->buffer, connection->filled);
    if (whole < 0) {
        leave(connection);
    } else if (whole > 0) {
        if (broadcasting) {
            for (struct connection *each = connections; each != NULL; each = each->next)
                deliver(each, connection->buffer, (size_t)whole);
        } else {
            deliver(connection, connection->buffer, (size_t)whole);
        }
        connection->filled -= (size_t)whole;
        if (connection->filled > 0) memmove(connection->buffer, connection->buffer + whole, connection->filled);
    }
}

static void on_connection(uv_stream_t *listener, int status) {
    check(status, "uv_listen");
    struct connection *connection = checked(calloc(1, sizeof *connection));
    connection->capacity = FIRST_CAPACITY;
    connection->buffer = checked(malloc(FIRST_CAPACITY));
    check(uv_tcp_init(listener->loop, &connection->handle), "uv_tcp_init");
    check(uv_accept(listener, (uv_stream_t *)&connection->handle), "uv_accept");
    check(uv_tcp_nodelay(&connection->handle, 1), "uv_tcp_nodelay");
    connection->next = connections;
    if (connections != NULL) connections->previous = connection;
    connections = connection;
    check(uv_read_start((uv_stream_t *)&connection->handle, offer_room, on_read), "uv_read_start");
}

static void say_listening(const uv_tcp_t *listener) {
    struct sockaddr_in address;
    int size = sizeof address;
    check(uv_tcp_getsockname(listener, (struct sockaddr *)&address, &size), "uv_tcp_getsockname");
    printf("listening %u\n", ntohs(address.sin_port));
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc != 2 || (strcmp(argv[1], "echo") != 0 && strcmp(argv[1], "broadcast") != 0)) {
        fprintf(stderr, "usage: libuv echo|broadcast\n");
        return 2;
    }
    broadcasting = strcmp(argv[1], "broadcast") == 0;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);

    uv_tcp_t listener;
    struct sockaddr_in address;
    check(uv_ip4_addr("127.0.0.1", 0, &address), "uv_ip4_addr");
    check(uv_tcp_init(uv_default_loop(), &listener), "uv_tcp_init");
    check(uv_tcp_bind(&listener, (struct sockaddr *)&address, 0), "uv_tcp_bind");
    check(uv_listen((uv_stream_t *)&listener, BACKLOG, on_connection), "uv_listen");
    say_listening(&listener);
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
