import MartletCore
import Testing

@Suite struct EnvironmentTests {
    @Test func `one seed is one sequence`() {
        let (a, b, c) = (SeededRandom(seed: 42), SeededRandom(seed: 42), SeededRandom(seed: 43))
        let first = (0..<50).map { _ in a.next() }
        #expect(first == (0..<50).map { _ in b.next() })
        #expect(first != (0..<50).map { _ in c.next() })
    }

    @Test func `a random duration reaches both of its bounds and no further`() {
        let environment = Environment(clock: SystemClock(), random: SeededRandom(seed: 6))
        let seen = Set((0..<500).map { _ in environment.duration(upTo: .microseconds(3)) })
        #expect(seen == Set((0...3).map { Duration.microseconds($0) }))
        #expect(environment.duration(upTo: .zero) == .zero && environment.duration(upTo: .seconds(-1)) == .zero)
    }

    @Test func `the system's clock counts on and its ids differ`() {
        let environment = Environment.system
        #expect(environment.clock.now() > Timestamp(seconds: 1_700_000_000))
        let before = environment.clock.uptime()
        #expect(environment.clock.uptime() >= before)
        #expect(Set((0..<100).map { _ in environment.makeJobID() }).count == 100)
    }
}
