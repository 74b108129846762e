import CLibPQ
import MartletCore

/// Where a database is and how its connections are made.
struct PostgresAddress: Sendable {
    let url: PostgresURL
    let settings: PostgresSettings
    let environment: Environment
    let traits: ServerTraits
    /// Where to connect instead of where the URL says: past a pooler, which knows no `LISTEN`.
    var listening: (host: String, port: String)?

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
    func connect(_ bell: Bell) throws(DatabaseFailure) -> OpaquePointer {
        let pg = try reach(bell)
        PQsetNoticeProcessor(pg, { _, _ in }, nil)
        PQsetnonblocking(pg, 1)
        PQenterPipelineMode(pg)
        return pg
    }

    private func reach(_ bell: Bell) throws(DatabaseFailure) -> OpaquePointer {
        // What stands before the URL is a default, what stands behind it has the last word.
        var parameters: [(String, String)] = [
            ("fallback_application_name", "martlet"), ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"), ("dbname", url.conninfo), ("client_encoding", "UTF8"),
        ]
        if !traits.isPooled { parameters.append(("options", options)) }
        if let listening { parameters += [("host", listening.host), ("port", listening.port)] }
        let pg = Self.withStrings(parameters.map(\.0)) { keywords in
            Self.withStrings(parameters.map(\.1)) { values in PQconnectStartParams(keywords, values, 1) }
        }
        guard let pg else { throw DatabaseFailure(.unavailable, reason: "there is not enough memory") }
        do throws(DatabaseFailure) {
            try wait(pg, bell)
            return pg
        } catch {
            PQfinish(pg)
            guard !traits.isPooled, error.reason.contains("unsupported startup parameter") else { throw error }
            traits.noticePooler()
            return try reach(bell)
        }
    }

    private func wait(_ pg: OpaquePointer, _ bell: Bell) throws(DatabaseFailure) {
        let end = environment.clock.uptime() + settings.connectTimeout
        var isWriting = true
        guard PQstatus(pg) != CONNECTION_BAD else { throw refusal(pg) }
        while true {
            let left = end - environment.clock.uptime()
            guard left > .zero else {
                throw DatabaseFailure(
                    .unavailable, reason: "PostgreSQL did not answer within \(settings.connectTimeout.inSeconds) s: check its address and the network"
                )
            }
            let heard = bell.wait(socket: PQsocket(pg), forWriting: isWriting, timeout: left)
            if heard.rang { bell.silence() }
            guard heard.socket else { continue }
            switch PQconnectPoll(pg) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: isWriting = false
            case PGRES_POLLING_WRITING: isWriting = true
            default: throw refusal(pg)
            }
        }
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
