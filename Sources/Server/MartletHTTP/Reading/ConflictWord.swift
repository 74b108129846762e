import MartletCore

/// The words of `IdempotencyKey.Conflict` on the wire.
enum ConflictWord: String, CaseIterable {
    case returnExisting = "return_existing"
    case reject
    case replace

    var core: IdempotencyKey.Conflict {
        switch self {
        case .returnExisting: .returnExisting
        case .reject: .reject
        case .replace: .replace
        }
    }
}
