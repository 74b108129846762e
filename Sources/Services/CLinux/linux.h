// Functions of glibc that Swift's Glibc module leaves out: it is built without _GNU_SOURCE and without malloc.h.
#ifndef MARTLET_CLINUX_H
#define MARTLET_CLINUX_H

// memfd_create(2), since glibc 2.27: a file in memory, without a name.
extern int memfd_create(const char *name, unsigned int flags);

// MFD_CLOEXEC of linux/memfd.h.
static const unsigned int CLINUX_MFD_CLOEXEC = 1u;

// mallopt(3), with its parameters as in malloc.h.
extern int mallopt(int parameter, int value);
static const int CLINUX_M_TRIM_THRESHOLD = -1;
static const int CLINUX_M_MMAP_THRESHOLD = -3;
static const int CLINUX_M_ARENA_MAX = -8;

#endif
