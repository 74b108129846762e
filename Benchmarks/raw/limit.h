// What the raw limits share: the clock, and several connections at once as processes that count in shared memory.
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_of_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

// What one connection does over and over: returns how many rows it did.
typedef long (*turn)(void *connection, int batch);

// Opens `connections` with `open` and lets each take turns for so many seconds; returns rows a second.
static double measure(void *(*open)(const char *), const char *address, turn take, int batch, int connections, double seconds) {
    struct shared { volatile int ready; volatile double begin; volatile double rates[64]; } *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int number = 0; number < connections; number++) {
        pid_t child = fork();
        if (child < 0) fail("fork", "refused");
        if (child) continue;
        void *connection = open(address);
        take(connection, batch); // plans and pages are warm before the clock starts
        __sync_fetch_and_add(&shared->ready, 1);
        while (!shared->begin) usleep(100);
        double begin = seconds_of_clock();
        long rows = 0;
        while (seconds_of_clock() - begin < seconds) rows += take(connection, batch);
        shared->rates[number] = (double)rows / (seconds_of_clock() - begin);
        _exit(0);
    }
    for (int waited = 0; shared->ready < connections; waited++) {
        if (waited > 100000) fail("connections", "not ready after 10 s");
        usleep(100);
    }
    shared->begin = 1;
    double rate = 0;
    for (int number = 0; number < connections; number++) {
        int status;
        if (wait(&status) < 0 || status) fail("a connection", "failed");
    }
    for (int number = 0; number < connections; number++) rate += shared->rates[number];
    munmap(shared, sizeof *shared);
    return rate;
}
