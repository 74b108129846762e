import MartletCore

/// The numbers that stand for values in the tables. Part of their format: never changed.
extension Phase {
    var code: Int {
        switch self {
        case .ready: 0
        case .running: 1
        case .waiting: 2
        case .finished: 3
        }
    }

    init(code: Int) throws(StoreError) {
        switch code {
        case 0: self = .ready
        case 1: self = .running
        case 2: self = .waiting
        case 3: self = .finished
        default: throw .unknownRow
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

    init(code: Int) throws(StoreError) {
        switch code {
        case 0: self = .succeeded
        case 1: self = .failed
        case 2: self = .cancelled
        default: throw .unknownRow
        }
    }
}

extension Step.State {
    var code: Int { self == .done ? 1 : 0 }
}

extension Trigger.Overlap {
    var code: Int {
        switch self {
        case .skip: 0
        case .queue: 1
        case .cancel: 2
        }
    }
}

extension IdempotencyKey.Scope {
    var code: Int {
        switch self {
        case .untilFinished: 0
        case .forever: 1
        case .window: 2
        }
    }
}

extension IdempotencyKey.Conflict {
    var code: Int {
        switch self {
        case .returnExisting: 0
        case .reject: 1
        case .replace: 2
        }
    }
}
