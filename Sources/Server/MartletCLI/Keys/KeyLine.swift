import MartletCore
import MartletHTTP

/// A key as the command line shows it.
enum KeyLine {
    /// - Parameter secret: given once, with a new key.
    static func json(_ key: KeyRecord, secret: KeySecret? = nil) -> JSON {
        func time(_ time: Timestamp?) -> JSON { time.map { .string($0.description) } ?? .null }
        var members: [JSON.Member] = [
            .init("id", .string(key.id)), .init("name", .string(key.name)),
            .init("scopes", .array(key.scopes.granted.map { .string($0.rawValue) })),
            .init("tenant", key.tenant.map { .string($0) } ?? .null), .init("created_at", time(key.createdAt)),
            .init("expires_at", time(key.expiresAt)), .init("revoked_at", time(key.revokedAt)), .init("last_used_at", time(key.lastUsedAt)),
        ]
        if let secret { members.append(.init("key", .string(secret.text))) }
        return .object(members)
    }

    static let columns: [Table.Column] = [
        .text("ID"), .flexible("NAME"), .flexible("SCOPES"), .flexible("TENANT"), .text("CREATED"), .text("LAST USED"), .text("STATE"),
    ]

    static func cells(_ key: KeyRecord, now: Timestamp) -> [String] {
        [
            key.id, key.name, key.scopes.text, key.tenant ?? "all", Wording.relative(key.createdAt, now: now),
            key.lastUsedAt.map { Wording.relative($0, now: now) } ?? "never", state(key, now),
        ]
    }

    private static func state(_ key: KeyRecord, _ now: Timestamp) -> String {
        if let revoked = key.revokedAt { return "revoked \(Wording.relative(revoked, now: now))" }
        guard let end = key.expiresAt else { return "good" }
        return end > now ? "expires \(Wording.relative(end, now: now))" : "expired \(Wording.relative(end, now: now))"
    }
}
