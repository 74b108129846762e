import MartletCore

/// An idempotency key's scope as it is stored.
enum KeyScope: Int, Sendable {
    case untilFinished = 0
    case forever = 1
    case window = 2

    init(_ scope: IdempotencyKey.Scope) {
        switch scope {
        case .untilFinished: self = .untilFinished
        case .forever: self = .forever
        case .window: self = .window
        }
    }
}
