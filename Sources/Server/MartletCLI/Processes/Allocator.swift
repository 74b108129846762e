import CLinux

/// The C library's memory allocator.
enum Allocator {
    /// Makes it give memory back: by default it keeps an arena for each thread, up to eight a processor, and raises its thresholds with every
    /// large block that is freed, so that a few bodies of some megabytes stay for ever (mallopt(3)).
    static func bound() {
        _ = mallopt(CLINUX_M_ARENA_MAX, 2)
        _ = mallopt(CLINUX_M_MMAP_THRESHOLD, 128 * 1024)
        _ = mallopt(CLINUX_M_TRIM_THRESHOLD, 512 * 1024)
    }
}
