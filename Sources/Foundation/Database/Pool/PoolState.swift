import MartletCore

/// The rules of a pool of connections: what happened goes in, what to do comes out. Every time is one since the start of the process.
///
/// Connections are handed out last in, first out, so that those not needed idle and are closed; waiters are served in their order.
struct PoolState: Sendable {
    private enum Use: Hashable {
        case opening, idle, leased, checking
    }

    private struct Slot {
        var use: Use
        /// When it is replaced.
        var retiresAt: Duration
        /// How long it may go unheard of before it is asked.
        var checkInterval: Duration
        /// When it was last heard of.
        var heardAt: Duration
        /// When it was last in use.
        var usedAt: Duration
    }

    private struct Waiter {
        let id: Int
        let since: Duration
        let until: Duration
    }

    private let limits: PoolLimits
    private var slots: [Int: Slot] = [:]
    /// The last one in use is at the end.
    private var idle: [Int] = []
    private var waiters: [Waiter] = []
    private var nextConnection = 1
    private var isClosed = false
    /// When uses that go on after the end are interrupted.
    private var graceUntil: Duration?
    /// Since when no connection could be opened, why, and when the next attempt is due.
    private var trouble: (since: Duration, failure: DatabaseFailure, retryAt: Duration)?
    private var counts = PoolMetrics()

    init(_ limits: PoolLimits) {
        self.limits = limits
        counts.size = limits.size
    }

    // MARK: Callers

    /// - Parameter until: when the caller stops waiting; by default after the pool's longest wait.
    mutating func acquire(_ waiter: Int, until: Duration?, now: Duration) -> [PoolAction] {
        if isClosed { return [.refuse(waiter: waiter, .closed)] }
        if let trouble, now - trouble.since > limits.wait, idle.isEmpty { return [.refuse(waiter: waiter, unreachable(now))] }
        guard waiters.count < limits.waitersMax else { return [.refuse(waiter: waiter, exhausted(.zero, 0))] }
        waiters.append(Waiter(id: waiter, since: now, until: until ?? now + limits.wait))
        return serve(now)
    }

    /// The waiter has gone.
    mutating func abandon(_ waiter: Int) {
        waiters.removeAll { $0.id == waiter }
    }

    mutating func release(_ connection: Int, isUsable: Bool, now: Duration) -> [PoolAction] {
        guard isUsable else { return lost(connection, now: now) }
        settle(connection, isUsed: true, now)
        return (isClosed ? closeIdle() : []) + serve(now)
    }

    // MARK: Connections

    /// - Parameters:
    ///   - lifetime: how long until it is replaced.
    ///   - checkedEarlier: how much earlier than the others it is asked whether it lives, so that they are not all asked at once.
    mutating func opened(_ connection: Int, lifetime: Duration, checkedEarlier: Duration = .zero, now: Duration) -> [PoolAction] {
        counts.opened += 1
        trouble = nil
        slots[connection]?.retiresAt = now + lifetime
        slots[connection]?.checkInterval = limits.checkInterval - checkedEarlier
        settle(connection, isUsed: true, now)
        return (isClosed ? closeIdle() : []) + serve(now)
    }

    /// - Parameter delay: how long until the next attempt.
    mutating func failedToOpen(_ connection: Int, _ failure: DatabaseFailure, delay: Duration, now: Duration) -> [PoolAction] {
        counts.failedToOpen += 1
        slots[connection] = nil
        trouble = (trouble?.since ?? now, failure, now + delay)
        // Nothing has ever been reached there: more likely the address is wrong than the server away.
        guard counts.opened == 0 else { return [.close(connection: connection)] }
        defer { waiters = [] }
        return [.close(connection: connection)] + waiters.map { .refuse(waiter: $0.id, failure) }
    }

    /// The server has ended a connection. Whoever has it in hand finds out, and gives it back: it is not closed under them.
    mutating func ended(_ connection: Int, now: Duration) -> [PoolAction] {
        slots[connection]?.use == .idle ? lost(connection, now: now) : []
    }

    /// A connection has ended. Whatever ended it may have ended the others: they are asked before they are used again.
    mutating func lost(_ connection: Int, now: Duration) -> [PoolAction] {
        guard slots[connection] != nil else { return [] }
        let closing = close(connection)
        for id in idle { slots[id]?.heardAt = now - limits.checkInterval }
        return [closing] + serve(now)
    }

    mutating func checked(_ connection: Int, isAlive: Bool, now: Duration) -> [PoolAction] {
        guard isAlive else { return lost(connection, now: now) }
        settle(connection, isUsed: false, now)
        return (isClosed ? closeIdle() : []) + serve(now)
    }

    // MARK: Time

    /// When `tick` next has something to do.
    var nextTick: Duration? {
        var next = graceUntil ?? .nanoseconds(Int64.max)
        for id in idle {
            guard let slot = slots[id] else { continue }
            next = min(next, slot.heardAt + slot.checkInterval, slot.usedAt + limits.idleMax, slot.retiresAt)
        }
        for waiter in waiters { next = min(next, waiter.until) }
        if let trouble, !isClosed, pending == 0, slots.count < limits.size { next = min(next, trouble.retryAt) }
        return next == .nanoseconds(Int64.max) ? nil : next
    }

