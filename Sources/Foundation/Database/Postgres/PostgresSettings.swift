/// How a PostgreSQL database is used. What the URL says wins.
public struct PostgresSettings: Sendable {
    /// Connections, each with a thread. `pool_size` in the URL.
    public var connections = 8
    /// The longest wait for a connection. `pool_wait` in the URL, in seconds.
    public var wait: Duration = .seconds(5)
    /// The longest time of one statement, which is then cancelled on the server. `statement_timeout` in the URL, in seconds.
    public var statementTimeout: Duration = .seconds(60)
    /// The longest time to reach the server and to be let in.
    public var connectTimeout: Duration = .seconds(10)
    /// How long a cancelled statement may take to end before its connection is given up.
    public var cancelGrace: Duration = .seconds(5)
    /// A connection that has idled for so long, or up to a fifth less, is asked whether it lives.
    public var checkInterval: Duration = .seconds(30)
    /// A connection that has idled for so long is closed.
    public var idleMax: Duration = .seconds(600)
    /// A connection is replaced at this age, or up to a fifth earlier so that they do not all go at once.
    public var ageMax: Duration = .seconds(1800)
    /// Attempts at a transaction that serialization failures and deadlocks undo.
    public var attempts = 10
    /// Whether statements are prepared; a pooler that cannot is noticed by itself. `prepare=off` in the URL.
    public var prepares = true
    /// The longest time that one step of a migration waits for other processes to let go of a table. It is tried again within `migrationMax`.
    public var migrationLockTimeout: Duration = .seconds(2)
    /// The longest time a migration waits for locks altogether.
    public var migrationMax: Duration = .seconds(120)

    public init() {}

    mutating func apply(_ url: PostgresURL) throws(DatabaseFailure) {
        if let size = try url.number("pool_size", in: 1...1000) { connections = size }
        if let seconds = try url.number("pool_wait", in: 1...3600) { wait = .seconds(seconds) }
        if let seconds = try url.number("statement_timeout", in: 1...86_400) { statementTimeout = .seconds(seconds) }
        switch url.own["prepare"] {
        case nil, "on": break
        case "off": prepares = false
        default: throw DatabaseFailure(.corrupt, reason: "the PostgreSQL URL cannot be read: prepare is on or off")
        }
    }
}
