import MartletCore
import Testing

@Suite struct RetryPolicyTests {
    private static func environment(_ seed: UInt64) -> Environment { Environment(clock: SystemClock(), random: SeededRandom(seed: seed)) }

    @Test func `the ceiling doubles from its base to its maximum and stays there`() {
        let policy = RetryPolicy()
        #expect((1...5).map { policy.ceiling(attempt: $0) } == [.seconds(2), .seconds(4), .seconds(8), .seconds(16), .seconds(32)])
        #expect(policy.ceiling(attempt: 12) == .seconds(3600))
        #expect(policy.ceiling(attempt: 1000) == .seconds(3600))
        #expect(policy.ceiling(attempt: 0) == .seconds(2))
        #expect(RetryPolicy(base: .seconds(5), factor: 1, max: .seconds(60)).ceiling(attempt: 1_000_000_000) == .seconds(5))
    }

    @Test(arguments: [1, 4, 20])
    func `a delay is spread evenly from zero to its ceiling`(attempt: Int) throws {
        let (policy, environment) = (RetryPolicy(), Self.environment(UInt64(attempt)))
        let ceiling = policy.ceiling(attempt: attempt)
        var tenths = [Int](repeating: 0, count: 10)
        for _ in 0..<10_000 {
            let delay = try #require(policy.delay(attempt: attempt, .transient, environment))
            #expect(delay >= .zero && delay <= ceiling)
            tenths[min(9, Int(delay.inSeconds / ceiling.inSeconds * 10))] += 1
        }
        #expect(tenths.allSatisfy { (850...1150).contains($0) })
    }

    @Test func `what will fail again is not tried again`() {
        #expect(RetryPolicy().delay(attempt: 1, .permanent, Self.environment(1)) == nil)
    }

    @Test func `nobody comes back before Retry-After, and not all at once after it`() throws {
        let (policy, environment) = (RetryPolicy(), Self.environment(2))
        var delays: Set<Duration> = []
        for _ in 0..<100 {
            let delay = try #require(policy.delay(attempt: 3, .rateLimited(after: .seconds(30)), environment))
            #expect(delay >= .seconds(30) && delay <= .seconds(38))
            delays.insert(delay)
        }
        #expect(delays.count > 90)
        let patient = try #require(policy.delay(attempt: 1, .rateLimited(after: .seconds(Int64.max / 2)), environment))
        #expect(patient >= RetryPolicy.patienceMax && patient <= RetryPolicy.patienceMax + .seconds(2))
        let past = try #require(policy.delay(attempt: 1, .rateLimited(after: .seconds(-5)), environment))
        #expect(past >= .zero && past <= .seconds(2))
        #expect(try #require(policy.delay(attempt: 1, .rateLimited(after: nil), environment)) <= .seconds(2))
    }

    @Test func `a policy without sense is refused`() {
        #expect(RetryPolicy().fault == nil)
        for policy in [
            RetryPolicy(base: .zero), RetryPolicy(factor: 0.5), RetryPolicy(factor: .nan), RetryPolicy(factor: 101),
            RetryPolicy(base: .seconds(10), max: .seconds(5)),
            RetryPolicy(max: Limits.delay + .seconds(1)),
        ] {
            #expect(policy.fault != nil)
        }
    }

    @Test func `a loop that fails is never faster than one that works, and slower with each failure`() {
        let environment = Self.environment(3)
        for _ in 0..<200 {
            var backoff = Backoff(base: .milliseconds(100), max: .seconds(10))
            var ceiling = Duration.milliseconds(200)
            for _ in 0..<20 {
                let delay = backoff.failed(environment)
                #expect(delay >= .milliseconds(100) && delay <= ceiling)
                ceiling = min(ceiling + ceiling, .seconds(10))
            }
            #expect(backoff.failures == 20)
            backoff.succeeded()
            let first = backoff.failed(environment)
            #expect(first <= .milliseconds(200))
        }
    }
}
