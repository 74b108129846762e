import MartletCore

/// A token that was found good: who it is, and until when.
struct VerifiedToken: Sendable, Hashable {
    let principal: Principal
    let end: Timestamp
}
