/// Which store to use. SQLite alone for now; the scheme is part of the address so that others can follow.
enum StoreAddress: Sendable, Hashable, CustomStringConvertible {
    /// An absolute path.
    case sqlite(path: String)

    /// Reads `sqlite:PATH`, or a path.
    /// - Parameter folder: what a relative path is relative to.
    init?(_ text: String, relativeTo folder: String) {
        var path = text
        if path.hasPrefix("sqlite:") {
            path = String(path.dropFirst("sqlite:".count))
            if path.hasPrefix("//") { path = String(path.dropFirst(2)) }
        } else if path.contains(":") {
            return nil
        }
        guard !path.isEmpty else { return nil }
        self = .sqlite(path: FilePaths.absolute(path, in: folder))
    }

    var path: String {
        switch self {
        case .sqlite(let path): path
        }
    }

    var description: String { "sqlite:\(path)" }
}
