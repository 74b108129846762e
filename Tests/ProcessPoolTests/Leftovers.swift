import Foundation
import Glibc

/// What running commands could leave in this process: children, dead or alive, and descriptors of the kinds that commands need.
struct Leftovers: Equatable {
    var children = 0
    var descriptors: [String: Int] = [:]

    init() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(name) != nil {
            // A process may end between the listing and the reading.
            guard let status = FileManager.default.contents(atPath: "/proc/\(name)/stat") else { continue }
            // The name, in parentheses, may hold anything; the fields behind it are the state and the parent.
            let fields = String(decoding: status, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
            if fields.count > 1, Int32(fields[1]) == getpid() { children += 1 }
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            var buffer = [CChar](repeating: 0, count: 256)
            let count = readlink("/proc/self/fd/\(name)", &buffer, buffer.count)
            guard count > 0 else { continue }
            let target = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
            for kind in ["pipe:", "/memfd:", "anon_inode:[pidfd]"] where target.hasPrefix(kind) { descriptors[kind, default: 0] += 1 }
        }
    }
}
