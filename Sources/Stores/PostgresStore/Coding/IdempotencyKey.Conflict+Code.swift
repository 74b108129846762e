import MartletCore

/// The numbers that stand for what a taken key does in the tables. Part of their format: never changed.
extension IdempotencyKey.Conflict {
    var code: Int {
        switch self {
        case .returnExisting: 0
        case .reject: 1
        case .replace: 2
        }
    }
}
