import MartletCore

/// How long the parts of a call may take. There is no call without them.
public struct Deadlines: Sendable, Hashable {
    /// What ran out of time.
    public enum Phase: String, Sendable, Hashable {
        case connect, firstByte = "first-byte", idle, total
    }

    /// To find the host's addresses and connect to one of them.
    public var connect: Duration
    /// From the end of the request to the head of the answer; connecting is counted apart.
    public var firstByte: Duration
    /// The longest silence inside a body, on the way up and down.
    public var idle: Duration
    /// The whole call: every attempt, every wait between them, and reading the last byte.
    public var total: Duration

    public init(connect: Duration = .seconds(5), firstByte: Duration, idle: Duration = .seconds(10), total: Duration) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
    }

    /// Signing in, revoking, reading a profile: 10 s.
    public static let authentication = Deadlines(firstByte: .seconds(10), total: .seconds(10))
    /// Trading a code or a refresh token for an access token: 15 s.
    public static let tokenExchange = Deadlines(firstByte: .seconds(15), total: .seconds(15))
    /// Sending or fetching pictures and films: 30 s.
    public static let media = Deadlines(firstByte: .seconds(30), total: .seconds(30))

    var fault: String? {
        let all = [("connect", connect), ("first-byte", firstByte), ("idle", idle), ("total", total)]
        for (name, span) in all where span <= .zero || span > .seconds(86_400) { return "the \(name) deadline must be above zero and at most a day" }
        return nil
    }
}
