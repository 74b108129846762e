import MartletCore

/// A phase with its outcome, numbered as `rows.lua` numbers them. Part of the data's format.
enum Mark: Int {
    case ready = 1
    case running, waiting, succeeded, failed, cancelled

    static func all(phase: Phase?, outcome: Outcome?) -> [Mark] {
        [Mark.ready, .running, .waiting, .succeeded, .failed, .cancelled].filter { mark in
            (phase == nil || phase == mark.phase) && (outcome == nil || outcome == mark.outcome)
        }
    }

    init(stored number: Int) throws(StoreError) {
        guard let mark = Mark(rawValue: number) else { throw .unreadable }
        self = mark
    }

    var phase: Phase {
        switch self {
        case .ready: .ready
        case .running: .running
        case .waiting: .waiting
        case .succeeded, .failed, .cancelled: .finished
        }
    }

    var outcome: Outcome? {
        switch self {
        case .ready, .running, .waiting: nil
        case .succeeded: .succeeded
        case .failed: .failed
        case .cancelled: .cancelled
        }
    }
}