    mutating func tick(now: Duration) -> [PoolAction] {
        var actions: [PoolAction] = []
        for id in idle {
            guard let slot = slots[id] else { continue }
            if now >= slot.retiresAt || now >= slot.usedAt + limits.idleMax {
                actions.append(close(id))
            } else if now >= slot.heardAt + slot.checkInterval {
                actions.append(check(id))
            }
        }
        if let graceUntil, now >= graceUntil {
            self.graceUntil = nil
            actions += slots.filter { $0.value.use == .leased }.keys.sorted().map { .interrupt(connection: $0) }
        }
        actions += serve(now)
        let late = waiters.filter { now >= $0.until }
        waiters.removeAll { now >= $0.until }
        counts.timeouts += late.count
        for waiter in late {
            actions.append(.refuse(waiter: waiter.id, trouble == nil ? exhausted(now - waiter.since, late.count) : unreachable(now)))
        }
        return actions
    }

    // MARK: The end

    /// Refuses everything from now on. Connections in use are closed as they come back; uses are interrupted after the grace.
    mutating func close(grace: Duration, now: Duration) -> [PoolAction] {
        isClosed = true
        graceUntil = min(graceUntil ?? now + grace, now + grace)
        defer { waiters = [] }
        return closeIdle() + waiters.map { .refuse(waiter: $0.id, .closed) }
    }

    var isEmpty: Bool { slots.isEmpty }

    var metrics: PoolMetrics {
        var metrics = counts
        metrics.idle = idle.count
        metrics.waiters = waiters.count
        metrics.inUse = slots.values.count { $0.use == .leased }
        metrics.pending = pending
        return metrics
    }

    // MARK: Rules

    private mutating func serve(_ now: Duration) -> [PoolAction] {
        var actions: [PoolAction] = []
        while let waiter = waiters.first, let id = idle.last, let slot = slots[id] {
            if now >= slot.retiresAt {
                actions.append(close(id))
            } else if now >= slot.heardAt + slot.checkInterval {
                actions.append(check(id))
            } else {
                idle.removeLast()
                waiters.removeFirst()
                slots[id]?.use = .leased
                count(now - waiter.since)
                actions.append(.lease(connection: id, to: waiter.id))
            }
        }
        var wanted = min(waiters.count - pending, limits.size - slots.count)
        // While the server is away one attempt at a time finds out whether it is back, whether somebody waits or not.
        if let trouble { wanted = now < trouble.retryAt || pending > 0 || isClosed ? 0 : min(1, limits.size - slots.count) }
        while wanted > 0 {
            actions.append(open(now))
            wanted -= 1
        }
        return actions
    }

    /// Connections that are about to be of use.
    private var pending: Int { slots.values.count { $0.use == .opening || $0.use == .checking } }

    private mutating func open(_ now: Duration) -> PoolAction {
        let id = nextConnection
        nextConnection += 1
        slots[id] = Slot(use: .opening, retiresAt: now, checkInterval: limits.checkInterval, heardAt: now, usedAt: now)
        return .open(connection: id)
    }

    private mutating func check(_ id: Int) -> PoolAction {
        idle.removeAll { $0 == id }
        slots[id]?.use = .checking
        return .check(connection: id)
    }

    private mutating func close(_ id: Int) -> PoolAction {
        idle.removeAll { $0 == id }
        slots[id] = nil
        counts.closed += 1
        return .close(connection: id)
    }

    private mutating func closeIdle() -> [PoolAction] { idle.map { close($0) } }

    private mutating func settle(_ id: Int, isUsed: Bool, _ now: Duration) {
        guard slots[id] != nil else { return }
        slots[id]?.use = .idle
        slots[id]?.heardAt = now
        if isUsed { slots[id]?.usedAt = now }
        // One that was only asked goes to the far end: it is not kept alive by being asked.
        if isUsed { idle.append(id) } else { idle.insert(id, at: 0) }
    }

    private mutating func count(_ wait: Duration) {
        counts.leases += 1
        guard wait > .zero else { return }
        counts.waits += 1
        counts.waitTotal += wait
        counts.waitMax = max(counts.waitMax, wait)
    }

    private func exhausted(_ wait: Duration, _ late: Int) -> DatabaseFailure {
        let crowd = "all \(limits.size) connections to PostgreSQL are in use, and \(waiters.count + late) callers wait"
        return DatabaseFailure(
            .unavailable, reason: "\(crowd), this one for \(wait.inSeconds) s: make transactions shorter, or raise pool_size")
    }

    private func unreachable(_ now: Duration) -> DatabaseFailure {
        guard let trouble else { return .lost(mayHaveHappened: false) }
        return DatabaseFailure(
            .unavailable, reason: "\(trouble.failure.reason) (for \((now - trouble.since).inSeconds) s)", sqlState: trouble.failure.sqlState)
    }
}
