import MartletCore

/// What one process knows of one scope: the fold of the scope's stream, the same in every process. A pure value; times are the store's.
///
/// Calls are free until a limit is *near*; from then on they are counted in windows, each call one ticket of a bucket in the store. When a window
/// is over, one call goes ahead as a probe, and what its answer says is the next window. So no process ever guesses when a server's window begins
/// or how long it is. After a refusal (429) nothing is sent before its reset; then a probe goes first as well.
struct LimitState: Sendable, Hashable {
    private struct Window: Sendable, Hashable {
        let sequence: Int
        let capacity: Int
        let lasts: Duration
        var until: Timestamp
        /// This process has seen that nothing is left.
        var isSpent = false
        /// Another probe is under way.
        var probedUntil = Timestamp.epoch

        /// In its last moments nothing is sent: what is under way when it ends would be counted in the next.
        var margin: Duration { min(lasts / 20, .milliseconds(100)) }
    }

    /// What a call has to do first.
    enum Step: Sendable, Hashable {
        case take([LimitTicket])
        /// `isProbed`: somebody is finding out; otherwise for the whole time.
        case wait(Duration, isProbed: Bool)
    }

    /// What to do about an answer.
    enum Finding: Sendable, Hashable {
        case tell(LimitEvent)
        /// Tell the next window, unless more than half of the last one was left: then calls need not be counted any more.
        case renew(LimitEvent, after: LimitTicket)
    }

    /// What is known of a window longer over than this is forgotten.
    static let memory: Duration = .seconds(86_400)
    /// A refusal that says nothing of when to come back.
    static let pauseDefault: Duration = .seconds(60)

    /// The last sequence number of the stream that is folded in.
    private(set) var cursor = 0
    private var block: Window?
    private var windows: [String: Window] = [:]

    /// Begins behind what is too old to matter.
    mutating func skip(to sequence: Int) {
        cursor = max(cursor, sequence)
    }

    mutating func apply(_ event: Event) {
        guard event.sequence > cursor else { return }
        cursor = event.sequence
        switch LimitEvent(event) {
        case .window(let name, let capacity, let span):
            // Two that learnt the same at once: the first stands.
            if let open = windows[name], open.until > event.at { return }
            guard windows[name] != nil || windows.count < LimitHeaders.readingsMax else { return }
            windows[name] = Window(sequence: event.sequence, capacity: capacity, lasts: span, until: event.at + span)
        case .relaxed(let name, let sequence):
            if windows[name]?.sequence == sequence { windows[name] = nil }
        case .blocked(let span):
            let until = max(block?.until ?? .epoch, event.at + span)
            block = Window(sequence: event.sequence, capacity: 0, lasts: span, until: until)
        case .cleared(let sequence):
            if block?.sequence == sequence { block = nil }
        case nil: return
        }
    }

    func step(at now: Timestamp) -> Step {
        var probes: [LimitTicket] = []
        var calls: [LimitTicket] = []
        var whole = Duration.zero
        var probed = Duration.zero
        if let block, now < block.until + Self.memory {
            if now < block.until { return .wait(block.until - now, isProbed: false) }
            if now < block.probedUntil { probed = block.probedUntil - now }
            probes.append(.probe(.probeBlock, "", block.sequence))
        }
        // The probes in one order in every process: whoever gets the first gets them all.
        for (name, window) in windows.sorted(by: { $0.key < $1.key }) where now < window.until + Self.memory {
            if now >= window.until {
                probed = max(probed, window.probedUntil - now)
                probes.append(.probe(.probe, name, window.sequence))
            } else if window.isSpent || window.capacity <= 0 || now >= window.until - window.margin {
                whole = max(whole, window.until - now)
            } else {
                calls.append(.call(name, window.sequence, capacity: window.capacity, lasts: window.lasts))
            }
        }
        if whole > .zero { return .wait(whole, isProbed: false) }
        if probed > .zero { return .wait(probed, isProbed: true) }
        return .take(probes + calls)
    }

    /// The store had no such ticket left.
    mutating func missed(_ ticket: LimitTicket, for delay: Duration, at now: Timestamp) {
        switch ticket.kind {
        case .call: if windows[ticket.name]?.sequence == ticket.sequence { windows[ticket.name]?.isSpent = true }
        case .probe: if windows[ticket.name]?.sequence == ticket.sequence { windows[ticket.name]?.probedUntil = now + delay }
        case .probeBlock: if block?.sequence == ticket.sequence { block?.probedUntil = now + delay }
        }
    }

    /// What an answer to a call that held these tickets teaches.
    mutating func hear(_ headers: LimitHeaders, isRefusal: Bool, _ tickets: [LimitTicket], at now: Timestamp) -> [Finding] {
        if isRefusal { return [.tell(.blocked(lasts: Self.pause(headers)))] }
        var findings: [Finding] = []
        for ticket in tickets where ticket.kind == .probeBlock { findings.append(.tell(.cleared(sequence: ticket.sequence))) }
        if let pause = headers.pause { findings.append(.tell(.blocked(lasts: pause))) }
        for reading in headers.readings where !reading.countsCalls && reading.remaining == 0 && reading.resetAfter > .zero {
            findings.append(.tell(.blocked(lasts: reading.window)))
        }
        for reading in headers.readings where reading.countsCalls {
            let told = LimitEvent.window(name: reading.name, capacity: reading.remaining, lasts: reading.window)
            if let probe = tickets.first(where: { $0.kind == .probe && $0.name == reading.name }) {
                guard let over = windows[reading.name], over.sequence == probe.sequence else { continue }
                let ticket = LimitTicket.call(reading.name, over.sequence, capacity: over.capacity, lasts: over.lasts)
                findings.append(reading.isNear || over.capacity < 4 ? .tell(told) : .renew(told, after: ticket))
            } else if let window = windows[reading.name], now < window.until + Self.memory {
                // Others use the same account: what they took is missing from the bucket's count.
                if now < window.until, reading.remaining == 0 { windows[reading.name]?.isSpent = true }
            } else if reading.isNear {
                // Calls that are under way uncounted will use up some of what is left.
                let capacity = reading.remaining / 4
                findings.append(.tell(.window(name: reading.name, capacity: capacity, lasts: reading.window)))
            }
        }
        for ticket in tickets where ticket.kind == .probe && !headers.readings.contains(where: { $0.name == ticket.name && $0.countsCalls }) {
            findings.append(.tell(.relaxed(name: ticket.name, sequence: ticket.sequence)))
        }
        return findings
    }

    /// How long a refusal is to last: what it says, else until what has nothing left is reset.
    static func pause(_ headers: LimitHeaders) -> Duration {
        let spent = headers.readings.filter { $0.remaining == 0 }.map(\.window).max()
        let told = headers.retryAfter ?? headers.pause ?? spent ?? headers.readings.map(\.resetAfter).filter { $0 > .zero }.min()
        return max(.milliseconds(100), min(told ?? pauseDefault, LimitHeaders.resetMax))
    }
}
