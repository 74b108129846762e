import CLibPQ
import MartletCore

/// Where a database is and how its connections are made.
struct PostgresAddress: Sendable {
    let url: PostgresURL
    let settings: PostgresSettings
    let environment: Environment
    let traits: ServerTraits
    let listening: Listening

    init(_ url: PostgresURL, settings: PostgresSettings, environment: Environment) throws(DatabaseFailure) {
        self.url = url
        self.settings = settings
        self.environment = environment
        traits = ServerTraits(prepares: settings.prepares)
        listening = try Listening(url)
    }

    /// Whether what is notified can be heard: behind a pooler nothing is.
    var canListen: Bool {
        switch listening {
        case .same: !traits.isPooled
        case .elsewhere: true
        case .nowhere: false
        }
    }

    /// Settings that belong to the connection. The server's own statement timeout comes after ours, for the case that this process dies;
    /// a transaction that a stopped process holds open would hold its locks for ever.
    private var options: String {
        "-c statement_timeout=\(serverTimeout) -c idle_in_transaction_session_timeout=\(Self.idleTimeout) -c TimeZone=UTC -c DateStyle=ISO "
            + "-c client_connection_check_interval=10s \(url.options)"
    }

    private static let idleTimeout = 30_000
    private var serverTimeout: Int64 { (settings.statementTimeout + settings.cancelGrace).microseconds / 1000 }

    /// What opens a transaction: nothing of it outlives the transaction, or a pooler would hand it to somebody else.
    func opening(_ isolation: Isolation, readOnly: Bool) -> [SQL] {
        let begin = isolation.begin(readOnly: readOnly)
        guard traits.isPooled else { return [begin] }
        return [
            begin,
            """
            SELECT set_config('statement_timeout', \(String(serverTimeout)), true),
                set_config('idle_in_transaction_session_timeout', \(String(Self.idleTimeout)), true), set_config('TimeZone', 'UTC', true)
            """,
        ]
    }

    /// Connects, and blocks its thread meanwhile.
    func connect(toListen: Bool = false) throws(DatabaseFailure) -> OpaquePointer {
        let pg = try reach(toListen: toListen)
        PQsetNoticeProcessor(pg, { _, _ in }, nil)
        PQsetnonblocking(pg, 1)
        PQenterPipelineMode(pg)
        return pg
    }

    private func reach(toListen: Bool) throws(DatabaseFailure) -> OpaquePointer {
        // What stands before the URL is a default, what stands behind it has the last word.
        var parameters: [(String, String)] = [
            ("fallback_application_name", "martlet"), ("connect_timeout", String(max(2, settings.connectTimeout.components.seconds))),
            ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"), ("dbname", url.conninfo), ("client_encoding", "UTF8"),
        ]
        if !traits.isPooled { parameters.append(("options", options)) }
        if toListen, case .elsewhere(let host, let port) = listening { parameters += [("host", host), ("port", port)] }
        let pg = Self.withStrings(parameters.map(\.0)) { keywords in
            Self.withStrings(parameters.map(\.1)) { values in PQconnectdbParams(keywords, values, 1) }
        }
        guard let pg else { throw DatabaseFailure(.unavailable, reason: "there is not enough memory") }
        if PQstatus(pg) == CONNECTION_OK { return pg }
        defer { PQfinish(pg) }
        let refusal = refusal(pg)
        guard !traits.isPooled, refusal.reason.contains("unsupported startup parameter") else { throw refusal }
        traits.noticePooler()
        return try reach(toListen: toListen)
    }

    /// libpq's own words: host, port, user and database, never a password.
    private func refusal(_ pg: OpaquePointer) -> DatabaseFailure {
        let message = PQerrorMessage(pg).map { String(cString: $0) } ?? ""
        let line = message.split(separator: "\n").joined(separator: "; ")
        return DatabaseFailure(.unavailable, reason: "PostgreSQL cannot be reached: \(line)")
    }

    private static func withStrings<Value>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value) -> Value {
        let copies = strings.map { text in
            let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count + 1)
            for (index, byte) in text.utf8.enumerated() { copy[index] = CChar(bitPattern: byte) }
            copy[text.utf8.count] = 0
            return copy
        }
        defer { copies.forEach { $0.deallocate() } }
        let pointers = copies.map { $0.baseAddress.map { UnsafePointer($0) } } + [nil]
        return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
    }
}
