import MartletCore
import Synchronization

/// Keeps one stalled destination from taking every worker: bounded calls at once, bounded waiting (Michael Nygard, "Release It!", "Bulkheads").
final class Bulkhead: Sendable {
    private struct Shelf {
        var states: [String: BulkheadState] = [:]
        var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
        /// Waiters that were let in, or gave up, before they had begun to wait.
        var early: [Int: Bool] = [:]
        var lastNumber = 0
    }

    private let clock: any EngineClock
    private let shelf = Mutex(Shelf())

    init(clock: any EngineClock) {
        self.clock = clock
    }

    /// Runs `body` in a place of the destination.
    /// - Returns: `nil` where none came free within `patience`, or too many wait already.
    func withPlace<Value: Sendable>(
        in destination: Destination, _ credential: String, patience: Duration, _ body: () async throws -> Value
    ) async throws -> Value? {
        guard try await enter(destination, credential, patience) else { return nil }
        defer { leave(destination, credential) }
        return try await body()
    }

    private func enter(_ destination: Destination, _ credential: String, _ patience: Duration) async throws -> Bool {
        let (number, answer) = shelf.withLock { shelf in
            shelf.lastNumber += 1
            let fresh = BulkheadState(
                limit: destination.concurrency, perCredential: destination.concurrencyPerCredential, waitersMax: 4 * destination.concurrency)
            return (shelf.lastNumber, shelf.states[destination.name, default: fresh].enter(shelf.lastNumber, credential))
        }
        switch answer {
        case .entered: return true
        case .full: return false
        case .queued: break
        }
        guard patience > .zero else { return !giveUp(number, destination.name) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await self.clock.sleep(for: patience)
                self.end(number, destination.name)
            }
            defer { group.cancelAll() }
            let entered = await withTaskCancellationHandler {
                await withCheckedContinuation { wait(number, $0) }
            } onCancel: {
                end(number, destination.name)
            }
            if Task.isCancelled {
                if entered { leave(destination, credential) }
                throw CancellationError()
            }
            return entered
        }
    }

    private func wait(_ number: Int, _ continuation: CheckedContinuation<Bool, Never>) {
        let early = shelf.withLock { shelf in
            let early = shelf.early.removeValue(forKey: number)
            if early == nil { shelf.waiting[number] = continuation }
            return early
        }
        if let early { continuation.resume(returning: early) }
    }

    private func giveUp(_ number: Int, _ name: String) -> Bool {
        shelf.withLock { shelf in
            let gaveUp = shelf.states[name]?.giveUp(number) ?? false
            // It was let in meanwhile, and will not wait to hear of it.
            if !gaveUp { shelf.early[number] = nil }
            return gaveUp
        }
    }

    /// Ends the wait of whoever has not entered.
    private func end(_ number: Int, _ name: String) {
        let continuation: CheckedContinuation<Bool, Never>? = shelf.withLock { shelf in
            guard shelf.states[name]?.giveUp(number) == true else { return nil }
            guard let waiting = shelf.waiting.removeValue(forKey: number) else {
                shelf.early[number] = false
                return nil
            }
            return waiting
        }
        continuation?.resume(returning: false)
    }

    private func leave(_ destination: Destination, _ credential: String) {
        let next: CheckedContinuation<Bool, Never>? = shelf.withLock { shelf in
            guard let number = shelf.states[destination.name]?.leave(credential) else {
                if shelf.states[destination.name]?.isIdle == true { shelf.states[destination.name] = nil }
                return nil
            }
            guard let waiting = shelf.waiting.removeValue(forKey: number) else {
                shelf.early[number] = true
                return nil
            }
            return waiting
        }
        next?.resume(returning: true)
    }
}
