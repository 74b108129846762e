import Database
import Glibc

/// An open file of a blob. Open, it outlives the removal of the blob.
actor BlobFile {
    nonisolated let thread: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    /// Keeps the threads running.
    private let threads: BlobThreads
    private var descriptor: Int32 = -1

    init(threads: BlobThreads) {
        self.threads = threads
        thread = threads.take()
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// - Returns: the size in bytes; `nil` where there is no such file.
    func open(_ path: String) throws(BlobError) -> Int? {
        descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        var facts = stat()
        guard descriptor >= 0, fstat(descriptor, &facts) == 0 else { throw BlobFolder.failure("opening a blob") }
        return Int(facts.st_size)
    }

    func read(at offset: Int, count: Int) throws(BlobError) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var got = pread(descriptor, buffer.baseAddress, count, off_t(offset))
            while got < 0, errno == EINTR { got = pread(descriptor, buffer.baseAddress, count, off_t(offset)) }
            if got < 0 { code = errno }
            filled = max(0, got)
        }
        guard code == 0 else { throw .failed("reading a blob", code: code) }
        return bytes
    }
}
