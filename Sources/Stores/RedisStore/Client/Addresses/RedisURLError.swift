/// Which part of an address is wrong. Never holds the address itself: there may be a password in it.
struct RedisURLError: Error, Sendable, Hashable, CustomStringConvertible {
    let part: String
    let reason: String

    init(_ part: String, _ reason: String) {
        self.part = part
        self.reason = reason
    }

    var description: String { "the Redis address: \(part) \(reason)" }
}
