import MartletCore
import Synchronization

/// Lets those who want the same from the store at the same time share one read of it.
final class SharedReads<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private typealias Answer = Result<Value, StoreError>

    private struct State {
        var waiters: [Key: [CheckedContinuation<Answer?, Never>]] = [:]
    }

    private let state = Mutex(State())

    /// What `read` gives, to whoever asks for it meanwhile as well.
    func read(_ key: Key, _ read: () async throws(StoreError) -> Value) async throws(StoreError) -> Value {
        while true {
            let isFirst = state.withLock { state in
                guard state.waiters[key] == nil else { return false }
                state.waiters[key] = []
                return true
            }
            if isFirst { return try await share(key, read).get() }
            if let answer = await wait(for: key) { return try answer.get() }
        }
    }

    private func share(_ key: Key, _ read: () async throws(StoreError) -> Value) async -> Answer {
        let answer: Answer
        do throws(StoreError) { answer = .success(try await read()) } catch { answer = .failure(error) }
        // Who reads for others may itself be cancelled: they try again.
        let shared: Answer? = Task.isCancelled ? nil : answer
        let waiters = state.withLock { $0.waiters.removeValue(forKey: key) } ?? []
        for waiter in waiters { waiter.resume(returning: shared) }
        return answer
    }

    /// `nil` where the read has ended meanwhile.
    private func wait(for key: Key) async -> Answer? {
        await withCheckedContinuation { continuation in
            let isUnderWay = state.withLock { state in
                guard state.waiters[key] != nil else { return false }
                state.waiters[key]?.append(continuation)
                return true
            }
            if !isUnderWay { continuation.resume(returning: nil) }
        }
    }
}
