/// The numbers that stand for phases in the stores. Part of their format: never changed.
extension Phase {
    package var code: Int {
        switch self {
        case .ready: 0
        case .running: 1
        case .waiting: 2
        case .finished: 3
        }
    }

    package init(code: Int) throws(StoreError) {
        switch code {
        case 0: self = .ready
        case 1: self = .running
        case 2: self = .waiting
        case 3: self = .finished
        default: throw .unknownRow
        }
    }
}
