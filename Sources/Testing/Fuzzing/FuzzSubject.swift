/// A reader of bytes from outside. Each is held against what it promises: it never traps, and what it accepts means the same when it is written and
/// read again, or when the bytes come in other pieces.
enum FuzzSubject: String, CaseIterable {
    case cron, json, duration, timestamp
    case retryAfter = "retry-after"
    case envelope, form, binary, line
    case resp
    case redisURL = "redis-url"
    case slots
    case postgresURL = "postgres-url"
    case limits
    case webSocket = "websocket"

    func read(_ bytes: [UInt8]) {
        switch self {
        case .cron: Self.cron(bytes)
        case .json: Self.json(bytes)
        case .duration: Self.duration(bytes)
        case .timestamp: Self.timestamp(bytes)
        case .retryAfter: Self.retryAfter(bytes)
        case .envelope: Self.envelope(bytes)
        case .form: Self.form(bytes)
        case .binary: Self.binary(bytes)
        case .line: Self.line(bytes)
        case .resp: Self.resp(bytes)
        case .redisURL: Self.redisURL(bytes)
        case .slots: Self.slots(bytes)
        case .postgresURL: Self.postgresURL(bytes)
        case .limits: Self.limits(bytes)
        case .webSocket: Self.webSocket(bytes)
        }
    }
}
