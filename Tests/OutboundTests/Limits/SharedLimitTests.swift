import MartletCore
import MartletTesting
import Testing

@testable import Outbound

/// Four processes with one store between them, each with its own gate, against a provider with strict limits. Time stands still but where the test
/// moves it, and one seed gives one run.
@Suite struct SharedLimitTests {
    private struct Flight {
        let gate: Int
        let pass: LimitGate.Pass
        let arrives: Timestamp
        var answer: (status: Int, headers: [(String, String)])?
        var returns = Timestamp.epoch
    }

    private static let scope = Scope(destination: "strict", credential: "account")
    private static let processes = 4

    /// Sends until the server has answered `calls`.
    /// - Returns: the server, and how many of its refusals came after `warm` answers.
    private func run(
        _ server: StrictServer, calls: Int, warm: Int, seed: UInt64, perProcess: Int = 8
    ) async throws -> (StrictServer, lateRefusals: Int, took: Duration) {
        let clock = VirtualClock()
        let environment = Environment(clock: clock, random: SeededRandom(seed: seed))
        let store = MemoryStore(environment: environment)
        let gates = (0..<Self.processes).map { _ in LimitGate(store: store, environment: environment) }
        let destination = Destination("strict", deadlines: .media)
        var server = server
        var flights: [Flight] = []
        var earliest = [Timestamp](repeating: .epoch, count: Self.processes)
        var early = 0
        while server.answered < calls {
            // Other tests run on the same threads.
            await Task.yield()
            let now = clock.now()
            for index in flights.indices where flights[index].answer == nil && flights[index].arrives <= now {
                flights[index].answer = server.answer(at: now)
                flights[index].returns = now + environment.duration(upTo: .milliseconds(3))
                if server.answered < warm { early = server.refused }
            }
            for flight in flights where flight.returns <= now {
                guard let answer = flight.answer else { continue }
                try await gates[flight.gate].heard(
                    LimitHeaders(answer.headers, now: now), isRefusal: answer.status == 429, flight.pass, Self.scope)
            }
            flights.removeAll { $0.answer != nil && $0.returns <= now }
            for gate in gates.indices where earliest[gate] <= now {
                guard flights.filter({ $0.gate == gate }).count < perProcess else { continue }
                switch try await gates[gate].admit(Self.scope, of: destination) {
                case .wait(let span): earliest[gate] = now + span
                case .pass(let pass):
                    flights.append(Flight(gate: gate, pass: pass, arrives: now + environment.duration(upTo: .milliseconds(3))))
                }
            }
            clock.advance(by: .microseconds(100 + Int64(environment.random.next() % 400)))
        }
        return (server, server.refused - early, clock.uptime())
    }

    @Test("S0-26: 10 000 calls over four processes against strict limits meet no 429 in steady state", arguments: StrictServer.Windows.allCases)
    func steadyState(windows: StrictServer.Windows) async throws {
        let (server, lateRefusals, _) = try await run(
            StrictServer(limit: 100, span: .seconds(1), windows: windows), calls: 10_000, warm: 300, seed: 26)
        #expect(lateRefusals == 0)
        // And what is allowed is used: a gate that lets nothing through would pass, too.
        #expect(server.opened < 10_000 / 100 * 6 / 5)
    }

    @Test(arguments: 1...6, StrictServer.Windows.allCases)
    func `other limits, other seeds: no 429 in steady state`(seed: Int, windows: StrictServer.Windows) async throws {
        let limit = [40, 64, 75, 120, 500, 1000][seed - 1]
        let server = StrictServer(limit: limit, span: .milliseconds(500 * seed), windows: windows)
        let (after, lateRefusals, _) = try await run(server, calls: limit * 20, warm: limit * 3, seed: UInt64(seed))
        #expect(lateRefusals == 0)
        #expect(after.opened < 30)
    }

    @Test func `a limit that is never near costs no waiting`() async throws {
        let (server, _, took) = try await run(
            StrictServer(limit: 1_000_000, span: .seconds(3600), windows: .aligned), calls: 2000, warm: 0, seed: 3, perProcess: 1)
        #expect(server.refused == 0)
        #expect(took < .seconds(10))
    }

