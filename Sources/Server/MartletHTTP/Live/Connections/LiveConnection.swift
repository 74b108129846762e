import NIOCore
import NIOWebSocket

/// One connection to `/v1/live` as a rule: what happens goes in, what to do comes out, and nothing else happens here.
///
/// Bounded: so many subscriptions, so few questions to the store at once, and no event is kept for a reader that has no room: it reads again later.
struct LiveConnection {
    enum Action {
        /// Find out whether this reader may have the stream.
        case check(String, ticket: Int)
        case read(String, ticket: Int, after: Int, isLagging: Bool)
        /// Be handed what is new from now on. The answer is `join`.
        case follow(String)
        case unfollow(String)
        case send(ByteBuffer)
        case note(LiveNotice)
        /// Say goodbye and close once the other side has said so too.
        case close(CloseCode, StaticString)
        /// Close without a word: nobody listens, or everything is said.
        case drop(Reason)
    }

    enum Reason: Equatable { case said, stalled, silent }

    static let subscriptionsMax = 256
    /// Questions to the store that are under way at once.
    static let questionsMax = 2
    /// How long the other side may take to answer a close frame.
    static let goodbye: Duration = .seconds(2)

    private(set) var subscriptions: [String: Subscription] = [:]
    /// In the order in which they are asked for.
    private var turns: [String] = []
    /// They are asked for again at the next look: the store was not there.
    private var parked: [String] = []
    private var questions = 0
    private var tickets = 0
    private var messages = MessageReader()
    private var budget = FrameBudget()
    private var pulse: Pulse
    private var stall = Stall()
    private(set) var hasRoom = true
    private var closingSince: Duration?

    init(number: Int, now: Duration) {
        pulse = Pulse(number: number, now: now)
    }

    var isClosing: Bool { closingSince != nil }

    // MARK: What the client sends

    mutating func receive(_ frame: WebSocketFrame, at now: Duration) -> [Action] {
        pulse.hear(at: now)
        guard budget.take(at: now) else { return close(.policy, "too many frames: at most 50 a second", at: now) }
        guard let event = messages.read(frame) else { return [] }
        if isClosing {
            // What comes after a goodbye is not read any more, but for the answer to it.
            if case .close = event { return [.drop(.said)] }
            return []
        }
        switch event {
        case .message(let message): return command(message)
        case .ping(let data): return [.send(FrameWriter.pong(data))]
        case .pong: return []
        case .close(let code): return leaveAll() + [.send(FrameWriter.close(code)), .drop(.said)]
        case .violation(let violation): return close(violation.code, violation.reason, at: now)
        }
    }

    /// What came was no frame.
    mutating func refuse(_ error: any Error, at now: Duration) -> [Action] {
        let violation = MessageReader.Violation(error)
        return close(violation.code, violation.reason, at: now)
    }

    private mutating func command(_ message: [UInt8]) -> [Action] {
        let command: LiveCommand
        do throws(Problem) {
            command = try LiveCommand(message)
        } catch {
            return [.note(.error(nil, error.type, error.detail))]
        }
        switch command {
        case .subscribe(let stream, let after): return subscribe(stream, after)
        case .unsubscribe(let stream):
            guard let subscription = subscriptions.removeValue(forKey: stream) else {
                return [.note(.error(stream, .notFound, "there is no subscription to this stream"))]
            }
            return (subscription.state == .tail ? [.unfollow(stream)] : []) + [.note(.unsubscribed(stream))]
        }
    }

    private mutating func subscribe(_ stream: String, _ after: Int) -> [Action] {
        guard subscriptions[stream] == nil else {
            return [.note(.error(stream, .invalidField, "there is a subscription to this stream: unsubscribe first"))]
        }
        guard subscriptions.count < Self.subscriptionsMax else {
            return [.note(.error(stream, .tooManyStreams, "a connection may have \(Self.subscriptionsMax) subscriptions: open another"))]
        }
        tickets += 1
        subscriptions[stream] = Subscription(ticket: tickets, after: after)
        turns.append(stream)
        return askNext()
    }

    // MARK: What the store says

