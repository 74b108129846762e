// Functions of glibc that Swift's Glibc module leaves out because it is built without _GNU_SOURCE.
#ifndef MARTLET_CLINUX_H
#define MARTLET_CLINUX_H

// memfd_create(2), since glibc 2.27: a file in memory, without a name.
extern int memfd_create(const char *name, unsigned int flags);

// MFD_CLOEXEC of linux/memfd.h.
static const unsigned int CLINUX_MFD_CLOEXEC = 1u;

#endif
