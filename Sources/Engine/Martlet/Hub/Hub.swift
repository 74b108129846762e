import Synchronization

/// Tells readers that a stream has grown or a job has changed. It holds no events: a reader that is told reads the store from its own place on, at
/// its own pace, so a slow one holds no buffer, slows nobody and misses nothing. Memory is bounded by the number of readers that wait.
public final class Hub: Sendable {
    private struct Waiter {
        /// `nil` is every stream.
        let streams: Set<String>?
        var wantsWork = false
        let bell: Doorbell
    }

    private struct State {
        var waiters: [Int: Waiter] = [:]
        /// Who waits for a stream, so that a change costs those whom it concerns and nobody else.
        var byStream: [String: Set<Int>] = [:]
        var forAll: Set<Int> = []
        var forWork: Set<Int> = []
        var growths: [Int: GrowthLedger] = [:]
        var nextID = 0
        /// The runners, who listen for work and for nothing else.
        var workers: [Doorbell] = []

        mutating func add(_ waiter: Waiter) -> Int {
            nextID += 1
            waiters[nextID] = waiter
            if let streams = waiter.streams {
                for stream in streams { byStream[stream, default: []].insert(nextID) }
            } else {
                forAll.insert(nextID)
            }
            if waiter.wantsWork { forWork.insert(nextID) }
            return nextID
        }

        mutating func remove(_ id: Int) {
            guard let waiter = waiters.removeValue(forKey: id) else { return }
            forAll.remove(id)
            forWork.remove(id)
            for stream in waiter.streams ?? [] {
                byStream[stream]?.remove(id)
                if byStream[stream]?.isEmpty == true { byStream[stream] = nil }
            }
        }

        /// In the order they came: a set's own order differs from run to run, and one seed must be one run.
        func bells(for wakeup: Wakeup) -> [Doorbell] {
            var concerned = forAll
            if wakeup.isUnspecific {
                concerned = Set(waiters.keys)
            } else {
                for stream in wakeup.streams { concerned.formUnion(byStream[stream] ?? []) }
                if wakeup.work { concerned.formUnion(forWork) }
            }
            let runners = wakeup.work || wakeup.isUnspecific ? workers : []
            return runners + concerned.sorted().compactMap { waiters[$0]?.bell }
        }
    }

    private let store: any Store
    let clock: any EngineClock
    private let state = Mutex(State())

    /// Lost wake-ups cost a reader this much latency.
    public static let pollInterval: Duration = .seconds(1)

    init(store: any Store, clock: any EngineClock) {
        self.store = store
        self.clock = clock
    }

    /// A reader's registration: from now on no change of these streams is missed between two waits.
    public final class Watch: Sendable {
        fileprivate let id: Int
        fileprivate let bell: Doorbell
        private let hub: Hub

        fileprivate init(id: Int, bell: Doorbell, hub: Hub) {
            self.id = id
            self.bell = bell
            self.hub = hub
        }

        deinit { hub.remove(id) }

        /// Returns after a change since the last call, or after `limit`, at most `Hub.pollInterval`: read the store again either way.
        public func next(atMost limit: Duration = Hub.pollInterval) async throws {
            await bell.wait(atMost: min(limit, Hub.pollInterval), hub.clock)
            try Task.checkCancellation()
        }
    }

    /// Watches some streams (by name), or everything (`nil`).
    public func watch(_ streams: Set<String>?) -> Watch {
        let bell = Doorbell()
        return watch(Waiter(streams: streams, bell: bell), bell)
    }

    /// Watches for jobs that may have become ready: for whoever claims on behalf of others.
    public func watchWork() -> Watch {
        let bell = Doorbell()
        return watch(Waiter(streams: [], wantsWork: true, bell: bell), bell)
    }

    private func watch(_ waiter: Waiter, _ bell: Doorbell) -> Watch {
        Watch(id: state.withLock { $0.add(waiter) }, bell: bell, hub: self)
    }

    /// Watches many streams that come and go, for a reader that reads on behalf of others.
    public func watchGrowth() -> Growth {
        let ledger = GrowthLedger()
        let id = state.withLock { state in
            state.nextID += 1
            state.growths[state.nextID] = ledger
            return state.nextID
        }
        return Growth(id: id, ledger: ledger, hub: self)
    }

    /// Rings for work as well: how the runners hear of it.
    func ringOnWork(_ bell: Doorbell) {
        state.withLock { $0.workers.append(bell) }
    }

    private func remove(_ id: Int) {
        state.withLock { $0.remove(id) }
    }

    func removeGrowth(_ id: Int) {
        state.withLock { state in _ = state.growths.removeValue(forKey: id) }
    }

    /// How many readers there are now.
    public var readers: Int { state.withLock { $0.waiters.count } }

    /// Passes the store's wake-ups on, until cancelled or the store is closed.
    func run() async {
        for await wakeup in store.wakeups() { pass(wakeup) }
    }

    private func pass(_ wakeup: Wakeup) {
        let (bells, ledgers) = state.withLock { state in
            (state.bells(for: wakeup), state.growths.sorted { $0.key < $1.key }.map(\.value))
        }
        for bell in bells { bell.ring() }
        for ledger in ledgers { ledger.note(wakeup) }
    }
}
