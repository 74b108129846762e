import CLinux
import Glibc
import MartletCore
import SystemPackage

/// A job's payload as a file in memory, to be a program's standard input.
///
/// Not a pipe: a program that never reads its input, or closes it, would break the pipe, with SIGPIPE for the server; one that reads late
/// would keep a task waiting. A file has neither trouble, and is closed like any other descriptor.
enum PayloadFile {
    /// The descriptor, at the beginning of the file; whoever asked closes it.
    static func make(_ payload: Payload) throws(Errno) -> FileDescriptor {
        let number = memfd_create("martlet-payload", CLINUX_MFD_CLOEXEC)
        guard number >= 0 else { throw Errno(rawValue: errno) }
        let file = FileDescriptor(rawValue: number)
        do {
            // The newline is for programs that read a line; to a JSON reader it is white space.
            try file.writeAll(payload.utf8 + [UInt8(ascii: "\n")])
            try file.seek(offset: 0, from: .start)
        } catch {
            close(number)
            throw error as? Errno ?? .ioError
        }
        return file
    }
}
