/// Where services and applications keep their own tables: a database that speaks SQL, whatever keeps the jobs.
enum DatabaseAddress: Sendable, Hashable, CustomStringConvertible {
    /// An absolute path.
    case sqlite(path: String)
    case postgres(url: String)

    /// What is wrong with a text that is none.
    static let hint = "must be sqlite: and a path, as in sqlite:martlet-data.db, or a postgres:// URL; Redis keeps no tables"

    /// Reads `sqlite:PATH`, a path, or a URL.
    /// - Parameter folder: what a relative path is relative to.
    init?(_ text: String, relativeTo folder: String) {
        switch StoreAddress(text, relativeTo: folder) {
        case .sqlite(let path): self = .sqlite(path: path)
        case .postgres(let url): self = .postgres(url: url)
        case .redis, nil: return nil
        }
    }

    /// The database that goes with a store where none is named.
    ///
    /// PostgreSQL keeps both: its own tables are in the schema `martlet`, the services' have names that begin with the service. Beside an SQLite
    /// store it is a second file, because a file has one writer: a long transaction of an application would hold up every job.
    init(beside store: StoreAddress, in folder: String) {
        switch store {
        case .postgres(let url): self = .postgres(url: url)
        case .redis: self = .sqlite(path: FilePaths.absolute("martlet-data.db", in: folder))
        case .sqlite(let path):
            let stem = path.hasSuffix(".db") ? String(path.dropLast(3)) : path
            self = .sqlite(path: stem + "-data.db")
        }
    }

    /// Of the database file; `nil` where a server keeps the data.
    var path: String? {
        if case .sqlite(let path) = self { path } else { nil }
    }

    /// As `SQLDatabase` opens it: with the password, so not for people.
    var url: String {
        switch self {
        case .sqlite(let path): "sqlite:" + path
        case .postgres(let url): url
        }
    }

    /// For people and logs: without the password.
    var description: String {
        switch self {
        case .sqlite(let path): "\(StoreAddress.sqlite(path: path))"
        case .postgres(let url): "\(StoreAddress.postgres(url: url))"
        }
    }
}
