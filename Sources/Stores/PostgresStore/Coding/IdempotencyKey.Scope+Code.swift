import MartletCore

/// The numbers that stand for the scopes of keys in the tables. Part of their format: never changed.
extension IdempotencyKey.Scope {
    var code: Int {
        switch self {
        case .untilFinished: 0
        case .forever: 1
        case .window: 2
        }
    }
}
