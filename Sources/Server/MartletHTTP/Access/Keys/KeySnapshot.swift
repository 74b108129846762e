import MartletCore

/// All keys and sessions at one moment.
struct KeySnapshot: Sendable {
    struct Key: Sendable {
        let record: KeyRecord
        let hash: [UInt8]
        let principal: Principal
    }

    struct Session: Sendable {
        let key: String
        let expiresAt: Timestamp
    }

    /// Grows with every change that somebody must learn of.
    let version: Int
    /// By id. Without those that have long been revoked.
    let keys: [String: Key]
    /// By the hash of their token.
    let sessions: [[UInt8]: Session]

    static let empty = KeySnapshot(version: -1, keys: [:], sessions: [:])

    /// The key of this session, where both are still good.
    func key(ofSession hash: [UInt8], at now: Timestamp) -> Key? {
        guard let session = sessions[hash], session.expiresAt > now, let key = keys[session.key], key.record.isUsable(at: now) else { return nil }
        return key
    }
}
