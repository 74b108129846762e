import Crypto
import Database
import Glibc

/// One blob being written. Its file is locked for as long as this process has it open, so that a sweep tells it from one that a crash has left.
actor BlobWriter {
    /// Bytes between two looks at the free space.
    private static let checkInterval = 16 << 20
    private static let attempts = 5

    nonisolated let thread: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    /// Keeps the threads running.
    private let threads: BlobThreads
    private let folder: BlobFolder
    private let limits: BlobLimits
    private let free: @Sendable (BlobFolder) throws(BlobError) -> Int
    private var name: String
    private var descriptor: Int32 = -1
    private var hasher = SHA256()
    private var size = 0
    private var checked = 0

    init(
        _ name: String, in folder: BlobFolder, limits: BlobLimits, threads: BlobThreads,
        free: @escaping @Sendable (BlobFolder) throws(BlobError) -> Int
    ) {
        self.name = name
        self.folder = folder
        self.limits = limits
        self.threads = threads
        self.free = free
        thread = threads.take()
    }

    private var path: String { "\(folder.temporary)/\(name)" }

    /// - Parameter announced: the size, where the caller knows it: then it must have room from the start.
    func begin(announced: Int?) throws(BlobError) {
        if let announced, announced > limits.blobBytes { throw .tooLarge(bytesMax: limits.blobBytes) }
        try check(room: announced ?? 0)
        let base = name
        for attempt in 1...Self.attempts {
            name = "\(base)-\(attempt)"
            if try create() { return }
        }
        throw .failed("locking a temporary file", code: EAGAIN)
    }

    /// - Returns: `false` where a sweep took the file for a leftover between the call that made it and the one that locked it.
    private func create() throws(BlobError) -> Bool {
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw full(BlobFolder.failure("making a temporary file")) }
        var facts = stat()
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &facts) == 0, facts.st_nlink == 1 { return true }
        close(descriptor)
        descriptor = -1
        return false
    }

    func write(_ chunk: [UInt8]) throws(BlobError) {
        guard size + chunk.count <= limits.blobBytes else { throw .tooLarge(bytesMax: limits.blobBytes) }
        if size + chunk.count - checked >= Self.checkInterval { try check(room: chunk.count) }
        hasher.update(data: chunk)
        var written = 0
        while written < chunk.count {
            let count = chunk.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), chunk.count - written) }
            if count < 0 {
                if errno == EINTR { continue }
                throw full(BlobFolder.failure("writing a blob"))
            }
            written += count
        }
        size += chunk.count
    }

    private func check(room: Int) throws(BlobError) {
        guard try free(folder) - room >= limits.reserve else { throw .diskFull(reserve: limits.reserve) }
        checked = size
    }

    private func full(_ error: BlobError) -> BlobError {
        if case .diskFull = error { .diskFull(reserve: limits.reserve) } else { error }
    }

    /// Has the bytes on disk, and says which they are.
    func seal() throws(BlobError) -> (blob: StoredBlob, path: String) {
        guard fsync(descriptor) == 0 else { throw full(BlobFolder.failure("writing a blob to the disk")) }
        let digest = BlobDigest(hasher.finalize())
        let sealed = BlobFolder.sealedName(name, digest)
        guard rename(path, "\(folder.temporary)/\(sealed)") == 0 else { throw full(BlobFolder.failure("renaming a temporary file")) }
        name = sealed
        return (StoredBlob(digest: digest, size: size), path)
    }

    /// Removes the temporary name. The bytes stay where they have been given another.
    func end() {
        guard descriptor >= 0 else { return }
        // Before it is unlocked, or a sweep would find it first. A failure leaves a file that the next sweep finds.
        unlink(path)
        close(descriptor)
        descriptor = -1
    }
}
