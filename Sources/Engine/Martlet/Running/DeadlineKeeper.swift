/// Stops attempts that run past their deadline. One loop for all of them: it sleeps until the earliest deadline, at most `nearby`, and an
/// attempt that begins with a deadline closer than that rings.
struct DeadlineKeeper: Sendable {
    let table: RunningTable
    let clock: any EngineClock

    /// Deadlines are met within this; a loop that hit each to the microsecond would wake once per job.
    static let precision: Duration = .milliseconds(20)
    static let nearby: Duration = .seconds(5)

    func run() async {
        while !Task.isCancelled {
            guard table.hasWork(orRing: table.deadlines) else {
                await table.deadlines.wait()
                continue
            }
            let now = clock.uptime()
            var next = now + Self.nearby
            for attempt in table.all where attempt.reason == nil {
                if attempt.deadline <= now { attempt.stop(.timeout) } else { next = min(next, attempt.deadline) }
            }
            await table.deadlines.wait(atMost: max(next - now, Self.precision), clock)
        }
    }
}
