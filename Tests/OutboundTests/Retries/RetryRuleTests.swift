import MartletCore
import MartletTesting
import NIOHTTP1
import Testing

@testable import Outbound

@Suite struct RetryRuleTests {
    private static let environment = Environment(clock: VirtualClock(), random: SeededRandom(seed: 5))

    private static func rule(isRepeatable: Bool = true, isReplayable: Bool = true) -> RetryRule {
        RetryRule(plan: RetryPlan(), isRepeatable: isRepeatable, isReplayable: isReplayable, patience: .seconds(10))
    }

    private static func wait(_ rule: RetryRule, _ ending: RetryRule.Ending, attempt: Int = 1, left: Duration = .seconds(600)) -> Duration? {
        rule.wait(after: ending, attempt: attempt, left: left, environment)
    }

    @Test("S0-17, S0-38: five attempts, exponential from half a second with full jitter, for 429, 500, 502, 503 and 504")
    func plan() {
        let plan = RetryPlan()
        #expect(plan.attempts == 5)
        #expect(plan.statuses == [429, 500, 502, 503, 504])
        #expect((1...4).map { plan.backoff.ceiling(attempt: $0) } == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])
        for status in 100...599 {
            let retries = Self.wait(Self.rule(), .status(status, retryAfter: nil)) != nil
            #expect(retries == plan.statuses.contains(status), "\(status)")
        }
        for attempt in 1...4 {
            let waits = (0..<200).compactMap { _ in Self.wait(Self.rule(), .broken(mayHaveArrived: true), attempt: attempt) }
            #expect(waits.count == 200)
            #expect(waits.allSatisfy { $0 <= plan.backoff.ceiling(attempt: attempt) })
            #expect(Set(waits).count > 100)
        }
        #expect(Self.wait(Self.rule(), .broken(mayHaveArrived: true), attempt: 5) == nil)
    }

    @Test("S0-17: what is not safe to repeat is not repeated, unless it was never sent")
    func safety() {
        #expect(Self.wait(Self.rule(isRepeatable: false), .status(503, retryAfter: nil)) == nil)
        #expect(Self.wait(Self.rule(isRepeatable: false), .status(429, retryAfter: .zero)) == nil)
        #expect(Self.wait(Self.rule(isRepeatable: false), .broken(mayHaveArrived: true)) == nil)
        #expect(Self.wait(Self.rule(isRepeatable: false), .broken(mayHaveArrived: false)) != nil)
        #expect(Self.wait(Self.rule(isReplayable: false), .broken(mayHaveArrived: false)) == nil)
        let idempotent: [HTTPMethod] = [.GET, .HEAD, .PUT, .DELETE, .OPTIONS, .TRACE]
        #expect(idempotent.allSatisfy(RetryRule.isIdempotent))
        #expect(![HTTPMethod.POST, .PATCH, .RAW(value: "LINK")].contains(where: RetryRule.isIdempotent))
    }

    @Test func `Retry-After is the least wait, and a long one is the caller's to come back from`() throws {
        let wait = try #require(Self.wait(Self.rule(), .status(503, retryAfter: .seconds(7))))
        #expect(wait >= .seconds(7) && wait <= .milliseconds(7500))
        #expect(Self.wait(Self.rule(), .status(503, retryAfter: .seconds(11))) == nil)
    }

    @Test("S2-46: no retry goes past the deadline")
    func deadline() {
        for _ in 0..<100 {
            if let wait = Self.wait(Self.rule(), .broken(mayHaveArrived: true), attempt: 4, left: .seconds(1)) { #expect(wait < .seconds(1)) }
        }
        #expect(Self.wait(Self.rule(), .status(503, retryAfter: .seconds(5)), left: .seconds(5)) == nil)
    }

    @Test func `retries are a small share of calls however much fails`() {
        var budget = RetryBudget(retries: 20)
        var retries = 0
        for _ in 0..<1000 {
            budget.deposit()
            for _ in 0..<4 where budget.withdraw() { retries += 1 }
        }
        #expect(retries <= 120)
        #expect(retries >= 100)
        var none = RetryBudget(retries: 0)
        none.deposit()
        #expect(none.withdraw() == false)
    }
}
