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
    /// Lanes removed at once: nobody enqueues meanwhile.
    private static let lanesMax = 10_000
    /// At most this part of the time goes into rounds.
    private static let roundShare = 20

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

    /// Says to other processes what has changed, folds and looks behind, until the store ends.
    func run() async {
        var nextRound = clock.uptime()
        var nextDay = nextRound
        for await _ in hints.bell {
            do {
                if let work = hints.takePending() {
                    try await say(work)
                    try await clock.sleep(for: Self.hintInterval)
                }
                let now = clock.uptime()
                if preparesDays && now >= nextDay {
                    nextDay = now + Self.dayInterval
                    try await database.run { connection in
                        try connection.run("SELECT \(schema)prepare_days(clock_timestamp())")
                        try connection.run("SELECT \(schema)prune_lanes(\(Self.lanesMax))")
                    }
                }
                if now >= nextRound {
                    try await round()
                    let end = clock.uptime()
                    nextRound = end + max(Self.roundInterval, (end - now) * Self.roundShare)
                }
            } catch is CancellationError {
                return
            } catch {
                // A lost hint costs latency, and a round comes again: the next bell finds the server back or not.
                nextRound = clock.uptime() + Self.roundInterval
            }
        }
    }

    /// Nothing is lost with a hint: its commit need not wait for the disk.
    private func say(_ work: Bool) async throws {
        _ = try await database.run { connection in
            try connection.run(
                "SELECT set_config('synchronous_commit', 'off', true), pg_notify(\(channel), \((work ? "w" : "s") + nonce))")
        }
    }

    private func round() async throws {
        let marks = marks.dues.map { $0 }
        let alarms = self.marks.alarms
        let (late, hasLateAlarm) = try await database.run { connection in
            try connection.run("SELECT \(schema)tidy(\(time.argument))")
            try connection.run("SELECT \(schema)empty_slots()")
            let hasLateAlarm = try alarms != nil && connection.answer("SELECT \(schema)has_late_alarm(\(alarms))").first?.bool(0) == true
            if marks.isEmpty { return ([Marks.Place](), hasLateAlarm) }
            let rows = try connection.answer(
                """
                SELECT lane, class FROM \(schema)late(\(array: marks.map(\.key.lane)), \(array: marks.map(\.key.rankClass)), \
                \(array: marks.map(\.value)))
                """)
            return (try rows.map { Marks.Place(lane: try $0.int(0), rankClass: try $0.int(1)) }, hasLateAlarm)
        }
        guard !late.isEmpty || hasLateAlarm else { return }
        self.marks.clear(late)
        if hasLateAlarm { self.marks.clearAlarms() }
        hints.fanout.send(Wakeup(work: true, isUnspecific: true))
    }

    /// Passes on what other processes say, until the store ends.
    func listen() async {
        for await notification in database.notifications([channel]) {
            switch notification {
            case .message(_, let payload):
                if payload.dropFirst() == nonce { continue }
                hints.fanout.send(Wakeup(work: payload.first != "s", isUnspecific: true))
            case .unspecific: hints.fanout.send(Wakeup(work: true, isUnspecific: true))
            }
        }
    }
}
