/// Who may call now: at most so many at once, at most so many of them with one credential, and room for a bounded number who wait. A pure value.
///
/// A place that comes free goes to the credential with the fewest calls under way, and among its waiters to the first.
struct BulkheadState: Sendable {
    enum Answer: Sendable, Hashable { case entered, queued, full }

    private struct Waiter: Sendable {
        let number: Int
        let credential: String
    }

    let limit: Int
    let perCredential: Int
    let waitersMax: Int
    private(set) var running = 0
    private var counts: [String: Int] = [:]
    private var waiters: [Waiter] = []

    init(limit: Int, perCredential: Int, waitersMax: Int) {
        self.limit = limit
        self.perCredential = perCredential
        self.waitersMax = waitersMax
    }

    mutating func enter(_ number: Int, _ credential: String) -> Answer {
        if running < limit, counts[credential, default: 0] < perCredential {
            admit(credential)
            return .entered
        }
        guard waiters.count < waitersMax else { return .full }
        waiters.append(Waiter(number: number, credential: credential))
        return .queued
    }

    private mutating func admit(_ credential: String) {
        running += 1
        counts[credential, default: 0] += 1
    }

    /// - Returns: the waiter that has entered in its place.
    mutating func leave(_ credential: String) -> Int? {
        running -= 1
        let left = counts[credential, default: 0] - 1
        counts[credential] = left > 0 ? left : nil
        guard running < limit else { return nil }
        var best: (index: Int, count: Int)?
        for (index, waiter) in waiters.enumerated() {
            let count = counts[waiter.credential, default: 0]
            if count < perCredential, count < best?.count ?? .max { best = (index, count) }
        }
        guard let best else { return nil }
        let waiter = waiters.remove(at: best.index)
        admit(waiter.credential)
        return waiter.number
    }

    /// - Returns: `false` where it has entered already.
    mutating func giveUp(_ number: Int) -> Bool {
        guard let index = waiters.firstIndex(where: { $0.number == number }) else { return false }
        waiters.remove(at: index)
        return true
    }

    var isIdle: Bool { running == 0 && waiters.isEmpty }
}