    /// The answer to `check` or `read`.
    mutating func answer(_ stream: String, ticket: Int, _ answer: LiveAnswer) -> [Action] {
        questions -= 1
        // The subscription of that ticket may be gone, or the connection about to close.
        guard !isClosing, let subscription = subscriptions[stream], subscription.ticket == ticket else { return isClosing ? [] : askNext() }
        switch answer {
        case .admitted:
            subscriptions[stream]?.admit()
            turns.append(stream)
            return [.note(.subscribed(stream, after: subscription.position))] + askNext()
        case .hidden:
            subscriptions[stream] = nil
            return [.note(.error(stream, .notFound, "there is no such stream"))] + askNext()
        case .unavailable:
            subscriptions[stream]?.fallBack()
            parked.append(stream)
            return askNext()
        case .page(let page): return take(page, stream, subscription.position) + askNext()
        }
    }

    private mutating func take(_ page: LivePage, _ stream: String, _ position: Int) -> [Action] {
        guard hasRoom else {
            // It reads this page again when there is room. Nothing is kept for it meanwhile.
            subscriptions[stream]?.fallBack()
            turns.append(stream)
            return []
        }
        var actions: [Action] = []
        if let first = page.gap { actions.append(.note(.gap(stream, after: position, first: first))) }
        if page.bytes.readableBytes > 0 { actions.append(.send(page.bytes)) }
        subscriptions[stream]?.advance(to: page.position)
        if page.isDrained { actions.append(.follow(stream)) } else { turns.append(stream) }
        return actions
    }

    /// - Parameter tail: how far those at the tail of the stream have come.
    /// - Returns: whether the reader is among them now; otherwise it reads what it lacks.
    mutating func join(_ stream: String, tail: Int) -> Bool {
        guard let isAtTail = subscriptions[stream]?.join(tail) else { return false }
        if !isAtTail { turns.append(stream) }
        return isAtTail
    }

    /// - Parameters: the sequence numbers of the first and the last event.
    mutating func offer(_ stream: String, _ first: Int, _ last: Int) -> Subscription.Offer {
        guard let offer = subscriptions[stream]?.offer(first, last, hasRoom: hasRoom) else { return .pass }
        if offer == .fallBehind { turns.append(stream) }
        return offer
    }

    /// Asks for those whose turn it is, while there is room for what comes.
    mutating func askNext() -> [Action] {
        var actions: [Action] = []
        while hasRoom, !isClosing, questions < Self.questionsMax, !turns.isEmpty {
            let stream = turns.removeFirst()
            guard var subscription = subscriptions[stream], subscription.state == .behind else { continue }
            let notice = subscription.takeNotice()
            subscription.ask()
            subscriptions[stream] = subscription
            questions += 1
            if let notice { actions.append(.note(.lagged(stream, after: notice))) }
            if subscription.isAdmitted {
                actions.append(
                    .read(stream, ticket: subscription.ticket, after: subscription.position, isLagging: subscription.isLagging))
            } else {
                actions.append(.check(stream, ticket: subscription.ticket))
            }
        }
        return actions
    }

    // MARK: What the socket and the clock say

    mutating func changeRoom(_ hasRoom: Bool, at now: Duration) -> [Action] {
        self.hasRoom = hasRoom
        guard hasRoom else { return [] }
        // Who takes what it is sent is there.
        pulse.hear(at: now)
        return askNext()
    }

    /// - Parameter bytes: how many bytes wait to be sent.
    mutating func look(bytes: Int, at now: Duration) -> [Action] {
        if let closingSince { return now - closingSince >= Self.goodbye ? [.drop(.said)] : [] }
        if stall.look(bytes: bytes, hasRoom: hasRoom, at: now) { return leaveAll() + [.drop(.stalled)] }
        turns.append(contentsOf: parked)
        parked = []
        // A ping would wait behind all that a reader without room has not taken: that one is the stall's to judge.
        guard hasRoom else { return [] }
        switch pulse.look(at: now) {
        case .none: return askNext()
        case .ping: return [.send(FrameWriter.ping)] + askNext()
        case .giveUp: return leaveAll() + [.drop(.silent)]
        }
    }

    /// Ends the subscriptions and says goodbye.
    mutating func close(_ code: CloseCode, _ reason: StaticString, at now: Duration) -> [Action] {
        guard !isClosing else { return [] }
        closingSince = now
        return leaveAll() + [.close(code, reason)]
    }

    /// The connection has ended.
    mutating func leaveAll() -> [Action] {
        let followed = subscriptions.filter { $0.value.state == .tail }.keys
        subscriptions = [:]
        turns.removeAll()
        parked = []
        return followed.map { .unfollow($0) }
    }
}
