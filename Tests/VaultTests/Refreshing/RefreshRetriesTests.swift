import MartletCore
import MartletTesting
import Testing

@testable import Vault

@Suite struct RefreshRetriesTests {
    private static let start = VirtualClock.defaultStart

    private func environment(_ seed: UInt64) -> Environment { Environment(clock: VirtualClock(), random: SeededRandom(seed: seed)) }

    private func pauses(
        _ answer: TokenAnswer, mayRepeat: Bool = false, left: Duration = .seconds(60), seed: UInt64 = 1
    ) -> (pauses: [Duration], ending: RefreshEnding?) {
        var retries = RefreshRetries(mayRepeat: mayRepeat, grace: .zero)
        let environment = environment(seed)
        var pauses: [Duration] = []
        while true {
            switch retries.next(after: answer, unanswered: 0, since: Self.start, now: Self.start, left: left, environment) {
            case .retry(let pause, let isKnown):
                #expect(isKnown)
                pauses.append(pause)
            case .end(let ending): return (pauses, ending)
            case .commit: return (pauses, nil)
            }
        }
    }

    @Test func `S2-42 H2-5 a server that did nothing is asked again after 1, 2 and 4 s, each with jitter`() {
        var firsts: Set<Duration> = []
        for seed in 1...50 as ClosedRange<UInt64> {
            let (pauses, ending) = pauses(.notNow(reason: "busy", retryAfter: nil), seed: seed)
            #expect(pauses.count == 3)
            for (pause, least) in zip(pauses, [1, 2, 4]) { #expect(pause >= .seconds(least) && pause <= .milliseconds(least * 1500)) }
            #expect(ending == .failing(reason: "busy", retryAfter: nil))
            firsts.insert(pauses[0])
        }
        #expect(firsts.count > 40, "they do not all come back together")
    }

    @Test func `S2-42 a server that names a time is given it`() {
        let (pauses, _) = pauses(.notNow(reason: "busy", retryAfter: .seconds(3)))
        #expect(pauses.count == 3)
        #expect(pauses[0] >= .seconds(3))
        #expect(pauses[2] >= .seconds(4))
    }

    @Test func `S2-46 a retry that would not end before the deadline is not begun`() {
        #expect(pauses(.notNow(reason: "busy", retryAfter: nil), left: .milliseconds(900)).pauses.isEmpty)
        let (pauses, ending) = pauses(.notNow(reason: "busy", retryAfter: .seconds(90)))
        #expect(pauses.isEmpty)
        #expect(ending == .failing(reason: "busy", retryAfter: .seconds(90)))
    }

    @Test func `H2-6 what the server may have acted on is repeated only where that is harmless`() {
        #expect(pauses(.unknown(reason: "lost")).pauses.isEmpty)
        #expect(pauses(.unknown(reason: "lost")).ending == .uncertain(reason: "lost"))
        #expect(pauses(.unknown(reason: "lost"), mayRepeat: true).pauses.count == 3)
        #expect(pauses(.unknown(reason: "lost"), mayRepeat: true).ending == .failing(reason: "lost", retryAfter: nil))
    }

    @Test func `H2-6 a lost reply is asked for once more within the grace, and never twice`() {
        var retries = RefreshRetries(mayRepeat: false, grace: .seconds(40))
        let environment = environment(1)
        func next(unanswered: Int, after elapsed: Int) -> RefreshAction {
            retries.next(
                after: .unknown(reason: "lost"), unanswered: unanswered, since: Self.start, now: Self.start + .seconds(elapsed), left: .seconds(60),
                environment)
        }
        guard case .retry(let pause, isKnown: false) = next(unanswered: 1, after: 15) else {
            Issue.record("not asked once more")
            return
        }
        #expect(pause <= .seconds(1))
        #expect(next(unanswered: 2, after: 16) == .end(.uncertain(reason: "lost")))
        #expect(next(unanswered: 1, after: 30) == .end(.uncertain(reason: "lost")))
        // A clock that went back proves nothing about the grace.
        #expect(next(unanswered: 1, after: -1) == .end(.uncertain(reason: "lost")))
    }

    @Test func `a refusal ends it at once`() {
        #expect(pauses(.grantRefused(code: "invalid_grant")).pauses.isEmpty)
        #expect(pauses(.clientRefused(reason: "invalid_client, 401")).ending == .refused(reason: "invalid_client, 401"))
    }

    @Test func `a provider that goes on failing is asked more and more rarely`() throws {
        let environment = environment(3)
        let ending = RefreshEnding.failing(reason: "busy", retryAfter: nil)
        for failures in 1...20 {
            let pause = try #require(ending.pause(failures: failures, environment))
            #expect(pause <= .seconds(900))
            if failures > 8 { #expect(pause >= .seconds(450)) }
        }
        #expect(try #require(RefreshEnding.failing(reason: "busy", retryAfter: .seconds(1000)).pause(failures: 1, environment)) >= .seconds(1000))
        #expect(RefreshEnding.uncertain(reason: "lost").pause(failures: 1, environment) == nil)
    }

    @Test func `a thousand tokens made together are not replaced together`() throws {
        let environment = environment(7)
        let grant = try TokenGrant(Array(#"{"access_token":"a","expires_in":3600}"#.utf8))
        let provider = ConnectionScene.provider()
        var perSecond: [Int64: Int] = [:]
        for _ in 0..<1000 {
            let life = TokenLife(grant, provider, asked: Self.start, isRenewable: true, environment)
            #expect(life.usableUntil == Self.start + .seconds(3540))
            let offset = (life.refreshAt - Self.start).components.seconds
            #expect((2520...3060).contains(offset))
            perSecond[offset, default: 0] += 1
        }
        #expect(try #require(perSecond.values.max()) <= 10)
    }
}
