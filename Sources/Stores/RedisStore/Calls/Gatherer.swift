import DequeModule
import MartletCore
import NIOCore
import NIOPosix
import Synchronization

/// Natural batching: calls that come while one is under way gather, and share the next. Each is answered on its own.
///
/// A batch belongs to many callers, so no caller's cancellation may reach it: it runs on a task of its own, which an event loop holds.
final class Gatherer<Row: Sendable, Answer: Sendable>: Sendable {
    typealias Send = @Sendable ([Row]) async throws(StoreError) -> [Answer]

    private struct Waiter {
        let rows: [Row]
        let bytes: Int
        let continuation: CheckedContinuation<Result<[Answer], StoreError>, Never>
    }

    private struct State {
        var waiting = Deque<Waiter>()
        var running = 0
    }

    /// Batches under way at once: while Redis works on one, the next is made ready.
    private static var runningMax: Int { 2 }

    private let state = Mutex(State())
    private let rowsMax: Int
    private let bytesMax: Int
    private let send: Send

    /// - Parameters:
    ///   - rowsMax: rows in one call, so that no function keeps Redis busy for long.
    ///   - bytesMax: a call that is larger is not joined by another.
    init(rowsMax: Int = 500, bytesMax: Int = 1 << 20, _ send: @escaping Send) {
        self.rowsMax = rowsMax
        self.bytesMax = bytesMax
        self.send = send
    }

    /// Sends rows, in more than one call where they are many, and answers each in their order.
    /// - Parameter bytes: about how large a row is.
    func submit(_ rows: [Row], bytes: (Row) -> Int) async throws(StoreError) -> [Answer] {
        var answers: [Answer] = []
        var start = 0
        while start < rows.count {
            var (end, size) = (start, 0)
            while end < rows.count, end - start < rowsMax, end == start || size + bytes(rows[end]) <= bytesMax {
                size += bytes(rows[end])
                end += 1
            }
            do throws(StoreError) {
                answers += try await submit(Array(rows[start..<end]), size).get()
            } catch {
                // What came before has happened.
                if start > 0, case .unavailable(let reason, _) = error { throw .unavailable(reason: reason, mayHaveHappened: true) }
                throw error
            }
            start = end
        }
        return answers
    }

    private func submit(_ rows: [Row], _ bytes: Int) async -> Result<[Answer], StoreError> {
        await withCheckedContinuation { continuation in
            let isFirst = state.withLock { state in
                state.waiting.append(Waiter(rows: rows, bytes: bytes, continuation: continuation))
                guard state.running < Self.runningMax else { return false }
                state.running += 1
                return true
            }
            if isFirst { _ = MultiThreadedEventLoopGroup.singleton.any().makeFutureWithTask { await self.run() } }
        }
    }

    private func run() async {
        while let batch = next() {
            do throws(StoreError) {
                let answers = try await send(batch.flatMap(\.rows))
                guard answers.count == batch.reduce(0, { $0 + $1.rows.count }) else { throw .unreadable }
                var rest = answers[...]
                for waiter in batch {
                    waiter.continuation.resume(returning: .success(Array(rest.prefix(waiter.rows.count))))
                    rest = rest.dropFirst(waiter.rows.count)
                }
            } catch {
                for waiter in batch { waiter.continuation.resume(returning: .failure(error)) }
            }
        }
    }

    /// The callers of the next call; with none left, the run is over.
    private func next() -> [Waiter]? {
        state.withLock { state in
            var (batch, rows, bytes) = ([Waiter](), 0, 0)
            while let first = state.waiting.first {
                guard batch.isEmpty || (rows + first.rows.count <= rowsMax && bytes + first.bytes <= bytesMax) else { break }
                rows += first.rows.count
                bytes += first.bytes
                batch.append(state.waiting.removeFirst())
            }
            if batch.isEmpty { state.running -= 1 }
            return batch.isEmpty ? nil : batch
        }
    }
}
