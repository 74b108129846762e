// Tells the Thread Sanitizer of the locks that it cannot see.
//
// Synchronization.Mutex takes a contended lock inside the Swift runtime (LinuxImpl.swift, futex with priority inheritance), which is not built with the
// sanitizer: the sanitizer then sees the guarded value change hands without a lock, and reports a race that is none. This library stands before the
// runtime's three slow paths and adds what the sanitizer would have seen. `run` holds it against one program whose only lock is a contended Mutex
// (must be clean) and one with a real race (must be reported), so that it can neither be missing nor hide anything.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

extern void __tsan_acquire(void *) __attribute__((weak));
extern void __tsan_release(void *) __attribute__((weak));

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

static void *original(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

SWIFT void lockSlow(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool tryLockSlow(SELF) __asm__(TRY);
SWIFT void unlockSlow(SELF) __asm__(UNLOCK);

SWIFT void lockSlow(uint32_t thread, SELF) {
    ((SWIFT void (*)(uint32_t, SELF))original(LOCK))(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}
SWIFT bool tryLockSlow(SELF) {
    bool taken = ((SWIFT bool (*)(SELF))original(TRY))(self);
    if (taken && __tsan_acquire) __tsan_acquire(self);
    return taken;
}
SWIFT void unlockSlow(SELF) {
    if (__tsan_release) __tsan_release(self);
    ((SWIFT void (*)(SELF))original(UNLOCK))(self);
}
