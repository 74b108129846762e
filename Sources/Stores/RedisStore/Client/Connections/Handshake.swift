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
        let (more, commands) = rest
        steps = [.hello] + more
        return [hello] + commands
    }

    private var rest: ([Step], [RedisCommand]) {
        var steps: [Step] = []
        var commands: [RedisCommand] = []
        if plan.database != 0 {
            steps.append(.select)
            commands.append(RedisCommand("SELECT", String(plan.database)))
        }
        if plan.needsMaster {
            steps.append(.role)
            commands.append(RedisCommand("ROLE"))
        }
        if plan.needsData {
            steps.append(.ping)
            commands.append(RedisCommand("PING"))
        }
        return (steps, commands)
    }

    /// What a server is told that knows no `HELLO`.
    private mutating func fallBack() -> [RedisCommand] {
        isFallingBack = true
        facts.resp = 2
        var (steps, commands): ([Step], [RedisCommand]) = ([], [])
        if let credentials = plan.credentials {
            steps.append(.authenticate)
            commands.append(RedisCommand(words: ["AUTH"] + (credentials.user.map { [$0] } ?? []) + [credentials.password]))
        }
        if let name = plan.clientName {
            steps.append(.name)
            commands.append(RedisCommand("CLIENT", "SETNAME", name))
        }
        let (more, others) = rest
        self.steps = steps + more
        return commands + others
    }

    /// Takes the next reply.
    /// - Throws: why this connection is of no use.
    mutating func receive(_ reply: RESPValue) throws(RedisError) -> Progress {
        guard !steps.isEmpty else { throw .unreadable(.unasked, mayHaveHappened: false) }
        let step = steps.removeFirst()
        if isWaitingForFallback {
            // The replies to what was sent behind HELLO mean nothing any more.
            if !steps.isEmpty { return .pending }
            isWaitingForFallback = false
            let commands = fallBack()
            return commands.isEmpty ? .done(facts) : .send(commands)
        }
        if let refusal = reply.refusal {
            guard step == .hello, refusal.kind == .unknownCommand || refusal.code == "NOPROTO", !isFallingBack else { throw .refused(refusal) }
            isWaitingForFallback = true
            if !steps.isEmpty { return .pending }
            isWaitingForFallback = false
            let commands = fallBack()
            return commands.isEmpty ? .done(facts) : .send(commands)
        }
        switch step {
        case .hello: facts = ServerFacts(greeting: reply)
        case .role:
            facts.role = reply.elements?.first?.string ?? ""
            guard facts.role == "master" else {
                throw .unavailable(reason: "the server is no master: a failover is under way", mayHaveHappened: false)
            }
        case .authenticate, .name, .select, .ping: break
        }
        return steps.isEmpty ? .done(facts) : .pending
    }

    private var isWaitingForFallback = false
}
