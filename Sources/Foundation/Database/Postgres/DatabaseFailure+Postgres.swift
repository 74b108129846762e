import CLibPQ
import MartletCore

extension DatabaseFailure {
    /// Translates an answer that is an error, by its SQLSTATE (appendix A of PostgreSQL's manual).
    /// - Parameter isAutocommit: an end of the connection leaves open whether a statement without a transaction was committed.
    init(_ result: OpaquePointer, isAutocommit: Bool) {
        func field(_ code: Character) -> String? {
            guard let ascii = code.asciiValue, let text = PQresultErrorField(result, Int32(ascii)) else { return nil }
            return String(cString: text)
        }
        let state = field("C") ?? ""
        // libpq's own words, not the server's: the connection has ended.
        if state.isEmpty {
            self = .lost(mayHaveHappened: isAutocommit)
            return
        }
        let isLost = field("V").map { $0 == "FATAL" || $0 == "PANIC" } ?? true
        // The routine's name is the only thing that tells it from other features that do not exist, in whatever language the server speaks.
        if state == "0A000", field("R") == "RevalidateCachedQuery" {
            self = .outdated
            return
        }
        let (kind, reason) = Self.meaning(of: state, message: field("M") ?? "", constraint: field("n"), column: field("c"))
        let isUnsent = state == "08P01" && Self.unsent.contains { field("M")?.contains($0) == true }
        self.init(kind, reason: reason, mayHaveHappened: isLost && isAutocommit && !isUnsent, sqlState: state)
    }

    /// PgBouncer's words for a statement that it had no server for.
    private static let unsent = ["server_login_retry", "query_wait_timeout", "cannot connect to server"]

    private static func meaning(of state: String, message: String, constraint: String?, column: String?) -> (Kind, String) {
        let rule: (Constraint.Rule, String)? =
            switch state {
            case "23505": (.unique, "it is taken already")
            case "23503": (.foreignKey, "it refers to something that is not there, or something refers to it")
            case "23502": (.notNull, "a value is missing")
            case "23514": (.check, "a value is out of its bounds")
            case "23P01": (.exclusion, "it overlaps with another")
            default: nil
            }
        if let rule {
            let name = constraint ?? column
            return (.constraint(Constraint(rule.0, name: name)), "the rule '\(name ?? state)' of the tables refused the write: \(rule.1)")
        }
        switch state {
        case "40001", "40P01": return (.unavailable, "other transactions were in the way (\(state)): try again")
        case "55P03": return (.unavailable, "another transaction keeps a lock (55P03): end its long transaction, or try again")
        case "57014": return (.unavailable, "the statement was cancelled by the server (57014): an operator or a timeout has ended it")
        case "25006": return (.unavailable, "the server is a replica or read-only (25006): point the URL at the primary")
        case "42501": return (.unavailable, "a right is missing (42501): \(message)")
        case "53100": return (.unavailable, "the server's disk is full (53100): free some space, writes then resume by themselves")
        default: break
        }
        // The values of a statement are bound and never part of these messages; of other classes they may be.
        switch state.prefix(2) {
        case "08", "53", "57", "58", "25", "28", "3D": return (.unavailable, "PostgreSQL: \(message) (\(state))")
        case "42", "26", "0A", "34", "55": return (.corrupt, "PostgreSQL refused a statement (\(state)): \(message)")
        case "XX": return (.corrupt, "PostgreSQL reports damage or an error of its own (\(state)): look into its log")
        default: return (.corrupt, "PostgreSQL refused a statement (SQLSTATE \(state)): look it up in appendix A of its manual")
        }
    }

    private static let outdated = DatabaseFailure(
        .unavailable, reason: "the tables have changed under a prepared statement (0A000): try again", sqlState: "0A000")

    static func tooLong(_ allowed: Duration) -> DatabaseFailure {
        DatabaseFailure(
            .unavailable,
            reason:
                "the statement took longer than its \(allowed.inSeconds) s and was cancelled: make it smaller, or raise statement_timeout",
            sqlState: "57014")
    }

    /// The connection has ended.
    static func lost(mayHaveHappened: Bool) -> DatabaseFailure {
        DatabaseFailure(
            .unavailable,
            reason: "the connection to PostgreSQL has ended: the server was restarted, or the network is cut; the next call connects anew",
            mayHaveHappened: mayHaveHappened, sqlState: "08006")
    }

    /// The connection ended before anything was sent.
    static let stale = DatabaseFailure(.unavailable, reason: "the connection to PostgreSQL had ended while it idled", sqlState: "08003")

    /// Whether a prepared statement was not what it was taken for; the statement itself was not run.
    var isAboutPreparing: Bool {
        switch sqlState {
        case "26000", "42P05": true
        case "0A000": self == Self.outdated
        default: false
        }
    }

    /// Whether a transaction that is run again from its start may well succeed, and has left nothing behind.
    var isWorthAnotherAttempt: Bool {
        switch sqlState {
        case "40001", "40P01": true
        case "57P01", "57P02", "57P03": !mayHaveHappened
        default: isAboutPreparing || (sqlState?.hasPrefix("08") == true && !mayHaveHappened)
        }
    }
}
