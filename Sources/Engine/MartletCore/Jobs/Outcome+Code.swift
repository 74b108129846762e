/// The numbers that stand for outcomes in the stores. Part of their format: never changed.
extension Outcome {
    package var code: Int {
        switch self {
        case .succeeded: 0
        case .failed: 1
        case .cancelled: 2
        }
    }

    package init(code: Int) throws(StoreError) {
        switch code {
        case 0: self = .succeeded
        case 1: self = .failed
        case 2: self = .cancelled
        default: throw .unknownRow
        }
    }
}
