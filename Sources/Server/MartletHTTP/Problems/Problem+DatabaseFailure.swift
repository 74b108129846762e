import Database
import MartletCore

extension Problem {
    init(_ failure: DatabaseFailure) {
        guard failure.kind == .unavailable else {
            self.init(.storeCorrupt, "the database cannot be used: \(failure)")
            return
        }
        self.init(.storeUnavailable, "the database is not available: \(failure)", [.init("may_have_happened", .bool(failure.mayHaveHappened))])
        retryAfter = .seconds(1)
    }
}
