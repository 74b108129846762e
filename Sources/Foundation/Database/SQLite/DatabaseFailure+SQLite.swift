import GRDB
import GRDBSQLite

extension DatabaseFailure {
    /// Translates an extended result code of SQLite.
    /// - Parameter whileCommitting: an error of the disk while a commit was being made durable leaves open whether it was.
    init(sqlite code: Int32, whileCommitting: Bool = false) {
        let known: (Kind, String)
        switch code & 0xFF {
        case SQLITE_FULL: known = (.unavailable, "the disk is full: free some space, writes then resume by themselves")
        case SQLITE_IOERR:
            known = (.unavailable, "the disk reported an error (SQLite code \(code)): check the disk, its free space and the system log")
        case SQLITE_READONLY: known = (.unavailable, "the database file cannot be written: check the permissions of the file and of its directory")
        case SQLITE_BUSY, SQLITE_LOCKED: known = (.unavailable, "another process keeps the database locked: end its long transaction")
        case SQLITE_CANTOPEN: known = (.unavailable, "the database file cannot be opened: check that its directory exists and its permissions")
        case SQLITE_PERM, SQLITE_AUTH: known = (.unavailable, "access to the database file is denied: check its permissions")
        case SQLITE_NOMEM: known = (.unavailable, "there is not enough memory")
        case SQLITE_INTERRUPT, SQLITE_ABORT: known = (.unavailable, "the operation was interrupted")
        case SQLITE_CORRUPT: known = (.corrupt, "the database file is damaged (SQLite code \(code)): restore it from a backup")
        case SQLITE_NOTADB: known = (.corrupt, "the file is not an SQLite database: check the path, or restore it from a backup")
        case SQLITE_CONSTRAINT: known = (.constraint(Constraint(sqlite: code)), "a rule of the tables refused the value (SQLite code \(code))")
        default: known = (.corrupt, "SQLite refused a statement (code \(code)): the tables are not those of this version")
        }
        let isUnknown = whileCommitting && code & 0xFF == SQLITE_IOERR
        self.init(known.0, reason: known.1, mayHaveHappened: isUnknown)
    }

    /// What any error that comes out of a database means.
    public init(_ error: any Error) {
        switch error {
        case let failure as DatabaseFailure: self = failure
        case let error as DatabaseError: self.init(sqlite: error.extendedResultCode.rawValue)
        case is CancellationError: self.init(.unavailable, reason: "the operation was cancelled")
        default: self.init(.unavailable, reason: "the database file cannot be opened: check its path and permissions")
        }
    }

    /// Whether another connection was in the way.
    var isBusy: Bool { self == DatabaseFailure(sqlite: SQLITE_BUSY) }
}

extension DatabaseFailure.Constraint {
    fileprivate init(sqlite code: Int32) {
        switch code >> 8 {
        case 3: self.init(.foreignKey)
        case 5: self.init(.notNull)
        case 6, 8, 10: self.init(.unique)
        default: self.init(.check)
        }
    }
}
