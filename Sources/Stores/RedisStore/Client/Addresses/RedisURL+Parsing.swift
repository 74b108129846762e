import MartletCore

extension RedisURL {
    private enum Shape: Substring {
        case single = "", sentinel = "sentinel", cluster = "cluster"
    }

    /// - Throws: `RedisURLError`, which says what is wrong and never quotes the password.
    init(_ text: String) throws(RedisURLError) {
        guard let mark = text.firstRange(of: "://") else {
            throw RedisURLError("the scheme", "is missing: begin with redis:// or rediss://")
        }
        let scheme = text[..<mark.lowerBound].split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        guard scheme[0] == "redis" || scheme[0] == "rediss", var shape = Shape(rawValue: scheme.count > 1 ? scheme[1] : "") else {
            throw RedisURLError("the scheme", "is not known: use redis or rediss, alone or with +sentinel or +cluster")
        }
        let rest = text[mark.upperBound...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var options = try RedisURLOptions(rest.count > 1 ? rest[1] : "")
        let path = rest[0].split(separator: "/", omittingEmptySubsequences: false)
        // A password may hold an @ that somebody forgot to encode: the last one ends it.
        let at = path[0].lastIndex(of: "@")
        let hosts = at.map { path[0][path[0].index(after: $0)...] } ?? path[0]
        var segments = path.dropFirst().filter { !$0.isEmpty }
        var master = try options.take("sentinel")
        if shape == .single, master != nil { shape = .sentinel }
        if shape == .sentinel, master == nil {
            guard let first = segments.first else {
                throw RedisURLError("the path", "names no master: redis+sentinel://host:26379/mymaster, or ?sentinel=mymaster")
            }
            master = try Self.decode(first, "the master's name")
            segments.removeFirst()
        }
        topology = try Self.topology(shape, hosts, master)
        database = try Self.database(segments, try options.take("db"))
        if case .cluster = topology, database != 0 { throw RedisURLError("the database", "must be 0: a Redis Cluster has no other") }
        if let at { credentials = try Self.credentials(path[0][..<at]) }
        try take(&options, isEncrypted: scheme[0] == "rediss")
        try options.checkEmpty()
    }

    private mutating func take(_ options: inout RedisURLOptions, isEncrypted: Bool) throws(RedisURLError) {
        if let password = try options.take("sentinel_password") {
            sentinelCredentials = RedisCredentials(user: try options.take("sentinel_user"), password: password)
        }
        clientName = try options.take("name")
        if let clientName, !clientName.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw RedisURLError("the option name", "holds a character that no client name may have: use printable ASCII without spaces")
        }
        timeout = try options.takeSeconds("timeout")
        connectTimeout = try options.takeSeconds("connect_timeout")
        var security = RedisSecurity()
        security.authorities = try options.take("ca")
        security.certificate = try options.take("cert")
        security.key = try options.take("key")
        security.serverName = try options.take("server_name")
        security.isVerified = try !options.takeFlag("insecure")
        if (security.certificate == nil) != (security.key == nil) {
            throw RedisURLError("the options cert and key", "belong together: give both or none")
        }
        if isEncrypted {
            self.security = security
        } else if security != RedisSecurity() {
            throw RedisURLError("the options ca, cert, key, server_name and insecure", "are for rediss://, which is encrypted")
        }
    }

    private static func topology(_ shape: Shape, _ hosts: Substring, _ master: String?) throws(RedisURLError) -> RedisTopology {
        var endpoints: [RedisEndpoint] = []
        for host in hosts.split(separator: ",", omittingEmptySubsequences: false) {
            endpoints.append(try endpoint(host, port: shape == .sentinel ? 26_379 : 6379))
        }
        switch shape {
        case .sentinel: return .sentinel(endpoints, master: master ?? "")
        case .cluster: return .cluster(endpoints)
        case .single:
            guard endpoints.count == 1 else {
                throw RedisURLError("the host", "is a list: use redis+sentinel:// or redis+cluster:// for several servers")
            }
            return .single(endpoints[0])
        }
    }

    private static func endpoint(_ text: Substring, port: Int) throws(RedisURLError) -> RedisEndpoint {
        var host = text
        var rest: Substring = ""
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { throw RedisURLError("the host", "begins with [ and has no ]") }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            rest = text[colon...]
        }
        guard !host.isEmpty else { throw RedisURLError("the host", "is missing") }
        let name = try decode(host, "the host")
        guard !rest.isEmpty else { return RedisEndpoint(host: name, port: port) }
        guard rest.first == ":", let number = Int(rest.dropFirst()), (1...65_535).contains(number) else {
            throw RedisURLError("the port", "must be a number from 1 to 65535 (an IPv6 address stands in brackets)")
        }
        return RedisEndpoint(host: name, port: number)
    }

    private static func database(_ segments: [Substring], _ option: String?) throws(RedisURLError) -> Int {
        guard segments.count <= 1 else { throw RedisURLError("the path", "has too many parts: the database's number is the last one") }
        guard let text = segments.first.map(String.init) ?? option else { return 0 }
        guard let number = Int(text), (0...1_000_000).contains(number) else { throw RedisURLError("the database", "must be a number such as 0") }
        return number
    }

    /// "user:password", ":password", or "password" alone.
    private static func credentials(_ text: Substring) throws(RedisURLError) -> RedisCredentials? {
        guard !text.isEmpty else { return nil }
        guard let colon = text.firstIndex(of: ":") else { return RedisCredentials(user: nil, password: try decode(text, "the password")) }
        let user = try decode(text[..<colon], "the user")
        return RedisCredentials(user: user.isEmpty ? nil : user, password: try decode(text[text.index(after: colon)...], "the password"))
    }

    /// Undoes percent-encoding.
    static func decode(_ text: some StringProtocol, _ part: String) throws(RedisURLError) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                throw RedisURLError(part, "holds a % that no two hexadecimal digits follow: write %25 for the sign itself")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw RedisURLError(part, "is not UTF-8") }
        return decoded
    }
}
