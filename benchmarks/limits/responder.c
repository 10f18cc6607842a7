// The least that a server can do with a request: two threads that wait with epoll, read header and body
// whole, and send a reply of a fixed size. "POST /N" is answered with a body of N bytes. What it costs is
// what the kernel, the loopback and the client cost.
//
// usage: responder PORT

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { THREADS = 2, HEAD = 8192, EVENTS = 64, MOST = 64 << 20 };

struct connection {
    int socket;
    char *bytes;      // header, then body
    size_t room;
    size_t filled;
    size_t expected;  // header and body; 0 until the header is there
    char head[128];
    size_t head_size;
    size_t reply_size;
    size_t sent;
};

static int polls[THREADS];
static int listener;
static char *nothing;  // what replies are made of

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void watch(int poll, int socket, uint32_t events, void *data) {
    struct epoll_event event = {.events = events, .data.ptr = data};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) < 0) die("epoll_ctl");
}

static void drop(struct connection *c) {
    close(c->socket);
    free(c->bytes);
    free(c);
}

static void accept_all(void) {
    static int next;
    int socket;
    while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        int on = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *c = calloc(1, sizeof *c);
        c->socket = socket;
        c->room = HEAD;
        c->bytes = malloc(c->room);
        watch(polls[next++ % THREADS], socket, EPOLLIN | EPOLLOUT | EPOLLET, c);
    }
}

// Looks for the end of the header, the body's length and the wanted size; 0 if the request is not understood.
static int understand(struct connection *c) {
    char *end = memmem(c->bytes, c->filled, "\r\n\r\n", 4);
    if (end == NULL) return c->filled < HEAD - 1;
    *end = 0;
    char *path = strchr(c->bytes, '/');
    if (path == NULL) return 0;
    c->reply_size = strtoul(path + 1, NULL, 10);
    char *length = strcasestr(c->bytes, "\r\ncontent-length:");
    size_t body = length == NULL ? 0 : strtoul(length + 17, NULL, 10);
    if (c->reply_size > MOST || body > MOST) return 0;
    c->expected = (size_t)(end + 4 - c->bytes) + body;
    if (c->expected > c->room) {
        c->bytes = realloc(c->bytes, c->expected);
        c->room = c->expected;
    }
    c->head_size = (size_t)snprintf(
        c->head, sizeof c->head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", c->reply_size);
    c->sent = 0;
    return 1;
}

// Sends what the socket takes: 1 when all is sent, 0 if it is full, -1 if it is broken.
static int reply(struct connection *c) {
    size_t all = c->head_size + c->reply_size;
    while (c->sent < all) {
        size_t body = c->sent < c->head_size ? 0 : c->sent - c->head_size;
        struct iovec parts[2] = {{c->head + c->sent, c->head_size - c->sent}, {nothing, c->reply_size - body}};
        int first = c->sent < c->head_size ? 0 : 1;
        struct msghdr message = {.msg_iov = parts + first, .msg_iovlen = 2 - first};
        ssize_t n = sendmsg(c->socket, &message, MSG_NOSIGNAL);
        if (n < 0) return errno == EAGAIN ? 0 : -1;
        c->sent += (size_t)n;
    }
    return 1;
}

static void serve(struct connection *c) {
    for (;;) {
        if (c->expected > 0 && c->filled == c->expected) {
            int done = reply(c);
            if (done < 0) drop(c);
            if (done <= 0) return;
            c->filled = c->expected = 0;
        }
        size_t most = c->expected > 0 ? c->expected - c->filled : HEAD - 1 - c->filled;
        ssize_t n = recv(c->socket, c->bytes + c->filled, most, 0);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) {
            drop(c);
            return;
        }
        c->filled += (size_t)n;
        if (c->expected == 0) {
            c->bytes[c->filled] = 0;
            if (!understand(c)) {
                drop(c);
                return;
            }
        }
    }
}

static void *run(void *poll) {
    struct epoll_event events[EVENTS];
    for (;;) {
        int n = epoll_wait(*(int *)poll, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == NULL) accept_all();
            else serve(events[i].data.ptr);
        }
    }
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: responder PORT\n");
        return 2;
    }
    nothing = calloc(1, MOST);
    memset(nothing, '0', MOST);  // resident, like a reply that was computed
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[1]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    if (listen(listener, 1024) < 0) die("listen");
    for (int i = 0; i < THREADS; i++) polls[i] = epoll_create1(0);
    watch(polls[0], listener, EPOLLIN, NULL);
    pthread_t thread;
    for (int i = 1; i < THREADS; i++) {
        if (pthread_create(&thread, NULL, run, &polls[i]) != 0) die("pthread_create");
    }
    run(&polls[0]);
    return 0;
}
