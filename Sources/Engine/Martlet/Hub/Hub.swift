import Synchronization

/// Tells readers that a stream has grown or a job has changed. It holds no events: a reader that is told reads the store from its own place on, at
/// its own pace, so a slow one holds no buffer, slows nobody and misses nothing. Memory is bounded by the number of readers that wait.
public final class Hub: Sendable {
    private struct Waiter {
        let streams: Set<String>?
        var wantsWork = false
        let bell: Doorbell
    }

    private struct State {
        var waiters: [Int: Waiter] = [:]
        var nextID = 0
        /// The runners, who listen for work and for nothing else.
        var workers: [Doorbell] = []
    }

    private let store: any Store
    private let clock: any EngineClock
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
        let id = state.withLock { state in
            state.nextID += 1
            state.waiters[state.nextID] = waiter
            return state.nextID
        }
        return Watch(id: id, bell: bell, hub: self)
    }

    /// Rings for work as well: how the runners hear of it.
    func ringOnWork(_ bell: Doorbell) {
        state.withLock { $0.workers.append(bell) }
    }

    private func remove(_ id: Int) {
        state.withLock { state in _ = state.waiters.removeValue(forKey: id) }
    }

    /// How many readers there are now.
    public var readers: Int { state.withLock { $0.waiters.count } }

    /// Passes the store's wake-ups on, until cancelled or the store is closed.
    func run() async {
        for await wakeup in store.wakeups() { pass(wakeup) }
    }

    private func pass(_ wakeup: Wakeup) {
        let bells = state.withLock { state in
            let concerned = state.waiters.filter { _, waiter in
                let isNamed = waiter.streams.map { !$0.isDisjoint(with: wakeup.streams) } ?? true
                return isNamed || wakeup.isUnspecific || waiter.wantsWork && wakeup.work
            }
            // In the order they came: a dictionary's own order differs from run to run, and one seed must be one run.
            return (wakeup.work || wakeup.isUnspecific ? state.workers : []) + concerned.sorted { $0.key < $1.key }.map(\.value.bell)
        }
        for bell in bells { bell.ring() }
    }
}