    @Test("S0-27: after a 429 nothing of that scope is sent before its reset, by any of four processes")
    func refusal() async throws {
        let clock = VirtualClock()
        let environment = Environment(clock: clock, random: SeededRandom(seed: 27))
        let store = MemoryStore(environment: environment)
        let gates = (0..<Self.processes).map { _ in LimitGate(store: store, environment: environment) }
        let destination = Destination("strict", deadlines: .media)
        guard case .pass(let pass) = try await gates[0].admit(Self.scope, of: destination) else { throw Unexpected("the first call waits") }
        let refusal = LimitHeaders([("Retry-After", "30")], now: clock.now())
        try await gates[0].heard(refusal, isRefusal: true, pass, Self.scope)
        for second in 0..<30 {
            for gate in gates {
                guard case .wait(let span) = try await gate.admit(Self.scope, of: destination) else { throw Unexpected("sent after \(second) s") }
                #expect(span == .seconds(30 - second))
            }
            clock.advance(by: .seconds(1))
        }
        // A process that starts now knows as well; then one goes ahead, and the others follow when it has come through.
        let late = LimitGate(store: store, environment: environment)
        var passes: [LimitGate.Pass] = []
        for gate in gates + [late] {
            if case .pass(let pass) = try await gate.admit(Self.scope, of: destination) { passes.append(pass) }
        }
        #expect(passes.count == 1)
        try await gates[0].heard(LimitHeaders([(String, String)](), now: clock.now()), isRefusal: false, try #require(passes.first), Self.scope)
        for gate in gates + [late] {
            guard case .pass = try await gate.admit(Self.scope, of: destination) else { throw Unexpected("still waiting") }
        }
    }

    @Test func `a probe that never comes back is followed by another`() async throws {
        let clock = VirtualClock()
        let environment = Environment(clock: clock, random: SeededRandom(seed: 1))
        let store = MemoryStore(environment: environment)
        let gates = (0..<2).map { _ in LimitGate(store: store, environment: environment) }
        let destination = Destination("strict", deadlines: .media)
        guard case .pass(let pass) = try await gates[0].admit(Self.scope, of: destination) else { throw Unexpected("the first call waits") }
        try await gates[0].heard(LimitHeaders([("Retry-After", "1")], now: clock.now()), isRefusal: true, pass, Self.scope)
        clock.advance(by: .seconds(1))
        guard case .pass = try await gates[0].admit(Self.scope, of: destination) else { throw Unexpected("no probe") }
        guard case .wait(let span) = try await gates[1].admit(Self.scope, of: destination) else { throw Unexpected("two probes") }
        #expect(span <= .milliseconds(50))
        clock.advance(by: .seconds(1))
        guard case .pass = try await gates[1].admit(Self.scope, of: destination) else { throw Unexpected("no second probe") }
    }

    @Test func `a global refusal stops every endpoint of the credential, another refusal its endpoint alone`() async throws {
        let clock = VirtualClock()
        let environment = Environment(clock: clock, random: SeededRandom(seed: 1))
        let gate = LimitGate(store: MemoryStore(environment: environment), environment: environment)
        let destination = Destination("chat", deadlines: .media)
        let scopes = ["read", "write"].map { Scope(destination: "chat", credential: "bot", endpoint: $0) }
        let other = Scope(destination: "chat", credential: "other", endpoint: "read")
        guard case .pass(let pass) = try await gate.admit(scopes[0], of: destination) else { throw Unexpected("the first call waits") }
        try await gate.heard(LimitHeaders([("Retry-After", "5")], now: clock.now()), isRefusal: true, pass, scopes[0])
        guard case .wait = try await gate.admit(scopes[0], of: destination) else { throw Unexpected("the endpoint is not blocked") }
        guard case .pass(let second) = try await gate.admit(scopes[1], of: destination) else { throw Unexpected("all endpoints are blocked") }
        try await gate.heard(
            LimitHeaders([("Retry-After", "9"), ("X-RateLimit-Global", "true")], now: clock.now()), isRefusal: true, second, scopes[1])
        for scope in scopes {
            guard case .wait(.seconds(9)) = try await gate.admit(scope, of: destination) else { throw Unexpected("\(scope) is not blocked") }
        }
        guard case .pass = try await gate.admit(other, of: destination) else { throw Unexpected("another credential is blocked") }
    }

    @Test("H0-3: a caller that polls faster than one token comes back is let through when it has")
    func fastPolling() async throws {
        let clock = VirtualClock()
        let environment = Environment(clock: clock, random: SeededRandom(seed: 1))
        let gate = LimitGate(store: MemoryStore(environment: environment), environment: environment)
        var destination = Destination("slow", deadlines: .media)
        destination.rates = [Rate(count: 60, per: .seconds(60), burst: 1)]
        var passed = 0
        for _ in 0..<1000 {
            if case .pass = try await gate.admit(Scope(destination: "slow"), of: destination) { passed += 1 }
            clock.advance(by: .milliseconds(10))
        }
        #expect(passed == 10)
    }
}
