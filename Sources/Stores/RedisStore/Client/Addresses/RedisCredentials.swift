/// Who the client says it is. Never printed.
struct RedisCredentials: Sendable, Hashable {
    /// `nil` is the user `default`.
    var user: String?
    var password: String
}

extension RedisCredentials: CustomStringConvertible, CustomReflectable {
    var description: String { "(secret)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
