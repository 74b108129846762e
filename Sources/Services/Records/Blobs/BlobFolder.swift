import Glibc

/// Where the files are: `ab/cdef…` by digest, and `tmp/` for what is being written. Every name is made here from a digest or a number, so no
/// text from outside is ever part of a path.
struct BlobFolder: Sendable {
    let path: String

    var temporary: String { path + "/tmp" }

    func file(_ digest: BlobDigest) -> String {
        let hex = digest.hex
        return "\(path)/\(hex.prefix(2))/\(hex.dropFirst(2))"
    }

    /// A file that is complete and not in its place yet: its name tells the digest, so that whoever finds it after a crash knows what it may be
    /// a second name of.
    static func sealedName(_ name: String, _ digest: BlobDigest) -> String { "\(name).\(digest.hex)" }

    static func digest(inSealedName name: String) -> BlobDigest? {
        name.lastIndex(of: ".").flatMap { BlobDigest(hex: name[name.index(after: $0)...]) }
    }

    /// Makes what is missing.
    func prepare() throws(BlobError) {
        try make(path)
        try make(temporary)
        for number in 0..<256 { try make("\(path)/\(BlobDigest([UInt8(number)]).hex)") }
        try Self.sync(path)
    }

    private func make(_ path: String) throws(BlobError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Self.failure("making the folder of blobs") }
    }

    /// Gives the file its name by digest, and has that name on disk. Whoever did so before has kept the same bytes.
    func place(_ temporary: String, as digest: BlobDigest) throws(BlobError) {
        let target = file(digest)
        if link(temporary, target) == 0 {
            try Self.sync(path + "/" + digest.hex.prefix(2))
        } else if errno != EEXIST {
            throw Self.failure("giving a blob its name")
        }
    }

    func remove(_ digest: BlobDigest) throws(BlobError) {
        guard unlink(file(digest)) == 0 || errno == ENOENT else { throw Self.failure("removing a blob") }
    }

    /// Bytes of the disk that anybody may use.
    func free() throws(BlobError) -> Int {
        var numbers = statvfs()
        guard statvfs(path, &numbers) == 0 else { throw Self.failure("asking for free space") }
        return Int(numbers.f_bavail) * Int(numbers.f_frsize)
    }

    private static func sync(_ folder: String) throws(BlobError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opening the folder of blobs") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("writing the folder of blobs to the disk") }
    }

    /// What `errno` says about a call that has just failed.
    static func failure(_ what: String) -> BlobError {
        let code = errno
        return code == ENOSPC || code == EDQUOT ? .diskFull(reserve: 0) : .failed(what, code: code)
    }
}
