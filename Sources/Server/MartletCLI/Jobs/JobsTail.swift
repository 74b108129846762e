import ArgumentParser
import MartletCore

/// `martlet jobs tail`.
struct JobsTail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Print what a job says, live, until it is finished.",
        discussion: "The exit code is 0 where the job succeeded, and 1 where it failed or was cancelled.")

    @Argument(help: "The job's id.") var id: JobID
    @Option(help: "Begin after this sequence number.") var after = 0
    @Flag(inversion: .prefixedNo, help: "Wait for more until the job is finished.") var follow = true
    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func validate() throws {
        guard after >= 0 else { throw ValidationError("--after must not be negative") }
    }

    func run() async throws {
        try await storeOptions.withStore { session in
            var follower = JobFollower(session, id, after: after)
            let show = { (event: Event) in
                session.terminal.say(output.json ? event.json.description : EventLine.text(event))
            }
            guard follow else {
                guard try await session.store.job(id) != nil else { throw StoreError.notFound("job \(id)") }
                try await follower.drain(show)
                return
            }
            let job = try await follower.follow(show)
            if !output.json { session.terminal.note(JobEnding.text(of: job)) }
            if job.outcome != .succeeded { throw CommandFailure(.failed, "") }
        }
    }
}
