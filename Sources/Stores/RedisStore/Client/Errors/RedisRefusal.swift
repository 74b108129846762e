/// An error that Redis answered a command with. The other commands on the connection are not touched by it.
struct RedisRefusal: Error, Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// A replica, or a master that has become one.
        case readOnly
        /// The data set is being read from disk.
        case loading
        /// A script runs for longer than `busy-reply-threshold`.
        case busy
        /// `maxmemory` is reached, and nothing may be evicted.
        case outOfMemory
        /// No password was given, a wrong one, or the user must not do this.
        case denied
        /// The script or the function is not loaded.
        case noFunction
        /// A replica that has lost its master.
        case masterDown
        /// Redis cannot write its files and therefore refuses writes.
        case misconfigured
        /// Too few replicas for `min-replicas-to-write`.
        case noReplicas
        /// The slot lives elsewhere, for good.
        case moved(slot: Int, to: RedisEndpoint)
        /// The slot is moving: ask there, this once.
        case ask(slot: Int, at: RedisEndpoint)
        /// Keys of one command are on both sides of a slot that moves.
        case tryAgain
        /// The cluster does not serve this slot now.
        case clusterDown
        /// The command names keys of several slots.
        case crossSlot
        /// A blocked command was ended by `CLIENT UNBLOCK` or because the master became a replica.
        case unblocked
        case wrongType
        /// A command or subcommand that this server does not have.
        case unknownCommand
        /// Lua raised an error of its own.
        case functionFailed
        case other
    }

    let kind: Kind
    /// The error's first word, such as `WRONGTYPE`.
    let code: String
    /// The server's words without arguments of the command, at most 200 characters.
    let message: String
    /// Whether a function had begun when this happened: what it wrote before stays.
    let wasUnderWay: Bool

    /// Whether the same command may succeed later without anybody changing anything.
    var isTransient: Bool {
        switch kind {
        case .readOnly, .loading, .busy, .outOfMemory, .masterDown, .misconfigured, .noReplicas, .moved, .ask, .tryAgain, .clusterDown, .unblocked:
            true
        case .denied, .noFunction, .crossSlot, .wrongType, .unknownCommand, .functionFailed, .other: false
        }
    }

    /// Whether it says only where, or when, to ask again (Redis Cluster).
    var isDirection: Bool {
        switch kind {
        case .moved, .ask, .tryAgain, .clusterDown: true
        default: false
        }
    }

    /// Whether the command may have written all the same.
    var mayHaveHappened: Bool { wasUnderWay }
}

extension RedisRefusal {
    private static let messageMax = 200

    /// What the line of an error reply means.
    init(reply: String) {
        let words = reply.split(separator: " ", maxSplits: 1)
        let code = words.first.map(String.init) ?? ""
        let rest = words.count > 1 ? String(words[1]) : ""
        kind = Self.kind(code, rest)
        self.code = String(code.prefix(40))
        message = Self.withoutArguments(rest, quotesCode: kind == .functionFailed)
        // Redis 7 adds " script: name, on @user_function:line." to what was raised inside.
        wasUnderWay = rest.contains(" script: ") && rest.contains(", on @")
    }

    private static func kind(_ code: String, _ rest: String) -> Kind {
        switch code {
        case "READONLY": .readOnly
        case "LOADING": .loading
        case "BUSY": .busy
        case "OOM": .outOfMemory
        case "NOAUTH", "WRONGPASS", "NOPERM", "DENIED": .denied
        case "NOSCRIPT": .noFunction
        case "MASTERDOWN": .masterDown
        case "MISCONF": .misconfigured
        case "NOREPLICAS": .noReplicas
        case "TRYAGAIN": .tryAgain
        case "CLUSTERDOWN": .clusterDown
        case "CROSSSLOT": .crossSlot
        case "UNBLOCKED": .unblocked
        case "WRONGTYPE": .wrongType
        case "MOVED": redirection(rest).map { .moved(slot: $0, to: $1) } ?? .other
        case "ASK": redirection(rest).map { .ask(slot: $0, at: $1) } ?? .other
        default: generic(rest)
        }
    }

    /// The errors that Redis tells apart by words alone.
    private static func generic(_ rest: String) -> Kind {
        if rest.hasPrefix("Function not found") { return .noFunction }
        if rest.hasPrefix("unknown command") || rest.hasPrefix("unknown subcommand") || rest.hasPrefix("Unknown subcommand") {
            return .unknownCommand
        }
        if rest.contains(" script: ") || rest.contains("Error running script") { return .functionFailed }
        return .other
    }

    /// "slot host:port". A host left out is the one that answered.
    private static func redirection(_ rest: String) -> (Int, RedisEndpoint)? {
        let words = rest.split(separator: " ")
        guard words.count == 2, let slot = Int(words[0]), (0..<16_384).contains(slot), let colon = words[1].lastIndex(of: ":"),
            let port = Int(words[1][words[1].index(after: colon)...]), (1...65_535).contains(port)
        else { return nil }
        return (slot, RedisEndpoint(host: String(words[1][..<colon]), port: port))
    }

    /// "unknown command 'x', with args beginning with: …" and its like quote what they were given.
    /// - Parameter quotesCode: what Lua quotes are names in the function's own text.
    private static func withoutArguments(_ text: String, quotesCode: Bool) -> String {
        var text = Substring(text)
        for quote in quotesCode ? [", with args"] : [", with args", "'", "\"", "`"] {
            if let start = text.firstRange(of: quote)?.lowerBound { text = text[..<start] }
        }
        return String(text.prefix(messageMax))
    }
}

extension RedisRefusal: CustomStringConvertible {
    var description: String {
        switch kind {
        case .readOnly: "Redis is a replica and takes no writes: connect to the master, or give the addresses of the sentinels"
        case .loading: "Redis is reading its data from disk: wait until it is ready"
        case .busy: "a script keeps Redis busy: end it with SCRIPT KILL or FUNCTION KILL"
        case .outOfMemory: "Redis has reached its maxmemory: raise it, or remove data"
        case .denied: "Redis denies access (\(code)): check the user, the password and the user's rights (ACL)"
        case .noFunction: "Redis does not know the function: load the library again"
        case .masterDown: "the replica has lost its master: wait for the failover, or check the replication"
        case .misconfigured: "Redis cannot save its data and refuses writes: check its disk and its log"
        case .noReplicas: "Redis has too few replicas to accept writes: check the replicas, or min-replicas-to-write"
        case .clusterDown: "the Redis Cluster does not serve this slot: check it with CLUSTER INFO"
        default: "Redis answered \(code)" + (message.isEmpty ? "" : ": \(message)")
        }
    }
}
