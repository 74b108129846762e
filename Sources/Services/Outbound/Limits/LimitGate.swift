import MartletCore
import Synchronization

/// Lets a call through when every limit that any process has learnt allows it. The shell around `LimitState`.
///
/// Its cost for a call: one read of the scope's stream (none within `Destination.staleness`), one `take` for each configured rate, and one for
/// each window while a limit is near. Calls that were sent before a refusal was in the store cannot be called back.
final class LimitGate: Sendable {
    /// Leave for one call, to be handed back with its answer.
    struct Pass: Sendable {
        fileprivate let tickets: [Scope: [LimitTicket]]
    }

    enum Verdict: Sendable {
        case pass(Pass)
        case wait(Duration)
    }

    private struct Entry {
        var state = LimitState()
        var readAt: Duration?
    }

    private struct Known {
        var entries: [Scope: Entry] = [:]
        /// How far the store's clock is ahead of this process's.
        var skew = Duration.zero
    }

    private static let scopesMax = 10_000
    private static let pageMax = 100
    /// Events at the end of a stream among which lies all that is still in force: every limit's last window, and the last block.
    private static let tail = 200

    private let store: any Store
    private let environment: Environment
    private let known = Mutex(Known())

    init(store: any Store, environment: Environment) {
        self.store = store
        self.environment = environment
    }

    private var now: Timestamp { environment.clock.now() + known.withLock { $0.skew } }

    /// - Throws: `StoreError`: what cannot be asked is not assumed.
    func admit(_ scope: Scope, of destination: Destination) async throws(StoreError) -> Verdict {
        let scopes = scope.endpoint == nil ? [scope] : [scope.whole, scope]
        var wanted: [(scope: Scope, tickets: [LimitTicket])] = []
        for scope in scopes {
            try await refresh(scope, staleness: destination.staleness)
            switch known.withLock({ $0.entries[scope]?.state.step(at: environment.clock.now() + $0.skew) }) {
            case nil: wanted.append((scope, []))
            case .wait(let span, let isProbed): return .wait(isProbed ? probeWait(span) : span)
            case .take(let tickets): wanted.append((scope, tickets))
            }
        }
        for (number, rate) in destination.rates.enumerated() {
            if case .wait(let span) = try await store.take(1, from: "\(scope.stream)/rate/\(number)", rate) { return .wait(span) }
        }
        for (scope, tickets) in wanted {
            for ticket in tickets {
                guard case .wait(let span) = try await store.take(1, from: "\(scope.stream)/\(ticket.bucket)", ticket.rate) else { continue }
                return missed(ticket, of: scope, for: span)
            }
        }
        return .pass(Pass(tickets: Dictionary(wanted.map { ($0.scope, $0.tickets) }) { first, _ in first }))
    }

    private func missed(_ ticket: LimitTicket, of scope: Scope, for span: Duration) -> Verdict {
        let now = self.now
        let step = known.withLock { known in
            known.entries[scope]?.state.missed(ticket, for: span, at: now)
            return known.entries[scope]?.state.step(at: now)
        }
        guard case .wait(let span, let isProbed) = step else { return .wait(probeWait(span)) }
        return .wait(isProbed ? probeWait(span) : span)
    }

    /// The probe's answer comes soon: it is looked for again before long, but not by all at once.
    private func probeWait(_ span: Duration) -> Duration {
        min(span, .milliseconds(20) + environment.duration(upTo: .milliseconds(30)))
    }

    /// Tells the other processes what an answer taught, before the call's caller hears of it.
    func heard(_ headers: LimitHeaders, isRefusal: Bool, _ pass: Pass, _ scope: Scope) async throws(StoreError) {
        let scopes = scope.endpoint == nil ? [scope] : [scope.whole, scope]
        let concerned = headers.isGlobal ? scope.whole : scope
        for scope in scopes {
            let tickets = pass.tickets[scope] ?? []
            // What a refusal or a reading says is about one of the two; the other's probe has come through.
            let isConcerned = scope == concerned
            guard isConcerned || tickets.contains(where: { $0.kind != .call }) else { continue }
            let now = self.now
            let findings = known.withLock { known in
                known.entries[scope, default: Entry()].state.hear(
                    isConcerned ? headers : LimitHeaders([(String, String)](), now: now), isRefusal: isRefusal && isConcerned, tickets, at: now)
            }
            var events: [LimitEvent] = []
            for finding in findings { events.append(try await event(finding, scope)) }
            if !events.isEmpty { try await tell(events, scope) }
        }
    }

    private func event(_ finding: LimitState.Finding, _ scope: Scope) async throws(StoreError) -> LimitEvent {
        switch finding {
        case .tell(let event): return event
        case .renew(let event, let last):
            let half = max(1, last.rate.burst / 2)
            guard case .taken = try await store.take(half, from: "\(scope.stream)/\(last.bucket)", last.rate) else { return event }
            return .relaxed(name: last.name, sequence: last.sequence)
        }
    }

    private func tell(_ events: [LimitEvent], _ scope: Scope) async throws(StoreError) {
        let answers = try await store.append(events.map { $0.event(in: scope.stream) })
        let appendedAt = environment.clock.now()
        var last = 0
        for answer in answers {
            switch answer {
            case .at(let sequence): last = max(last, sequence)
            case .refused(let error): throw error
            }
        }
        let page = try await store.read(scope.stream, after: last - 1, limit: 1)
        // From the moment before the answer came: never later than the store's clock, so that no window ends too early.
        if let own = page.events.first { known.withLock { $0.skew = own.at - appendedAt } }
        try await refresh(scope, staleness: .zero)
    }

    private func refresh(_ scope: Scope, staleness: Duration) async throws(StoreError) {
        let uptime = environment.clock.uptime()
        let (cursor, isFresh) = known.withLock { known in
            let entry = known.entries[scope]
            return (entry?.state.cursor ?? 0, staleness > .zero && entry?.readAt.map { uptime - $0 < staleness } ?? false)
        }
        if isFresh { return }
        var after = cursor
        if after == 0 {
            let first = try await store.read(scope.stream, after: 0, limit: 1)
            after = max(0, first.last - Self.tail)
            if first.last == 0 { return fold([], into: scope, from: 0, at: uptime) }
        }
        while true {
            let page = try await store.read(scope.stream, after: after, limit: Self.pageMax)
            fold(page.events, into: scope, from: after, at: uptime)
            guard let last = page.events.last?.sequence, last < page.last else { return }
            after = last
        }
    }

    private func fold(_ events: [Event], into scope: Scope, from start: Int, at uptime: Duration) {
        known.withLock { known in
            // What is let go of here is read from the store again.
            if known.entries.count >= Self.scopesMax, known.entries[scope] == nil { known.entries.removeAll() }
            known.entries[scope, default: Entry()].state.skip(to: start)
            known.entries[scope]?.readAt = uptime
            for event in events { known.entries[scope]?.state.apply(event) }
        }
    }
}
