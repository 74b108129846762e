import Database
import MartletCore

/// The numbers that stand for phases and outcomes in the file. Part of its format: never changed.
extension Phase {
    var code: Int {
        switch self {
        case .ready: 0
        case .running: 1
        case .waiting: 2
        case .finished: 3
        }
    }

    init(code: Int) throws(DatabaseFailure) {
        switch code {
        case 0: self = .ready
        case 1: self = .running
        case 2: self = .waiting
        case 3: self = .finished
        default: throw .unknownCode
        }
    }
}

extension Outcome {
    var code: Int {
        switch self {
        case .succeeded: 0
        case .failed: 1
        case .cancelled: 2
        }
    }

    init(code: Int) throws(DatabaseFailure) {
        switch code {
        case 0: self = .succeeded
        case 1: self = .failed
        case 2: self = .cancelled
        default: throw .unknownCode
        }
    }
}

extension Step.State {
    var code: Int { self == .done ? 1 : 0 }
}

extension DatabaseFailure {
    static let unknownCode = DatabaseFailure(
        .corrupt, reason: "a row holds a value that this build does not know: restore the database from a backup", mayHaveHappened: false)
}
