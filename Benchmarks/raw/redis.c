// The raw limit of a Redis for the entries of a queue: pipelined stream commands and nothing around them. usage: redis HOST:PORT SECONDS
// The whole cycle is XADD n, XREADGROUP COUNT n, XACK and XDEL of what was read.
#include "limit.h"
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

struct connection {
    int socket;
    char *out, *in;
    size_t filled, capacity, begin, end;
};

static const char *payload = "{\"to\": \"someone@example.org\", \"template\": \"welcome\", \"language\": \"en\", \"attachments\": [1, 2, 3, 4, 5]}";

static void put(struct connection *c, const char *text, size_t length) {
    if (c->filled + length > c->capacity) c->out = realloc(c->out, c->capacity = (c->filled + length) * 2);
    memcpy(c->out + c->filled, text, length);
    c->filled += length;
}

static void command(struct connection *c, int words) {
    char text[32];
    put(c, text, (size_t)sprintf(text, "*%d\r\n", words));
}

static void word(struct connection *c, const char *bytes, size_t length) {
    char text[32];
    put(c, text, (size_t)sprintf(text, "$%zu\r\n", length));
    put(c, bytes, length);
    put(c, "\r\n", 2);
}

static void words(struct connection *c, int count, const char **list) {
    command(c, count);
    for (int number = 0; number < count; number++) word(c, list[number], strlen(list[number]));
}

static void flush(struct connection *c) {
    for (size_t sent = 0; sent < c->filled;) {
        ssize_t written = write(c->socket, c->out + sent, c->filled - sent);
        if (written <= 0) fail("Redis", "the connection is gone");
        sent += (size_t)written;
    }
    c->filled = 0;
}

#define READ_BYTES (1 << 22)

static char next_byte(struct connection *c) {
    if (c->begin == c->end) {
        ssize_t got = read(c->socket, c->in, READ_BYTES);
        if (got <= 0) fail("Redis", "the connection is gone");
        c->begin = 0;
        c->end = (size_t)got;
    }
    return c->in[c->begin++];
}

static long number_line(struct connection *c, char *kind) {
    char line[512];
    size_t length = 0;
    for (char byte; (byte = next_byte(c)) != '\n';)
        if (length < sizeof line - 1) line[length++] = byte;
    line[length] = 0;
    *kind = line[0];
    if (*kind == '-' && strncmp(line, "-BUSYGROUP", 10)) fail("Redis", line);
    return atol(line + 1);
}

// Reads one answer; bulk strings that look like stream ids are kept in `ids`.
static void answer(struct connection *c, char (*ids)[32], int *found, int most) {
    char kind, text[32];
    long value = number_line(c, &kind);
    if (kind == '$' && value >= 0) {
        int dashes = 0;
        for (long at = 0; at < value; at++) {
            char byte = next_byte(c);
            if (at < 31) text[at] = byte;
            dashes += byte == '-';
        }
        next_byte(c);
        next_byte(c);
        if (ids && value < 31 && dashes == 1 && *found < most) {
            text[value] = 0;
            strcpy(ids[(*found)++], text);
        }
    }
    if (kind == '*')
        for (long item = 0; item < value; item++) answer(c, ids, found, most);
}

static void *open_connection(const char *address) {
    char host[256];
    const char *colon = strrchr(address, ':');
    if (!colon || colon - address > 255) fail("usage", "the address is HOST:PORT");
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    if (getaddrinfo(host, colon + 1, &hints, &found)) fail("Redis", "unknown host");
    struct connection *c = calloc(1, sizeof *c);
    c->in = malloc(READ_BYTES);
    c->socket = socket(found->ai_family, SOCK_STREAM, 0);
    if (connect(c->socket, found->ai_addr, found->ai_addrlen)) fail("Redis", "refused the connection");
    freeaddrinfo(found);
    int on = 1;
    setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    words(c, 6, (const char *[]){"XGROUP", "CREATE", "raw", "group", "0", "MKSTREAM"});
    flush(c);
    answer(c, NULL, NULL, 0);
    return c;
}

static long take_add(void *connection, int batch) {
    struct connection *c = connection;
    for (int number = 0; number < batch; number++) words(c, 5, (const char *[]){"XADD", "raw", "*", "payload", payload});
    flush(c);
    for (int number = 0; number < batch; number++) answer(c, NULL, NULL, 0);
    return batch;
}

static long take_cycle(void *connection, int batch) {
    struct connection *c = connection;
    static char (*ids)[32];
    char count[16], consumer[16];
    int found = 0;
    ids = realloc(ids, (size_t)batch * sizeof *ids);
    take_add(c, batch);
    snprintf(count, sizeof count, "%d", batch);
    snprintf(consumer, sizeof consumer, "%d", (int)getpid());
    words(c, 9, (const char *[]){"XREADGROUP", "GROUP", "group", consumer, "COUNT", count, "STREAMS", "raw", ">"});
    flush(c);
    answer(c, ids, &found, batch);
    if (!found) return 0;
    command(c, 3 + found);
    word(c, "XACK", 4);
    word(c, "raw", 3);
    word(c, "group", 5);
    for (int number = 0; number < found; number++) word(c, ids[number], strlen(ids[number]));
    command(c, 2 + found);
    word(c, "XDEL", 4);
    word(c, "raw", 3);
    for (int number = 0; number < found; number++) word(c, ids[number], strlen(ids[number]));
    flush(c);
    answer(c, NULL, NULL, 0);
    answer(c, NULL, NULL, 0);
    return found;
}

static void forget(const char *address) {
    struct connection *c = open_connection(address);
    words(c, 2, (const char *[]){"DEL", "raw"});
    flush(c);
    answer(c, NULL, NULL, 0);
    close(c->socket);
    free(c->in);
    free(c->out);
    free(c);
}

int main(int count, char **arguments) {
    if (count != 3) fail("usage", "redis HOST:PORT SECONDS");
    struct { const char *name; turn take; int batch, connections; } cells[] = {
        {"add_1", take_add, 1, 1},         {"add_100", take_add, 100, 1},     {"cycle_1", take_cycle, 1, 1},
        {"cycle_10", take_cycle, 10, 1},   {"cycle_100", take_cycle, 100, 1}, {"cycle_100_4", take_cycle, 100, 4},
    };
    printf("{");
    for (size_t cell = 0; cell < sizeof cells / sizeof *cells; cell++) {
        forget(arguments[1]);
        double rate = measure(open_connection, arguments[1], cells[cell].take, cells[cell].batch, cells[cell].connections, atof(arguments[2]));
        printf("%s\"%s\": %.0f", cell ? ", " : "", cells[cell].name, rate);
        fflush(stdout);
    }
    printf("}\n");
    forget(arguments[1]);
    return 0;
}
