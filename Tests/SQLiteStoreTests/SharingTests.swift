import MartletCore
import SQLiteStore
import StoreConformance
import Testing

@Suite("Two stores on one file")
struct SharingTests {
    @Test("Every job is handed out once, and the counts stay true")
    func hammer() async throws {
        let file = try StoreFile()
        let stores = [try await file.open(seed: 1), try await file.open(seed: 2)]
        let taken = Collected<JobID>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, store) in stores.enumerated() {
                group.addTask {
                    for start in 0..<20 {
                        _ = try await store.enqueue((0..<10).map { .made(index * 1000 + start * 10 + $0, kind: $0 % 2 == 0 ? "a" : "b") })
                    }
                }
                group.addTask {
                    var idle = 0
                    while idle < 50, taken.all.count < 400 {
                        let claimed = try await store.claim(ClaimPlan(node: NodeID("n\(index)"), kinds: nil, limit: 7))
                        idle = claimed.jobs.isEmpty ? idle + 1 : 0
                        taken.add(claimed.jobs.map(\.job.id))
                        let results = try await store.settle(claimed.jobs.map { Settlement($0.lease, .succeeded(result: nil)) })
                        #expect(results.allSatisfy { $0 == .settled(.finished, .succeeded) })
                    }
                }
            }
            try await group.waitForAll()
        }
        while case let rest = try await stores[0].claim(.all(100)).jobs, !rest.isEmpty { taken.add(rest.map(\.job.id)) }
        let all = taken.all
        #expect(all.count == 400)
        #expect(Set(all).count == 400)
        for store in stores { await store.close() }
        try await Recount(path: file.path).check()
    }

    @Test("What one changes, the other knows at its next call")
    func policy() async throws {
        let file = try StoreFile()
        defer { withExtendedLifetime(file) {} }
        let (first, second) = (try await file.open(seed: 1), try await file.open(seed: 2))
        _ = try await first.enqueue([.made(1)])
        #expect(try await second.set("default", .paused(true)).counts.ready == 1)
        #expect(try await first.claim(.all(1)).jobs.isEmpty)
        _ = try await second.set("default", .paused(false))
        #expect(try await first.claim(.all(1)).jobs.map(\.job.id) == [.numbered(1)])
    }

    @Test("A commit of one is heard by the listeners of the other")
    func wakeup() async throws {
        let file = try StoreFile()
        defer { withExtendedLifetime(file) {} }
        let (first, second) = (try await file.open(seed: 1), try await file.open(seed: 2))
        // So that the first has seen the file as it is.
        _ = try await first.overview()
        let heard = Collected<Wakeup>()
        let hints = first.wakeups()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await hint in hints {
                    heard.add([hint])
                    return
                }
            }
            group.addTask {
                // Again and again, because what was there when the listening began is no news.
                var number = 0
                while heard.all.isEmpty {
                    number += 1
                    _ = try await second.enqueue([.made(number)])
                    file.clock.advance(by: .milliseconds(100))
                }
            }
            try await group.waitForAll()
        }
        #expect(heard.all.first == Wakeup(work: true, isUnspecific: true))
    }

    @Test("A listener in the same process hears of its jobs and streams by name")
    func names() async throws {
        let file = try StoreFile()
        defer { withExtendedLifetime(file) {} }
        let store = try await file.open()
        var hints = store.wakeups().makeAsyncIterator()
        _ = try await store.enqueue([.made(1)])
        _ = try await store.append([NewEvent(stream: "news", type: "t", data: .null)])
        var streams: Set<String> = []
        while streams.count < 2, let hint = await hints.next() { streams.formUnion(hint.streams) }
        #expect(streams == [StreamName.job(.numbered(1)), "news"])
    }
}
