import ArgumentParser
import MartletCore
import MartletHTTP

/// `martlet enqueue`.
struct EnqueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enqueue",
        abstract: "Enqueue one job, or many from a file or from standard input.",
        usage: """
            martlet enqueue KIND [--payload JSON] [options]
            martlet enqueue --ndjson [options] < jobs.ndjson
            martlet enqueue --file jobs.ndjson [options]
            """,
        discussion: """
            Of many, each line is one job as in POST /v1/jobs: {"kind":"thumbnail","payload":{"video":"a.mp4"},"key":"a"}. A line that cannot be
            accepted is reported with its number and holds back no other; the exit code is then 4. The job options (--queue and the like)
            belong to one job; lines bring their own.
            """)

    @Argument(help: "What is to be done: the job's kind.") var kind: String?
    @OptionGroup(title: "Job options") var job: JobOptions
    @Option(name: .customLong("file"), help: "Read many jobs from this file, one JSON object per line.", completion: .file()) var file: String?
    @Flag(help: "Read many jobs from standard input, one JSON object per line.") var ndjson = false
    @Flag(name: [.customLong("wait"), .customLong("follow")], help: "Stay until they are finished, showing what happens; exit with 1 if one fails.")
    var wait = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func validate() throws {
        let ways = [kind != nil, file != nil, ndjson].filter { $0 }.count
        guard ways == 1 else {
            throw ValidationError(ways == 0 ? "Give a KIND, or --ndjson, or --file." : "Give only one of KIND, --ndjson and --file.")
        }
        if kind == nil, let option = job.given.first { throw ValidationError("\(option) belongs to one job; lines bring their own.") }
        try job.check()
    }

    func run() async throws {
        try await storeOptions.withStore { session in
            if let kind {
                try await enqueueOne(kind, session)
            } else {
                try await enqueueMany(session)
            }
        }
    }

    private func enqueueOne(_ kind: String, _ session: StoreSession) async throws {
        let new = try job.job(kind, defaults: session.configuration.defaults(for: kind), session.environment)
        switch try await session.store.enqueue([new])[0] {
        case .accepted(let record):
            session.terminal.say(output.json ? WireJSON.job(record) : record.id.description)
            try await follow(record, session)
        case .duplicate(let record, let wasReplaced):
            session.terminal.say(output.json ? WireJSON.job(record) : record.id.description)
            session.terminal.note(wasReplaced ? "replaced the content of the job that has this key" : "a job with this key or id exists already")
            try await follow(record, session)
        case .refused(let error): throw error
        }
    }

    private func follow(_ record: JobRecord, _ session: StoreSession) async throws {
        guard wait else { return }
        var follower = JobFollower(session, record.id)
        let ended = try await follower.follow { event in
            session.terminal.say(output.json ? event.json.description : EventLine.text(event))
        }
        if !output.json { session.terminal.note(JobEnding.text(of: ended)) }
        if ended.outcome != .succeeded { throw CommandFailure(.failed, "") }
    }

    private func enqueueMany(_ session: StoreSession) async throws {
        var source = try LineSource(file.map { .file($0) } ?? .standardInput)
        var bulk = BulkEnqueue(session, printsJSON: output.json, keepsIDs: wait)
        try await bulk.run(&source)
        bulk.summarize()
        if wait, try await JobsProgress(session, bulk.ids).watch() > 0 { throw CommandFailure(.failed, "") }
        if bulk.refused > 0 { throw CommandFailure(.refused, "") }
    }
}
