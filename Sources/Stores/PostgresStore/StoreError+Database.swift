import Database
import MartletCore

extension StoreError {
    /// What an error that came out of the database means to the caller.
    init(_ error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let failure as DatabaseFailure:
            switch failure.kind {
            case .unavailable: self = .unavailable(reason: failure.reason, mayHaveHappened: failure.mayHaveHappened)
            case .corrupt, .constraint: self = .corrupt(reason: failure.reason)
            }
        case is CancellationError: self = .unavailable(reason: "the caller was cancelled", mayHaveHappened: true)
        default: self = .corrupt(reason: "the database answered what this build does not know")
        }
    }
}
