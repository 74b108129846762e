import Database
import Glibc

/// Finds what crashes have left in `tmp/`. A file that a living process writes is locked, and left alone.
actor BlobSweeper {
    nonisolated let thread: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    /// Keeps the threads running.
    private let threads: BlobThreads
    private let folder: BlobFolder
    /// Held until removed, so that two sweepers do not take one for the other's.
    private var held: [String: Int32] = [:]

    init(_ folder: BlobFolder, threads: BlobThreads) {
        self.folder = folder
        self.threads = threads
        thread = threads.take()
    }

    func prepare() throws(BlobError) { try folder.prepare() }

    /// Takes what nobody writes, at most `limit`.
    func take(_ limit: Int) throws(BlobError) -> [String] {
        guard let entries = opendir(folder.temporary) else { throw BlobFolder.failure("reading the folder of temporary files") }
        defer { closedir(entries) }
        var names: [String] = []
        while names.count < limit, let entry = readdir(entries) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".") || held[name] != nil { continue }
            let descriptor = open("\(folder.temporary)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            if descriptor < 0 { continue }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                continue
            }
            held[name] = descriptor
            names.append(name)
        }
        return names
    }

    func remove(_ name: String) {
        guard let descriptor = held.removeValue(forKey: name) else { return }
        unlink("\(folder.temporary)/\(name)")
        close(descriptor)
    }

    /// Lets go of what could not be removed now.
    func letGo() {
        for descriptor in held.values { close(descriptor) }
        held = [:]
    }
}
