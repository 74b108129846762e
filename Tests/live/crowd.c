/* A crowd of WebSocket clients on one thread: epoll, one small buffer for all, no copy of what is read.
 *
 *   crowd PORT CLIENTS STALLED SECONDS RATE STREAM [RECONNECTS]
 *
 * CLIENTS subscribe to STREAM, the first STALLED of them then read no more. RATE times a second an event is appended over HTTP (0: as fast as it is
 * answered), with the time in its data. The others check that each sequence number comes once and in order and measure how long after
 * its append a frame was there. RECONNECTS of them break off and come back in each second. Prints one line of JSON. Frames from a peer that speaks no
 * subscriptions (STREAM -) are only counted. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CAPACITY = 2048, BUCKETS = 100000 };
typedef struct {
    int fd, is_open, is_stalled, is_closed;
    long last, frames;
    uint64_t skip; /* bytes of a frame that need not be looked at */
    int held;
    unsigned char part[CAPACITY]; /* a frame that is not whole yet: as much of it as is looked at */
} Client;

static int port, epoll_fd;
static const char *stream;
static long frames, gaps, doubles, lagged, cut, reconnects, notices;
static long latency[BUCKETS + 1]; /* by tenths of a millisecond */

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int dial(int is_small) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    int small = 4096; /* so that a reader that stalls is felt by the server soon, and not only by the kernel */
    if (is_small) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) { perror("connect"); exit(1); }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void say(int fd, const char *text) {
    unsigned char frame[512] = {0x81, 0x80 | 126};
    size_t n = strlen(text);
    frame[2] = n >> 8, frame[3] = n & 255; /* four zero bytes of mask follow */
    memcpy(frame + 8, text, n);
    if (write(fd, frame, 8 + n) != (ssize_t)(8 + n)) { perror("write"); exit(1); }
}

static void enter(Client *client, int is_small) {
    char text[400];
    client->fd = dial(is_small);
    int n = snprintf(text, sizeof text,
        "GET /v1/live HTTP/1.1\r\nHost: localhost:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", port);
    if (write(client->fd, text, n) != n) { perror("write"); exit(1); }
    client->is_open = client->held = 0, client->skip = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    fcntl(client->fd, F_SETFL, O_NONBLOCK);
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, client->fd, &event);
}

static void leave(Client *client) {
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, client->fd, NULL);
    close(client->fd);
    client->is_open = 0;
}

static void take(Client *client, const unsigned char *payload, size_t n, int opcode) {
    char text[CAPACITY + 1];
    if (opcode == 8) { cut++, client->is_closed = 1; return; }
    if (opcode == 9) { unsigned char pong[6] = {0x8A, 0x80}; if (write(client->fd, pong, 6) < 0) client->is_closed = 1; return; }
    if (stream[0] == '-') { frames++, client->frames++; return; }
    if (n > CAPACITY) n = CAPACITY;
    memcpy(text, payload, n), text[n] = 0;
    char *seq = strstr(text, "\"seq\":"), *at = strstr(text, "\"t\":");
    if (!seq) { notices++; if (strstr(text, "\"lagged\"")) lagged++; return; }
    long number = atol(seq + 6);
    char *skipped = strstr(text, "\"skipped\":");
    long first = number - (skipped ? atol(skipped + 10) : 0);
    if (first > client->last + 1) gaps++;
    if (number <= client->last) doubles++;
    client->last = number, frames++, client->frames++;
    if (at) {
        long tenth = (long)((now() - atof(at + 4)) * 1e4);
        latency[tenth < 0 ? 0 : tenth > BUCKETS ? BUCKETS : tenth]++;
    }
}

/* What has come, in whatever pieces. */
static void eat(Client *client, unsigned char *data, size_t n) {
    if (!client->is_open) {
        unsigned char *end = memmem(data, n, "\r\n\r\n", 4);
        if (!end || memcmp(data, "HTTP/1.1 101", 12)) { fprintf(stderr, "refused: %.60s\n", data); exit(1); }
        char text[300];
        snprintf(text, sizeof text, "{\"op\":\"subscribe\",\"stream\":\"%s\",\"after\":%ld}", stream, client->last);
        client->is_open = 1;
        if (stream[0] != '-') say(client->fd, text);
        n -= end + 4 - data, data = end + 4;
    }
    while (n > 0 && !client->is_closed) {
        if (client->skip) {
            size_t step = n < client->skip ? n : client->skip;
            client->skip -= step, data += step, n -= step;
            continue;
        }
        unsigned char *frame = data;
        size_t have = n;
        if (client->held) { /* joined to what was there */
            size_t step = CAPACITY - client->held < n ? CAPACITY - client->held : n;
            memcpy(client->part + client->held, data, step);
            frame = client->part, have = client->held + step;
        }
        size_t head = 2, length = have < 2 ? 0 : frame[1] & 127;
        if (length == 126) head = 4;
        if (length == 127) head = 10;
        int is_known = have >= head;
        if (is_known && head > 2) {
            length = 0;
            for (size_t i = 2; i < head; i++) length = length << 8 | frame[i];
        }
        size_t whole = head + length;
        if (!is_known || (have < whole && whole <= CAPACITY)) {
            if (!client->held) memcpy(client->part, data, n);
            client->held = have;
            return;
        }
        size_t here = whole < have ? whole : have;
        take(client, frame + head, here - head, frame[0] & 15);
        size_t used = here - client->held;
        client->held = 0, client->skip = whole - here;
        data += used, n -= used;
    }
}

