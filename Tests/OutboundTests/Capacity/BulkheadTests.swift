import MartletCore
import MartletTesting
import NIOHTTP1
import Synchronization
import Testing

@testable import Outbound

@Suite struct BulkheadTests {
    @Test("S0-28: a place that comes free goes to the credential with the fewest calls, then to who came first")
    func fairness() {
        var state = BulkheadState(limit: 3, perCredential: 3, waitersMax: 10)
        #expect((1...3).map { state.enter($0, "loud") } == [.entered, .entered, .entered])
        #expect((4...6).map { state.enter($0, "loud") } == [.queued, .queued, .queued])
        #expect(state.enter(7, "quiet") == .queued)
        #expect(state.leave("loud") == 7)
        #expect(state.leave("loud") == 4)
        #expect(state.leave("quiet") == 5)
    }

    @Test func `a credential never has more than its share`() {
        var state = BulkheadState(limit: 10, perCredential: 2, waitersMax: 2)
        #expect((1...3).map { state.enter($0, "a") } == [.entered, .entered, .queued])
        #expect(state.enter(4, "b") == .entered)
        #expect(state.leave("b") == nil)
        #expect(state.enter(5, "a") == .queued)
        #expect(state.enter(6, "a") == .full)
        #expect(state.leave("a") == 3)
        #expect(state.giveUp(5) == true)
        #expect(state.giveUp(5) == false)
        #expect(state.leave("a") == nil)
        #expect(state.leave("a") == nil)
        #expect(state.isIdle)
    }

    @Test func `a random crowd never has more places than there are, and loses none`() {
        let random = SeededRandom(seed: 9)
        var state = BulkheadState(limit: 5, perCredential: 2, waitersMax: 6)
        var inside: [String] = []
        var waiting: [Int: String] = [:]
        for number in 0..<20_000 {
            let credential = ["a", "b", "c", "d"][Int(random.next() % 4)]
            if random.next() % 2 == 0 {
                switch state.enter(number, credential) {
                case .entered: inside.append(credential)
                case .queued: waiting[number] = credential
                case .full: #expect(waiting.count == 6)
                }
            } else if !inside.isEmpty {
                let leaver = inside.remove(at: Int(random.next() % UInt64(inside.count)))
                if let next = state.leave(leaver), let credential = waiting.removeValue(forKey: next) { inside.append(credential) }
            }
            #expect(state.running == inside.count)
            #expect(inside.count <= 5)
            for name in ["a", "b", "c", "d"] { #expect(inside.filter { $0 == name }.count <= 2) }
        }
    }

    @Test func `who finds no place waits as long as it has patience, and enters when one comes free`() async throws {
        let clock = VirtualClock()
        let bulkhead = Bulkhead(clock: clock)
        let destination = Outside.destination { $0.concurrency = 1 }
        let second = try await withThrowingTaskGroup(of: Bool?.self) { group in
            try await bulkhead.withPlace(in: destination, "a", patience: .zero) {
                group.addTask { try await bulkhead.withPlace(in: destination, "b", patience: .seconds(1)) { true } }
                try await clock.waitForSleepers()
                #expect(try await bulkhead.withPlace(in: destination, "c", patience: .zero) { true } == nil)
            }
            return try await group.next() ?? nil
        }
        #expect(second == true)
        let third = try await withThrowingTaskGroup(of: Bool?.self) { group in
            try await bulkhead.withPlace(in: destination, "a", patience: .zero) {
                group.addTask { try await bulkhead.withPlace(in: destination, "b", patience: .seconds(1)) { true } }
                try await clock.waitForSleepers()
                clock.advance(by: .seconds(1))
                return try await group.next() ?? nil
            }
        }
        #expect(third == .some(nil))
        // Nobody's place has been lost on the way.
        #expect(try await bulkhead.withPlace(in: destination, "d", patience: .zero) { true } == true)
    }

    @Test func `a waiter that is cancelled leaves no place behind`() async throws {
        let clock = VirtualClock()
        let bulkhead = Bulkhead(clock: clock)
        let destination = Outside.destination { $0.concurrency = 1 }
        try await withThrowingTaskGroup(of: Bool?.self) { group in
            _ = try await bulkhead.withPlace(in: destination, "a", patience: .zero) {
                group.addTask { try await bulkhead.withPlace(in: destination, "b", patience: .seconds(1)) { true } }
                try await clock.waitForSleepers()
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
        }
        #expect(try await bulkhead.withPlace(in: destination, "d", patience: .zero) { true } == true)
    }

    @Test("S0-19, S0-56: a destination that stalls holds its own places alone, and a credential its own share")
    func stall() async throws {
        try await HostileServer.run({ $0.uri.hasPrefix("/stall") ? [] : [.answer()] }) { server in
            try await Outside.real { outside async throws in
                let stalled = Outside.destination("stalled") {
                    $0.concurrency = 4
                    $0.concurrencyPerCredential = 2
                    $0.patience = .zero
                    $0.retry = .none
                }
                try await withThrowingTaskGroup(of: Void.self) { group async throws in
                    for _ in 0..<2 {
                        group.addTask {
                            _ = try await outside.client.reply(to: OutboundRequest(.GET, server.url + "/stall", to: stalled, credential: "slow"))
                        }
                    }
                    await server.waitForRequests(2)
                    // The credential's share is taken, the destination's is not.
                    let third = OutboundRequest(.GET, server.url + "/stall", to: stalled, credential: "slow")
                    #expect(
                        await failure { try await outside.client.reply(to: third) }
                            == .refused(Scope(destination: "stalled", credential: "slow"), retryAfter: .seconds(1), .busy))
                    #expect(
                        try await outside.client.reply(to: OutboundRequest(.GET, server.url + "/ok", to: stalled, credential: "quick")).status == 200)
                    for _ in 0..<50 {
                        #expect(try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: Outside.destination("other"))).status == 200)
                    }
                    group.cancelAll()
                    while let result = await group.nextResult() { if case .success = result { Issue.record("a stalled call succeeded") } }
                }
            }
        }
    }
}
