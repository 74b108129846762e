import Foundation
import Glibc
import MartletCore

/// A small file system of its own in memory. Mounting takes the rights of root.
final class Volume: Sendable {
    let path: String

    enum Failure: Error { case mount(Int32) }

    /// Whether this process may mount one.
    static let isPossible: Bool = {
        do {
            _ = try Volume(megabytes: 1)
            return true
        } catch {
            return false
        }
    }()

    init(megabytes: Int) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "martlet-volume-\(Environment.system.makeJobID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path(percentEncoded: false)
        try remount(megabytes: megabytes, flags: 0)
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    func grow(to megabytes: Int) throws { try remount(megabytes: megabytes, flags: UInt(MS_REMOUNT)) }

    func makeReadOnly(megabytes: Int) throws { try remount(megabytes: megabytes, flags: UInt(MS_REMOUNT | MS_RDONLY)) }

    private func remount(megabytes: Int, flags: UInt) throws {
        let options = Array("size=\(megabytes)m".utf8CString)
        guard options.withUnsafeBufferPointer({ mount("tmpfs", path, "tmpfs", flags, $0.baseAddress) }) == 0 else { throw Failure.mount(errno) }
    }
}
