import Foundation
import Glibc

/// A file of envelope keys. It is replaced whole, by renaming a new one that is on disk already: whatever stops the process in between, one of
/// the two is there.
struct KeyFile: Sendable {
    let path: String

    private static let bytesMax = 16 << 10
    private static let mode: mode_t = 0o600

    /// The text of the file, where nobody else may read or write it.
    /// - Throws: `VaultError.keyUnreadable`, `VaultError.keyExposed`.
    func read() throws(VaultError) -> String {
        // Not blocking, or a named pipe would be waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(lastError) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw unreadable(lastError) }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw unreadable("it is not a regular file") }
        // The open file is asked, so that nothing can change between the look and the reading.
        guard facts.st_mode & 0o077 == 0 else { throw .keyExposed(path: path, mode: facts.st_mode & 0o777) }
        guard facts.st_uid == geteuid() || facts.st_uid == 0 else { throw unreadable("it belongs to another user") }
        guard facts.st_size <= Self.bytesMax else { throw unreadable("it is larger than \(Self.bytesMax) bytes") }
        var bytes = [UInt8](repeating: 0, count: Self.bytesMax)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count) }
            if got == 0 { break }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw unreadable(lastError) }
            count += got
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Makes the file with one new key.
    /// - Throws: `VaultError.keyUnreadable` where there is a file already, or it cannot be written.
    func create() throws(VaultError) -> VaultKey {
        let key = VaultKey.generate()
        try locked { () throws(VaultError) in try write([key], replacing: false) }
        return key
    }

    /// Replaces the keys by what `change` makes of them, while no other process does.
    func change(_ change: ([VaultKey]) throws(VaultError) -> [VaultKey]) throws(VaultError) {
        try locked { () throws(VaultError) in
            let keys = try KeySource.file(path: path).load().keys
            let changed = try change(keys)
            if changed != keys { try write(changed, replacing: true) }
        }
    }

    private func write(_ keys: [VaultKey], replacing: Bool) throws(VaultError) {
        let new = "\(path).new"
        unlink(new)
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, Self.mode)
        guard descriptor >= 0 else { throw unreadable("\(new): \(lastError)") }
        defer { unlink(new) }
        var text = keys.map { $0.base64 + "\n" }.joined()
        let isWritten = text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count } && fsync(descriptor) == 0
        let reason = lastError
        close(descriptor)
        guard isWritten else { throw unreadable("\(new): \(reason)") }
        // A link fails where the name is taken, a rename replaces it.
        guard (replacing ? rename(new, path) : link(new, path)) == 0 else { throw unreadable(lastError) }
    }

    /// Runs `body` while this process alone changes key files in this folder. The kernel ends the lock with the process.
    private func locked(_ body: () throws(VaultError) -> Void) throws(VaultError) {
        let folder = open(URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw unreadable("its folder: \(lastError)") }
        defer { close(folder) }
        guard flock(folder, LOCK_EX) == 0 else { throw unreadable("its folder: \(lastError)") }
        try body()
        // The new name is to survive a loss of power.
        guard fsync(folder) == 0 else { throw unreadable("its folder: \(lastError)") }
    }

    private func unreadable(_ reason: String) -> VaultError { .keyUnreadable(source: path, reason: reason) }
    private var lastError: String { String(cString: strerror(errno)) }
}
