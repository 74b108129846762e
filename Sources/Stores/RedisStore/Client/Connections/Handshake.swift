/// The first words on a new connection: protocol, user, name, database, and whether the server is fit for work. A pure value.
struct Handshake: Sendable {
    enum Progress {
        /// More replies are to come.
        case pending
        /// Say this next.
        case send([RedisCommand])
        case done(ServerFacts)
    }

    struct Plan: Sendable {
        var credentials: RedisCredentials?
        var clientName: String?
        var database = 0
        /// A server that is no master is not what was looked for.
        var needsMaster = false
        /// Whether a server that still loads its data will do: a sentinel or a node of a cluster answers questions all the same.
        var needsData = true
    }

    private enum Step { case hello, authenticate, name, select, role, ping }

    private let plan: Plan
    private var steps: [Step] = []
    private var facts = ServerFacts()
    /// Whether the server knows no `HELLO`: what was sent behind it is not listened to.
    private var isFallingBack = false

    init(_ plan: Plan) {
        self.plan = plan
    }

    /// The commands to begin with.
    mutating func begin() -> [RedisCommand] {
        var hello = RedisCommand("HELLO", "3")
        if let credentials = plan.credentials {
            hello.add("AUTH")
            hello.add(credentials.user ?? "default")
            hello.add(credentials.password)
        }
        if let name = plan.clientName {
            hello.add("SETNAME")
            hello.add(name)
        }
        return take([(.hello, hello)] + rest)
    }

    private var rest: [(Step, RedisCommand)] {
        var rest: [(Step, RedisCommand)] = []
        if plan.database != 0 { rest.append((.select, RedisCommand("SELECT", String(plan.database)))) }
        if plan.needsMaster { rest.append((.role, RedisCommand("ROLE"))) }
        if plan.needsData { rest.append((.ping, RedisCommand("PING"))) }
        return rest
    }

    private mutating func take(_ words: [(Step, RedisCommand)]) -> [RedisCommand] {
        steps = words.map(\.0)
        return words.map(\.1)
    }

    /// What a server is told that knows no `HELLO`.
    private mutating func beginAnew() -> Progress {
        isFallingBack = false
        facts.resp = 2
        var words: [(Step, RedisCommand)] = []
        if let credentials = plan.credentials {
            let command = RedisCommand(words: ["AUTH"] + (credentials.user.map { [$0] } ?? []) + [credentials.password])
            words.append((.authenticate, command))
        }
        if let name = plan.clientName { words.append((.name, RedisCommand("CLIENT", "SETNAME", name))) }
        let commands = take(words + rest)
        return commands.isEmpty ? .done(facts) : .send(commands)
    }

    /// Takes the next reply.
    /// - Throws: why this connection is of no use.
    mutating func receive(_ reply: RESPValue) throws(RedisError) -> Progress {
        guard !steps.isEmpty else { throw .unreadable(.unasked, mayHaveHappened: false) }
        let step = steps.removeFirst()
        if step == .hello, let refusal = reply.refusal, refusal.kind == .unknownCommand || refusal.code == "NOPROTO" { isFallingBack = true }
        if isFallingBack { return steps.isEmpty ? beginAnew() : .pending }
        // A user with few rights may not ask for the role; the greeting has told it.
        if let refusal = reply.refusal, step != .role || facts.role.isEmpty { throw .refused(refusal) }
        switch step {
        case .hello: facts = ServerFacts(greeting: reply)
        case .role:
            facts.role = reply.elements?.first?.string ?? facts.role
            guard facts.role == "master" else {
                throw .unavailable(reason: "the server is no master; a failover may be under way", mayHaveHappened: false)
            }
        case .authenticate, .name, .select, .ping: break
        }
        return steps.isEmpty ? .done(facts) : .pending
    }
}
