import CLibPQ
import Glibc
import MartletCore

/// Wakes a thread that waits for a socket: the one thing that `poll` can wait for beside it (eventfd(2)).
final class Bell: Sendable {
    private let descriptor: Int32

    /// - Throws: where the process has no descriptor left.
    init() throws(DatabaseFailure) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        if descriptor < 0 {
            throw DatabaseFailure(.unavailable, reason: "this process has too many files open: raise the limit (ulimit -n), or make the pool smaller")
        }
    }

    deinit { close(descriptor) }

    func ring() { eventfd_write(descriptor, 1) }

    func silence() {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }

    struct Heard {
        var rang = false
        var socket = false
    }

    /// Blocks its thread until the bell rings, the socket is ready, or the time is over.
    /// - Parameters:
    ///   - socket: a descriptor to watch too; -1 watches none.
    ///   - timeout: the longest wait; `nil` is for ever.
    func wait(socket: Int32 = -1, forWriting: Bool = false, timeout: Duration? = nil) -> Heard {
        var watched = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(forWriting ? POLLIN | POLLOUT : POLLIN), revents: 0),
        ]
        // Rounded up: a wait that ends just before its time would come back at once, again and again.
        let milliseconds = timeout.map { Int32(clamping: max(0, ($0.microseconds + 999) / 1000)) } ?? -1
        guard poll(&watched, 2, milliseconds) > 0 else { return Heard() }
        return Heard(rang: watched[0].revents != 0, socket: watched[1].revents != 0)
    }
}
