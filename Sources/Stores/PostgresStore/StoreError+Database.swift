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
        case is CronError: self = .corrupt(reason: "a stored trigger cannot be read by this build: put it again")
        default: self = .corrupt(reason: "the database answered what this build does not know")
        }
    }

    static let unknownRow = StoreError.corrupt(reason: "a row holds a value that this build does not know: run a newer build, or restore a backup")
}
