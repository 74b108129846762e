import Martlet
import MartletCore
import MartletTesting
import Synchronization
import Testing

@testable import Outbound

@Suite struct RefusedJobTests {
    private struct Publish: Job {
        static let kind = "publish"
    }

    @Test func `a job that a limit refuses is put back for as long as the limit says, holds no worker and is charged no attempt`() throws {
        let starts = Mutex([Duration]())
        try TestEngine.run { engine in
            engine.handle(Publish.self, .init(retry: RetryPolicy(base: .seconds(1), factor: 2, max: .seconds(60)))) { _, context in
                let count = starts.withLock { starts in
                    starts.append(context.environment.clock.uptime())
                    return starts.count
                }
                if count <= 50 { throw OutboundError.refused(Scope(destination: "x", credential: "account"), retryAfter: .seconds(900), .limit) }
            }
        } _: { test in
            let job = try await test.finish(Publish(), .init(maxAttempts: 2))
            #expect(job.outcome == .succeeded)
            #expect(job.attempt == 1)
        }
        let all = starts.withLock { $0 }
        #expect(all.count == 51)
        for (before, after) in zip(all, all.dropFirst()) { #expect(after - before >= .seconds(900) && after - before < .seconds(910)) }
    }

    @Test func `a 429 is a rate-limited outcome that waits for its reset and counts as an attempt`() throws {
        let starts = Mutex([Duration]())
        try TestEngine.run { engine in
            engine.handle(Publish.self) { _, context in
                let count = starts.withLock { starts in
                    starts.append(context.environment.clock.uptime())
                    return starts.count
                }
                if count == 1 { throw OutboundError.status(429, destination: "x", retryAfter: .seconds(60)) }
            }
        } _: { test in
            let job = try await test.finish(Publish())
            #expect(job.outcome == .succeeded)
            #expect(job.attempt == 2)
        }
        #expect(starts.withLock { $0[1] - $0[0] } >= .seconds(60))
    }

    @Test(arguments: [
        (OutboundError.status(404, destination: "x", retryAfter: nil), FailureClass.permanent),
        (.status(500, destination: "x", retryAfter: nil), .transient), (.status(408, destination: "x", retryAfter: nil), .transient),
        (.deadline(.total, destination: "x", limit: .seconds(1)), .transient), (.unresolvable(host: "x"), .transient),
        (.invalidRequest("x"), .permanent), (.redirectRefused("x"), .permanent),
        (.status(429, destination: "x", retryAfter: .seconds(3)), .rateLimited(after: .seconds(3))),
        (.refused(Scope(destination: "x"), retryAfter: .seconds(3), .busy), .postponed(for: .seconds(3))),
    ])
    func `each error says what it means for its job`(error: OutboundError, meaning: FailureClass) {
        #expect(error.failureClass == meaning)
        #expect(!error.failure.kind.isEmpty)
    }
}
