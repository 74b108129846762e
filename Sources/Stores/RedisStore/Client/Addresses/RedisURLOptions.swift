import MartletCore

/// The query of an address. Each option is taken once; what is left at the end is not known.
struct RedisURLOptions {
    /// Every option there is, for the message about one that is not.
    private static let known = [
        "ca", "cert", "connect_timeout", "db", "insecure", "key", "name", "sentinel", "sentinel_password", "sentinel_user", "server_name",
        "timeout",
    ]

    private var values: [String: String] = [:]

    init(_ query: Substring) throws(RedisURLError) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard Self.known.contains(name) else {
                // Not even its name is shown: an unencoded password may have put it there.
                throw RedisURLError("an option", "is not known; there are \(Self.known.joined(separator: ", "))")
            }
            guard values[name] == nil else { throw RedisURLError("the option \(name)", "is given twice") }
            values[name] = try RedisURL.decode(parts.count > 1 ? parts[1] : "", "the option \(name)")
        }
    }

    mutating func take(_ name: String) throws(RedisURLError) -> String? {
        guard let value = values.removeValue(forKey: name) else { return nil }
        guard !value.isEmpty else { throw RedisURLError("the option \(name)", "is empty") }
        return value
    }

    /// Seconds above zero and up to an hour.
    mutating func takeSeconds(_ name: String) throws(RedisURLError) -> Duration? {
        guard let text = try take(name) else { return nil }
        guard let seconds = Double(text), seconds > 0, seconds <= 3600 else {
            throw RedisURLError("the option \(name)", "must be a number of seconds above 0, at most 3600")
        }
        return .microseconds(Int64(seconds * 1_000_000))
    }

    /// "true", "1", or nothing at all behind the name.
    mutating func takeFlag(_ name: String) throws(RedisURLError) -> Bool {
        switch values.removeValue(forKey: name) {
        case nil, "false", "0": return false
        case "", "true", "1": return true
        default: throw RedisURLError("the option \(name)", "must be true or false")
        }
    }

    func checkEmpty() throws(RedisURLError) {
        guard let left = values.keys.min() else { return }
        throw RedisURLError("the option \(left)", "has no meaning here")
    }
}
