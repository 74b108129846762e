import MartletCore
import Synchronization

@testable import StoreConformance

/// Clients and workers of both stores, who do something at random before every few calls of a copy: until they tire, since a copy ends only
/// when they let it.
final class Meddler: Sendable {
    private struct State {
        var leases: [Lease] = []
        var grabbed: [JobID] = []
        var moves = 0
    }

    private static let movesMax = 150

    private let theirs: any Store
    private let ours: any Store
    private let scene: SourceScene
    private let die: SeededDie
    private let state = Mutex(State())

    init(_ source: any Store, _ target: any Store, _ environment: Environment, seed: UInt64) {
        theirs = source
        ours = target
        scene = SourceScene(store: source, environment: environment)
        die = SeededDie(seed: seed)
    }

    var source: MeddledStore { MeddledStore(theirs) { _ in try await self.move() } }
    var target: MeddledStore { MeddledStore(ours) { _ in try await self.grab() } }

    /// Jobs that the target handed out.
    var grabbed: [JobID] { state.withLock(\.grabbed) }
    var moves: Int { state.withLock(\.moves) }

    private func grab() async throws {
        let claimed = try await ours.claim(ClaimPlan(node: NodeID("early"), kinds: nil, limit: 10))
        state.withLock { $0.grabbed += claimed.jobs.map(\.job.id) }
    }

    private func move() async throws {
        let number = state.withLock { state in
            state.moves += 1
            return state.moves
        }
        guard number <= Self.movesMax else { return try await settleAll() }
        switch die.roll(12) {
        case 0, 1: _ = try await theirs.enqueue([scene.job(queue: die.pick(["default", "new-\(die.roll(3))"]))])
        case 2:
            let claimed = try await theirs.claim(ClaimPlan(node: NodeID("late"), kinds: nil, limit: 3, ttl: .seconds(3600)))
            state.withLock { $0.leases += claimed.jobs.map(\.lease) }
        case 3: try await settleAll()
        case 4: _ = try await theirs.append([NewEvent(stream: "orders", type: die.pick(["paid", "placed"]), data: .null)])
        case 5, 6: try await change { store, id throws(StoreError) in _ = try await store.cancel(id) }
        case 7, 8: try await change { store, id throws(StoreError) in _ = try await store.revive(id) }
        case 9:
            try await change { store, id throws(StoreError) in
                _ = try await store.append([NewEvent(stream: StreamName.job(id), type: "go", data: .null)])
            }
        case 10:
            var job = scene.job()
            job.key = IdempotencyKey("open-0", conflict: .replace)
            job.payload = Payload(["n": .integer(number)])
            _ = try await theirs.enqueue([job])
        default: break
        }
    }

    private func settleAll() async throws {
        let leases = state.withLock { state in
            defer { state.leases = [] }
            return state.leases
        }
        let ends: [Settlement.Disposition] = [
            .succeeded(result: nil), .snoozed(for: .seconds(5000)), .failed(Failure(kind: "boom", message: "late"), retryAfter: nil),
        ]
        _ = try await theirs.settle(leases.map { Settlement($0, die.pick(ends)) })
    }

    /// Does something to one of the newest jobs; that it may not be done is no matter.
    private func change(_ body: (any Store, JobID) async throws(StoreError) -> Void) async throws {
        let jobs = try await theirs.jobs(JobQuery()).jobs
        guard !jobs.isEmpty else { return }
        do throws(StoreError) {
            try await body(theirs, die.pick(jobs).id)
        } catch {
            switch error {
            case .wrongPhase, .keyTaken: return
            default: throw error
            }
        }
    }
}
