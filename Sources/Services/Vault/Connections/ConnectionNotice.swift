import Database
import MartletCore

/// What an owner is told about a connection. Written in the transaction that makes it true and appended to the streams afterwards, so that no
/// change of state goes untold: told twice where a process dies in between.
struct ConnectionNotice: Sendable, Hashable {
    enum Kind: String, Sendable {
        case connected = "connection.active"
        case refreshed = "connection.refreshed"
        case failing = "connection.failing"
        case refused = "connection.refused"
        case needsReconnect = "connection.needs-reconnect"
        case uncertain = "connection.uncertain"
        case revoked = "connection.revoked"

        /// Whether the operator's stream hears of it too.
        var isAudited: Bool { self != .refreshed }
    }

    let kind: Kind
    let connection: JobID
    let tenant: String
    let name: String
    let provider: String
    var reason: String?

    init(_ kind: Kind, _ row: ConnectionRow, reason: String? = nil) {
        self.init(kind, connection: row.id, tenant: row.tenant, name: row.name, provider: row.provider, reason: reason)
    }

    init(_ kind: Kind, connection: JobID, tenant: String, name: String, provider: String, reason: String? = nil) {
        self.kind = kind
        self.connection = connection
        self.tenant = tenant
        self.name = name
        self.provider = provider
        self.reason = reason
    }

    private func data(at time: Timestamp) -> JSON {
        [
            "connection": .string("\(connection)"), "tenant": .string(tenant), "name": .string(name), "provider": .string(provider),
            "reason": reason.map { .string($0) } ?? .null, "at": .string("\(time)"),
        ]
    }

    func write(_ id: JobID, _ rows: SecretRows) throws {
        try rows.connection.run(
            """
            INSERT INTO vault_notices (id, connection, type, data, is_audited)
            VALUES (\(id), \(connection), \(kind.rawValue), \(SQLJSON(data(at: rows.now).description)), \(kind.isAudited))
            """)
    }
}
