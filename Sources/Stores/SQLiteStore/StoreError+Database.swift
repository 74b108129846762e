import Database
import MartletCore

extension StoreError {
    /// What an error that came out of the database, or of a transition, means to the caller.
    init(_ error: any Error) {
        switch error {
        case let error as StoreError: self = error
        default:
            let failure = DatabaseFailure(error)
            switch failure.kind {
            case .unavailable: self = .unavailable(reason: failure.reason, mayHaveHappened: failure.mayHaveHappened)
            case .corrupt, .constraint: self = .corrupt(reason: failure.reason)
            }
        }
    }
}