static long percentile(double part) {
    long all = 0, seen = 0;
    for (int i = 0; i <= BUCKETS; i++) all += latency[i];
    for (int i = 0; i <= BUCKETS; i++) if ((seen += latency[i]) >= all * part) return i;
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 7) return 2;
    port = atoi(argv[1]);
    int count = atoi(argv[2]), stalled = atoi(argv[3]), rate = atoi(argv[5]), again = argc > 7 ? atoi(argv[7]) : 0;
    double seconds = atof(argv[4]);
    stream = argv[6];
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit), limit.rlim_cur = limit.rlim_max, setrlimit(RLIMIT_NOFILE, &limit);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    Client *clients = calloc(count, sizeof *clients);
    static unsigned char buffer[1 << 18];
    struct epoll_event events[512];
    for (int i = 0; i < count; i++) enter(&clients[i], i < stalled);
    int publisher = stream[0] == '-' ? -1 : dial(0), is_waiting = 0;
    if (publisher >= 0) fcntl(publisher, F_SETFL, O_NONBLOCK);
    double start = 0, due = 0, stop = 0, next_again = 0;
    long published = 0, open_count = 0;
    srand(7);
    for (;;) {
        double t = now();
        if (!start) {
            open_count = 0;
            for (int i = 0; i < count; i++) open_count += clients[i].is_open;
            if (open_count == count && (stream[0] == '-' || notices >= count)) {
                for (int i = 0; i < stalled; i++) clients[i].is_stalled = 1, epoll_ctl(epoll_fd, EPOLL_CTL_DEL, clients[i].fd, NULL);
                start = due = next_again = t, stop = t + seconds;
                fprintf(stderr, "ready\n");
            }
        }
        if (start && publisher >= 0 && t < stop && !is_waiting && t >= due) {
            char text[700], data[400];
            int n = snprintf(data, sizeof data, "{\"stream\":\"%s\",\"type\":\"n\",\"data\":{\"t\":%.6f,\"x\":\"%.*s\"}}", stream, t, 90,
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
            n = snprintf(text, sizeof text,
                "POST /v1/events HTTP/1.1\r\nHost: localhost:%d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", port, n, data);
            if (write(publisher, text, n) != n) { perror("publish"); return 1; }
            is_waiting = 1, due += rate ? 1.0 / rate : 0, published++;
        }
        if (is_waiting) {
            ssize_t n = read(publisher, buffer, sizeof buffer - 1);
            if (n > 0) { buffer[n] = 0; if (memcmp(buffer, "HTTP/1.1 201", 12)) { fprintf(stderr, "append: %s\n", buffer); return 1; } is_waiting = 0; }
            else if (n == 0) { fprintf(stderr, "the publisher was cut off\n"); return 1; }
        }
        for (; again && start && t < stop && t >= next_again; next_again += 1.0 / again) {
            Client *client = &clients[stalled + rand() % (count - stalled)];
            if (client->is_open && !client->is_closed) leave(client), enter(client, 0), reconnects++;
        }
        if (start && t > stop) {
            int is_done = t > stop + 10 || stream[0] == '-';
            if (!is_done) { is_done = 1; for (int i = stalled; i < count; i++) is_done &= clients[i].last >= published || clients[i].is_closed; }
            if (is_done) break;
        }
        int ready = epoll_wait(epoll_fd, events, 512, is_waiting || (start && !rate) ? 0 : 1);
        for (int i = 0; i < ready; i++) {
            Client *client = events[i].data.ptr;
            ssize_t n = read(client->fd, buffer, sizeof buffer);
            if (n > 0) eat(client, buffer, n);
            if (n == 0 || (n < 0 && errno != EAGAIN) || client->is_closed) { if (!client->is_closed) cut++; client->is_closed = 1; leave(client); }
        }
    }
    double took = (start ? stop : now()) - start;
    long behind = 0, dropped = 0;
    for (int i = stalled; i < count; i++) behind += stream[0] != '-' && clients[i].last < published;
    for (int i = 0; i < stalled; i++) { /* what the server did to those who read nothing */
        ssize_t n;
        while ((n = read(clients[i].fd, buffer, sizeof buffer)) > 0) {}
        dropped += n == 0 || errno != EAGAIN;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"clients\":%d,\"stalled\":%d,\"published\":%ld,\"frames\":%ld,\"frames_per_second\":%.0f,\"p50_ms\":%.1f,\"p99_ms\":%.1f,\"max_ms\":%.1f,"
           "\"gaps\":%ld,\"doubles\":%ld,\"behind\":%ld,\"lagged\":%ld,\"cut\":%ld,\"stalled_dropped\":%ld,\"reconnects\":%ld,\"client_cpu_s\":%.2f}\n",
        count, stalled, published, frames, frames / took, percentile(0.5) / 10.0, percentile(0.99) / 10.0, percentile(1) / 10.0, gaps, doubles,
        behind, lagged, cut, dropped, reconnects,
        usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    return gaps || doubles || behind;
}
