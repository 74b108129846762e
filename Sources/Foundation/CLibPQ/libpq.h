// PostgreSQL's own client library, and the two calls of Linux that a thread needs to wait for its server and for its owner at once.
#ifndef MARTLET_CLIBPQ_H
#define MARTLET_CLIBPQ_H

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>

#endif
