import Foundation
import Glibc

/// A named pipe that processes hold open for writing: it is at its end when the last of them is gone. This way a test waits for the death
/// of processes that are not its children.
struct LivenessProbe {
    let path: String
    private let descriptor: CInt

    init(in folder: String) throws {
        path = folder + "/alive"
        guard mkfifo(path, 0o600) == 0 else { throw POSIXError(.EIO) }
        descriptor = open(path, O_RDONLY | O_NONBLOCK)
        guard descriptor >= 0 else { throw POSIXError(.EIO) }
    }

    /// Whether every holder is gone; waits up to ten seconds for that. To be asked after a holder said that it has opened the pipe.
    func isAtEnd() -> Bool {
        defer { close(descriptor) }
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, 10_000) == 1 else { return false }
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1) == 0
    }
}
