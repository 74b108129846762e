import MartletCore
import Synchronization

/// Natural batching: while one call is under way the next callers gather, and share the next one. No tick bounds throughput or latency.
///
/// Whoever finds nothing under way calls at once; when its call is over, the first of those who came meanwhile calls for all of them.
final class Gathering<Item: Sendable, Answer: Sendable>: Sendable {
    typealias Call = @Sendable ([Item]) async throws(StoreError) -> [Answer]

    /// What a caller that had to wait is woken with.
    private enum Turn {
        case answered(Result<[Answer], StoreError>)
        /// It calls now, for itself and these.
        case leads([Waiter])
    }

    private struct Waiter: Sendable {
        let items: [Item]
        let continuation: CheckedContinuation<Turn, Never>
    }

    private struct State {
        var isBusy = false
        var waiting: [Waiter] = []
    }

    /// More than this are not put together.
    private let itemsMax: Int
    private let state = Mutex(State())

    init(itemsMax: Int = 2000) {
        self.itemsMax = itemsMax
    }

    func submit(_ items: [Item], _ call: Call) async throws(StoreError) -> [Answer] {
        let turn = await withCheckedContinuation { continuation in
            let isFirst = state.withLock { state in
                if state.isBusy {
                    state.waiting.append(Waiter(items: items, continuation: continuation))
                    return false
                }
                state.isBusy = true
                return true
            }
            if isFirst { continuation.resume(returning: .leads([])) }
        }
        switch turn {
        case .answered(let result): return try result.get()
        case .leads(let others): return try await lead(items, others, call)
        }
    }

    private func lead(_ items: [Item], _ others: [Waiter], _ call: Call) async throws(StoreError) -> [Answer] {
        let all = items + others.flatMap(\.items)
        let answers: [Answer]
        do throws(StoreError) {
            answers = try await call(all)
        } catch {
            // The leader's own cancellation is no reason to fail its neighbours: they call again for themselves.
            if Task.isCancelled {
                handBack(others)
            } else {
                for other in others { other.continuation.resume(returning: .answered(.failure(error))) }
            }
            passOn()
            throw error
        }
        passOn()
        var rest = answers.dropFirst(items.count)
        for other in others {
            other.continuation.resume(returning: .answered(.success(Array(rest.prefix(other.items.count)))))
            rest = rest.dropFirst(other.items.count)
        }
        return Array(answers.prefix(items.count))
    }

    private func handBack(_ others: [Waiter]) {
        state.withLock { $0.waiting = others + $0.waiting }
    }

    /// Lets the next one lead, for as many as fit.
    private func passOn() {
        let next: (Waiter, [Waiter])? = state.withLock { state in
            guard let first = state.waiting.first else {
                state.isBusy = false
                return nil
            }
            var (taken, count) = (1, first.items.count)
            while taken < state.waiting.count, count + state.waiting[taken].items.count <= itemsMax {
                count += state.waiting[taken].items.count
                taken += 1
            }
            let others = Array(state.waiting[1..<taken])
            state.waiting.removeFirst(taken)
            return (first, others)
        }
        if let (leader, others) = next { leader.continuation.resume(returning: .leads(others)) }
    }
}
