import MartletCore
import Synchronization

/// The refreshes of one process: one for each connection at a time, whoever asks; a bounded number at once; the rest wait their turn.
final class Flights: Sendable {
    /// What those who wait for a refresh want.
    struct Wish: Sendable, Hashable {
        /// Uptime until which it is tried again.
        var deadline: Duration
        /// Whether to wait for another process that is at it.
        var waits: Bool
        /// Tokens up to this version are not good enough.
        var rejecting: Int?

        mutating func join(_ other: Wish) {
            deadline = max(deadline, other.deadline)
            waits = waits || other.waits
            if let version = other.rejecting { rejecting = max(rejecting ?? 0, version) }
        }
    }

    private typealias Waiter = CheckedContinuation<AccessToken, any Error>

    private struct Flight {
        var wish: Wish
        var waiters: [Int: Waiter] = [:]
    }

    private struct State {
        var isRunning = false
        var flights: [JobID: Flight] = [:]
        /// Not under way yet, the longest waiting first.
        var queue: [JobID] = []
        var underWay = 0
        var lastNumber = 0
        /// The loop that takes from the queue, where it waits.
        var taker: CheckedContinuation<JobID?, Never>?
    }

    private let concurrency: Int
    private let waitingMax: Int
    private let state = Mutex(State())

    init(concurrency: Int, waitingMax: Int) {
        self.concurrency = concurrency
        self.waitingMax = waitingMax
    }

    func open() { state.withLock { $0.isRunning = true } }

    /// Takes no more; what is under way lands. Who waits for a flight that has not begun is told.
    func close() {
        let (taker, stranded) = state.withLock { state in
            state.isRunning = false
            let stranded = state.queue.flatMap { state.flights.removeValue(forKey: $0)?.waiters.values.map(\.self) ?? [] }
            state.queue = []
            defer { state.taker = nil }
            return (state.taker, stranded)
        }
        taker?.resume(returning: nil)
        for waiter in stranded { waiter.resume(throwing: ConnectionError.notRunning) }
    }

    /// Asks for a refresh that nobody waits for.
    /// - Returns: `false` where there is no room for it now.
    func request(_ id: JobID, _ wish: Wish) -> Bool {
        let (taker, isTaken) = state.withLock { state -> (Waiting?, Bool) in
            guard state.isRunning, add(id, wish, &state) else { return (nil, false) }
            return (next(&state), true)
        }
        taker?.go()
        return isTaken
    }

    /// Joins the refresh of a connection, or asks for one, and waits for its token.
    /// - Throws: what the refresh throws; `ConnectionError.notRunning`, `.overloaded`; `CancellationError`.
    func join(_ id: JobID, _ wish: Wish) async throws -> AccessToken {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                let result = state.withLock { state -> Result<Waiting?, any Error> in
                    guard !Task.isCancelled else { return .failure(CancellationError()) }
                    guard state.isRunning else { return .failure(ConnectionError.notRunning) }
                    guard add(id, wish, &state) else { return .failure(ConnectionError.overloaded(waitingMax)) }
                    state.flights[id]?.waiters[number] = waiter
                    return .success(next(&state))
                }
                switch result {
                case .success(let taker): taker?.go()
                case .failure(let error): waiter.resume(throwing: error)
                }
            }
        } onCancel: {
            // The flight goes on: its reply must not be lost with the caller.
            state.withLock { $0.flights[id]?.waiters.removeValue(forKey: number) }?.resume(throwing: CancellationError())
        }
    }

    private func add(_ id: JobID, _ wish: Wish, _ state: inout State) -> Bool {
        if state.flights[id] != nil {
            state.flights[id]?.wish.join(wish)
            return true
        }
        guard state.queue.count < waitingMax else { return false }
        state.flights[id] = Flight(wish: wish)
        state.queue.append(id)
        return true
    }

    /// A taker and what it gets, to be resumed outside the lock.
    private struct Waiting {
        let taker: CheckedContinuation<JobID?, Never>
        let id: JobID

        func go() { taker.resume(returning: id) }
    }

    private func next(_ state: inout State) -> Waiting? {
        guard let taker = state.taker, let id = pop(&state) else { return nil }
        state.taker = nil
        return Waiting(taker: taker, id: id)
    }

    private func pop(_ state: inout State) -> JobID? {
        guard state.underWay < concurrency, !state.queue.isEmpty else { return nil }
        state.underWay += 1
        return state.queue.removeFirst()
    }

    /// The next connection to refresh, as soon as there is one and room for it; `nil` once closed, or when the task is cancelled.
    func take() async -> JobID? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (taker: CheckedContinuation<JobID?, Never>) in
                let answer: JobID?? = state.withLock { state in
                    guard state.isRunning, !Task.isCancelled else { return .some(nil) }
                    if let id = pop(&state) { return id }
                    state.taker = taker
                    return nil
                }
                if let answer { taker.resume(returning: answer) }
            }
        } onCancel: {
            close()
        }
    }

    /// What is wished of a flight by now.
    func wish(_ id: JobID) -> Wish? { state.withLock { $0.flights[id]?.wish } }

    /// The refresh is over, and everybody who waits for it hears how.
    func land(_ id: JobID, _ result: Result<AccessToken, any Error>) {
        let (waiters, taker) = state.withLock { state -> ([Waiter], Waiting?) in
            let waiters = state.flights.removeValue(forKey: id)?.waiters.values.map(\.self) ?? []
            state.underWay -= 1
            return (waiters, next(&state))
        }
        for waiter in waiters { waiter.resume(with: result) }
        taker?.go()
    }
}
