import Database
import MartletCore

/// What has to be done now and then and is nobody's own call: hints to other processes, counts to be folded, a look behind the marks.
/// Everything follows from activity: an idle store sends nothing.
struct Chores: Sendable {
    /// The shortest time between two hints to other processes.
    private static let hintInterval: Duration = .milliseconds(5)
    /// The shortest time between two rounds of the rest.
    private static let roundInterval: Duration = .seconds(1)
    /// The shortest time between two looks for days to prepare.
    private static let dayInterval: Duration = .seconds(3600)
    /// At most this part of the time goes into rounds.
    private static let roundShare = 20
    /// The shortest time between two looks behind everything, and the part of the time that goes into them at most.
    private static let wholeLookInterval: Duration = .seconds(60)
    private static let wholeLookShare = 200
    /// Lanes removed at once: nobody enqueues meanwhile.
    private static let lanesMax = 10_000

    let database: PostgresDatabase
    let hints: Hints
    let marks: Marks
    let time: StoreTime
    let schema: SQL
    let channel: String
    /// Tells this store's own hints from those of others.
    let nonce: String
    let clock: any EngineClock
    /// Whether days are kept apart: not where a test moves the time.
    let preparesDays: Bool

    /// When what is due next.
    private struct Pace {
        var round: Duration
        var day: Duration
        var wholeLook: Duration
        /// Whether this process has changed something since the last round.
        var isChanged = false
    }

    /// Says to other processes what has changed, folds and looks behind, until the store ends.
    func run() async {
        let start = clock.uptime()
        var pace = Pace(round: start, day: start, wholeLook: start + Self.wholeLookInterval)
        for await _ in hints.bell {
            do {
                if let news = hints.takePending() {
                    pace.isChanged = true
                    try await say(news)
                    try await clock.sleep(for: Self.hintInterval)
                }
                let now = clock.uptime()
                if preparesDays && now >= pace.day {
                    pace.day = now + Self.dayInterval
                    try await database.run { connection in
                        _ = try connection.run("SELECT \(schema)prepare_days(clock_timestamp())")
                        _ = try connection.run("SELECT \(schema)prune_lanes(\(Self.lanesMax))")
                    }
                }
                if now >= pace.round {
                    if pace.isChanged { try await tidy() }
                    pace.isChanged = false
                    try await lookBehind(&pace)
                    let end = clock.uptime()
                    pace.round = end + max(Self.roundInterval, (end - now) * Self.roundShare)
                }
            } catch is CancellationError {
                return
            } catch {
                // A lost hint costs latency, and a round comes again: the next bell finds the server back or not.
                pace.round = clock.uptime() + Self.roundInterval
            }
        }
    }

    /// Nothing is lost with a hint: its commit need not wait for the disk.
    private func say(_ news: Hints.Pending) async throws {
        let word = (news.isWork ? "w" : "s") + (news.first.map { String($0.microseconds) } ?? "") + "/" + nonce
        _ = try await database.run { connection in
            try connection.run("SELECT set_config('synchronous_commit', 'off', true), pg_notify(\(channel), \(word))")
        }
    }

    private func tidy() async throws {
        try await database.run { connection in
            try connection.run("SELECT \(schema)tidy(\(time.argument))")
            try connection.run("SELECT \(schema)empty_slots()")
        }
    }

    /// Looks for what has come in behind the marks and no hint has told of: mostly a little behind, for what was committed late; seldom, and
    /// the more so the longer it takes, behind everything.
    private func lookBehind(_ pace: inout Pace) async throws {
        let (dues, alarms) = (marks.dues.map { $0 }, marks.alarms)
        if dues.isEmpty && alarms == nil { return }
        let begin = clock.uptime()
        let isWhole = begin >= pace.wholeLook
        let span: SQL = isWhole ? "interval '3000 years'" : "interval '5 seconds'"
        let late = try await database.run { connection in
            try connection.answer(
                """
                SELECT lane, class FROM \(schema)late(\(array: dues.map(\.key.lane)), \(array: dues.map(\.key.rankClass)), \
                \(array: dues.map(\.value)), \(alarms), \(span))
                """
            ).map { Marks.Place(lane: try $0.int(0), rankClass: try $0.int(1)) }
        }
        if isWhole {
            let end = clock.uptime()
            pace.wholeLook = end + max(Self.wholeLookInterval, (end - begin) * Self.wholeLookShare)
        }
        if late.isEmpty { return }
        marks.clear(late)
        hints.fanout.send(Wakeup(work: true, isUnspecific: true))
    }

    /// Passes on what other processes say, until the store ends.
    func listen() async {
        for await notification in database.notifications([channel]) {
            switch notification {
            case .message(_, let payload):
                let words = payload.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
                if words.last.map(String.init) == nonce { continue }
                if let due = words.first.flatMap({ Int64($0) }) { marks.lower(to: Timestamp(microseconds: due)) }
                hints.fanout.send(Wakeup(work: payload.first != "s", isUnspecific: true))
            case .unspecific:
                // Nobody knows what has been said meanwhile.
                marks.lower(to: .epoch)
                hints.fanout.send(Wakeup(work: true, isUnspecific: true))
            }
        }
    }
}
