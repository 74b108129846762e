import Database
import MartletCore
import Synchronization

/// Says what has changed, to the listeners of this process by name, and to other processes that something has.
final class Hints: Sendable {
    let fanout = WakeupFanout()
    private let database: PostgresDatabase
    private let channel: String
    private let environment: Environment

    init(_ database: PostgresDatabase, channel: String, environment: Environment) {
        self.database = database
        self.channel = channel
        self.environment = environment
    }

    /// - Parameters:
    ///   - work: jobs may have become ready.
    ///   - isMore: more has changed than is named.
    func changed(
        work: Bool, jobs: some Sequence<JobID> = EmptyCollection<JobID>(), streams: some Sequence<String> = EmptyCollection<String>(),
        isMore: Bool = false
    ) {
        guard fanout.hasSubscribers else { return }
        var names = Set(jobs.map { StreamName.job($0) })
        names.formUnion(streams)
        fanout.send(Wakeup(work: work, streams: names, isUnspecific: isMore))
    }
}
