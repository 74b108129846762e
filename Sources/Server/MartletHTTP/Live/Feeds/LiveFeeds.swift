import Logging
import Martlet
import MartletCore
import NIOCore
import Synchronization

/// Everything behind `/v1/live`: reads each followed stream once for all who are at its end, answers those who are behind, and keeps the time.
final class LiveFeeds: Sendable {
    private enum Work {
        case feed(String)
        case question(LiveQuestion)
    }

    /// An event loop and its connections, which only it touches.
    private struct Seat {
        let eventLoop: any EventLoop
        let loop: NIOLoopBound<LiveLoop>
    }

    private struct State {
        var plan = FeedPlan()
        var seats: [Seat] = []
        var connections = 0
        var isStopping = false
        /// The store has not answered lately.
        var isAway = false

        /// - Returns: whether it was away until now.
        mutating func noteStore(isAway: Bool) -> Bool {
            defer { self.isAway = isAway }
            return self.isAway
        }
    }

    /// How many streams are read at once. A store has its own limits; this bounds what one connection's slow read holds up.
    static let workers = 16
    private static let tick: Duration = .seconds(1)
    /// After handing a page to many, a stream rests for as long as that took, so that a broadcast takes half of an event loop at most, and at most so
    /// long: what comes meanwhile goes out together. Below `restsFrom` it does not rest.
    private static let restsFrom: Duration = .milliseconds(1)
    private static let restsAtMost: Duration = .milliseconds(20)

    let metrics: LiveMetrics
    private let store: any Store
    private let pages: StreamPages
    private let clock: any EngineClock
    private let growth: Growth
    private let logger: Logger
    private let queue = WorkQueue<Work>()
    private let state = Mutex(State())

    init(engine: Engine, pages: StreamPages, metrics: LiveMetrics, logger: Logger) {
        self.pages = pages
        self.metrics = metrics
        self.logger = logger
        store = engine.store
        clock = engine.environment.clock
        growth = engine.hub.watchGrowth()
    }

    /// Makes a connection one of `/v1/live` as soon as it has been answered so. Runs on the channel's event loop.
    /// - Throws: `tooManyStreams`; where the channel is closed.
    func admit(_ channel: any Channel, _ reader: Identity) throws {
        let socket = try SocketTakeover(of: channel)
        do {
            try metrics.enter()
        } catch {
            socket.giveUp()
            throw error
        }
        let (number, loop) = seat(on: channel.eventLoop)
        let handler = LiveHandler(number: number, reader: reader, loop: loop, clock: clock)
        do {
            let upgrade = UpgradeSwitch(to: handler, on: socket) { [metrics] in metrics.leave() }
            try channel.pipeline.syncOperations.addHandler(upgrade, position: .first)
        } catch {
            socket.giveUp()
            metrics.leave()
            throw error
        }
    }

    private func seat(on eventLoop: any EventLoop) -> (number: Int, loop: LiveLoop) {
        let (number, seat) = state.withLock { state in
            state.connections += 1
            if let seat = state.seats.first(where: { $0.eventLoop === eventLoop }) { return (state.connections, seat) }
            let seat = Seat(
                eventLoop: eventLoop,
                loop: NIOLoopBound(LiveLoop(number: state.seats.count, isStopping: state.isStopping, feeds: self), eventLoop: eventLoop))
            state.seats.append(seat)
            return (state.connections, seat)
        }
        return (number, seat.loop.value)
    }

    // MARK: What the loops ask for

    func ask(_ question: LiveQuestion) { queue.put(.question(question)) }

    func follow(_ stream: String, from position: Int, loop: Int) -> Int {
        let now = clock.uptime()
        let (position, isNew) = state.withLock { state in
            // Watched before it is read: what comes between the two is seen.
            growth.add(stream)
            return state.plan.follow(stream, from: position, loop: loop, at: now)
        }
        if isNew { queue.put(.feed(stream)) }
        return position
    }

    func leave(_ stream: String, loop: Int) {
        state.withLock { state in
            if state.plan.leave(stream, loop: loop) { growth.remove(stream) }
        }
    }

    // MARK: The work

