import MartletCore
import Testing

@Suite struct CircuitBreakerTests {
    private static func permit(_ breaker: inout CircuitBreaker, at seconds: Int64) throws -> CircuitBreaker.Permit {
        guard case .permitted(let permit) = breaker.admit(at: .seconds(seconds)) else {
            Issue.record("refused at \(seconds) s")
            throw CancellationError()
        }
        return permit
    }

    private func expectRefused(_ breaker: inout CircuitBreaker, at seconds: Int64, for wait: Int64) {
        let answer = breaker.admit(at: .seconds(seconds))
        #expect(answer == .refused(for: .seconds(wait)))
    }

    private static func call(_ breaker: inout CircuitBreaker, succeeds: Bool, at seconds: Int64) throws {
        let permit = try permit(&breaker, at: seconds)
        breaker.record(permit, succeeded: succeeds, at: .seconds(seconds))
    }

    /// Opened by ten failures at second 0.
    private static func opened() throws -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<10 { try call(&breaker, succeeds: false, at: 0) }
        return breaker
    }

    @Test func `it stays closed below the rate and below the fewest calls`() throws {
        var breaker = CircuitBreaker()
        for _ in 0..<9 { try Self.call(&breaker, succeeds: false, at: 0) }
        #expect(breaker.state == .closed)
        var steady = CircuitBreaker()
        for number in 0..<500 { try Self.call(&steady, succeeds: number % 4 > 0, at: 0) }
        #expect(steady.state == .closed)
    }

    @Test func `it opens at the rate and refuses until its time is over`() throws {
        var breaker = try Self.opened()
        #expect(breaker.state == .open(until: .seconds(30)))
        expectRefused(&breaker, at: 10, for: 20)
        _ = try Self.permit(&breaker, at: 30)
    }

    @Test func `old successes are forgotten beyond the window`() throws {
        var breaker = CircuitBreaker()
        for _ in 0..<1000 { try Self.call(&breaker, succeeds: true, at: 0) }
        for _ in 0..<9 { try Self.call(&breaker, succeeds: false, at: 1) }
        #expect(breaker.state == .closed)
        try Self.call(&breaker, succeeds: false, at: 1)
        #expect(breaker.state == .open(until: .seconds(31)))
    }

    @Test func `half open it lets the probes through and closes when all succeed`() throws {
        var breaker = try Self.opened()
        let probes = try (0..<3).map { _ in try Self.permit(&breaker, at: 40) }
        expectRefused(&breaker, at: 41, for: 29)
        for probe in probes { breaker.record(probe, succeeded: true, at: .seconds(42)) }
        #expect(breaker.state == .closed)
        for _ in 0..<9 { try Self.call(&breaker, succeeds: false, at: 43) }
        #expect(breaker.state == .closed)
    }

    @Test func `the first probe that fails opens it again`() throws {
        var breaker = try Self.opened()
        let probes = try (0..<3).map { _ in try Self.permit(&breaker, at: 40) }
        breaker.record(probes[0], succeeded: true, at: .seconds(41))
        breaker.record(probes[1], succeeded: false, at: .seconds(42))
        breaker.record(probes[2], succeeded: true, at: .seconds(43))
        #expect(breaker.state == .open(until: .seconds(72)))
    }

    @Test func `an outcome that was permitted in an earlier state does not count`() throws {
        var breaker = CircuitBreaker()
        let late = try (0..<5).map { _ in try Self.permit(&breaker, at: 0) }
        for _ in 0..<10 { try Self.call(&breaker, succeeds: false, at: 0) }
        _ = try Self.permit(&breaker, at: 30)
        for permit in late { breaker.record(permit, succeeded: true, at: .seconds(31)) }
        #expect(breaker.state == .halfOpen(since: .seconds(30), admitted: 1, succeeded: 0))
    }

    @Test func `probes that never come back do not keep it half open for ever`() throws {
        var breaker = try Self.opened()
        let lost = try (0..<3).map { _ in try Self.permit(&breaker, at: 40) }
        expectRefused(&breaker, at: 69, for: 1)
        let fresh = try (0..<3).map { _ in try Self.permit(&breaker, at: 70) }
        for permit in lost { breaker.record(permit, succeeded: false, at: .seconds(71)) }
        for permit in fresh { breaker.record(permit, succeeded: true, at: .seconds(72)) }
        #expect(breaker.state == .closed)
    }
}
