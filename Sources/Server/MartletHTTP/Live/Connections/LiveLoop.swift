import NIOCore

/// The connections of one event loop, and what its readers follow. A broadcast crosses to each event loop once, not once for each reader, and
/// needs no lock there.
final class LiveLoop {
    /// The readers at the end of one stream.
    private struct Tail {
        /// The last sequence number that was handed to them.
        var position: Int
        var readers: [Int: LiveHandler] = [:]
    }

    let number: Int
    private let feeds: LiveFeeds
    private var handlers: [Int: LiveHandler] = [:]
    private var tails: [String: Tail] = [:]
    private(set) var isStopping: Bool

    init(number: Int, isStopping: Bool, feeds: LiveFeeds) {
        self.number = number
        self.isStopping = isStopping
        self.feeds = feeds
    }

    func add(_ handler: LiveHandler) { handlers[handler.number] = handler }

    func remove(_ handler: LiveHandler) {
        if handlers.removeValue(forKey: handler.number) != nil { feeds.metrics.leave() }
    }

    func count(_ reason: LiveConnection.Reason) { feeds.metrics.drop(reason) }
    func countLag() { feeds.metrics.lag() }

    func ask(_ question: LiveQuestion.Kind, _ stream: String, _ ticket: Int, _ handler: LiveHandler) {
        feeds.ask(LiveQuestion(kind: question, stream: stream, ticket: ticket, loop: number, connection: handler.number))
    }

    /// - Parameter position: what the reader has.
    /// - Returns: how far the readers at the tail have come: what is after that is handed to this one too.
    func follow(_ stream: String, from position: Int, _ handler: LiveHandler) -> Int {
        if tails[stream] == nil { tails[stream] = Tail(position: feeds.follow(stream, from: position, loop: number)) }
        tails[stream]?.readers[handler.number] = handler
        return tails[stream]?.position ?? position
    }

    func unfollow(_ stream: String, _ handler: LiveHandler) {
        guard tails[stream]?.readers.removeValue(forKey: handler.number) != nil, tails[stream]?.readers.isEmpty == true else { return }
        tails[stream] = nil
        feeds.leave(stream, loop: number)
    }

    /// Hands a page to the readers at the tail.
    func deliver(_ page: StreamPage) {
        guard let tail = tails[page.stream], page.last > tail.position else { return }
        tails[page.stream]?.position = page.last
        let broadcast = LiveBroadcast(page)
        for handler in tail.readers.values { handler.offer(broadcast) }
    }

    func answer(_ question: LiveQuestion, _ answer: LiveAnswer) {
        handlers[question.connection]?.answer(question.stream, ticket: question.ticket, answer)
    }

    func look(at now: Duration) {
        for handler in handlers.values { handler.look(at: now) }
    }

    /// Says goodbye to everybody, now and from now on.
    func stop() {
        isStopping = true
        for handler in handlers.values { handler.stop() }
    }

    /// Closes without a word.
    func cut() {
        isStopping = true
        for handler in handlers.values { handler.cut() }
    }
}