    /// Serves until cancelled, then closes what is still open.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.workers { group.addTask { await self.work() } }
            group.addTask { await self.watch() }
            group.addTask { await self.keepTime() }
        }
        for seat in stopping() { seat.eventLoop.execute { seat.loop.value.cut() } }
    }

    /// Says goodbye to everybody.
    func stop() {
        metrics.stop()
        for seat in stopping() { seat.eventLoop.execute { seat.loop.value.stop() } }
    }

    /// Says goodbye to everybody, and returns when nobody is there any more, soon after `LiveConnection.goodbye`, or when cancelled.
    func end() async {
        stop()
        await metrics.emptied.wait()
    }

    private func stopping() -> [Seat] {
        state.withLock { state in
            state.isStopping = true
            return state.seats
        }
    }

    private func work() async {
        while let work = await queue.next() {
            switch work {
            case .feed(let stream): await feed(stream)
            case .question(let question): await answer(question)
            }
        }
    }

    private func feed(_ stream: String) async {
        guard let turn = state.withLock({ $0.plan.begin(stream) }) else { return }
        let read = await ask("a followed stream") { try await self.pages.read(stream, after: turn.after) }
        if let page = read?.slice?.page { await deliver(page, turn) }
        let isAgain = state.withLock { $0.plan.end(stream, turn, isDrained: read.map { $0.end == .reached }, at: clock.uptime()) }
        if isAgain { queue.put(.feed(stream)) }
    }

    /// Returns when every loop has handed the page out: meanwhile what is new gathers, and becomes one page.
    private func deliver(_ page: StreamPage, _ turn: FeedPlan.Turn) async {
        let seats = state.withLock { state in state.plan.advance(page.stream, turn, to: page.last).map { state.seats[$0] } }
        // Encoded here, by whoever has the time, and not on an event loop that others wait for.
        _ = page.encoded(as: .frame)
        let start = clock.uptime()
        let delivered = seats.map { seat in seat.eventLoop.submit { seat.loop.value.deliver(page) } }
        do {
            for future in delivered { try await future.get() }
            let rest = min(clock.uptime() - start, Self.restsAtMost)
            if rest >= Self.restsFrom { try await clock.sleep(for: rest) }
        } catch {
            // The event loop has ended, and its connections with it; or everything ends.
        }
    }

    private func answer(_ question: LiveQuestion) async {
        let answer = await ask("a live reader's stream") { () async throws -> LiveAnswer in
            switch question.kind {
            case .check(let principal): try await self.store.shows(question.stream, to: principal) ? .admitted : .hidden
            case .read(let after, let isLagging):
                .page(LivePage(try await self.pages.read(question.stream, after: after), isLagging: isLagging))
            }
        }
        let seat = state.withLock { $0.seats[question.loop] }
        seat.eventLoop.execute { seat.loop.value.answer(question, answer ?? .unavailable) }
    }

    /// `nil` where the store cannot answer: whoever asks will ask again. Said once, not for each of thousands.
    private func ask<Answer>(_ what: StaticString, _ read: () async throws -> Answer) async -> Answer? {
        do {
            let answer = try await read()
            if state.withLock({ $0.noteStore(isAway: false) }) { logger.info("live readers can be served again") }
            return answer
        } catch {
            if !state.withLock({ $0.noteStore(isAway: true) }), !Task.isCancelled {
                logger.warning("live readers wait for the store", metadata: ["reading": "\(what)", "error": "\(error)"])
            }
            return nil
        }
    }

    private func watch() async {
        while !Task.isCancelled {
            let limit = state.withLock { $0.plan.sweepDelay(at: clock.uptime()) } ?? Self.tick
            do {
                let change = try await growth.next(atMost: limit)
                put(state.withLock { $0.plan.grow(change.streams, isUnspecific: change.isUnspecific, at: clock.uptime()) })
            } catch {
                return
            }
        }
    }

    private func keepTime() async {
        while !Task.isCancelled {
            do { try await clock.sleep(for: Self.tick) } catch { return }
            let now = clock.uptime()
            let (due, seats) = state.withLock { ($0.plan.look(at: now), $0.seats) }
            put(due)
            for seat in seats { seat.eventLoop.execute { seat.loop.value.look(at: now) } }
        }
    }

    private func put(_ streams: [String]) {
        for stream in streams { queue.put(.feed(stream)) }
    }
}
