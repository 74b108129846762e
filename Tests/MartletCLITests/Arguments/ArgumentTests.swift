import ArgumentParser
import MartletCore
import MartletHTTP
import Testing

@testable import MartletCLI

struct ArgumentTests {
    @Test func `every command can be parsed, and says how it is used`() throws {
        #expect(MartletCommand.helpMessage().contains("Exit codes"))
        for arguments in [
            ["serve"], ["work", "--queues", "media:4,default"], ["enqueue", "a"], ["jobs"], ["jobs", "list", "--phase", "ready"], ["queues"],
            ["triggers", "next", "--cron", "0 3 * * *"], ["vault", "put", "api", "--tenant", "a"], ["vault", "rotate", "--forget"], ["migrate"],
            ["bench", "steps"], ["doctor"],
        ] { _ = try MartletCommand.parseAsRoot(arguments) }
    }

    @Test(arguments: [
        ["enqueue"], ["enqueue", "a", "--ndjson"], ["enqueue", "--ndjson", "--queue", "b"], ["enqueue", "a", "--priority", "4"],
        ["enqueue", "a", "--delay", "-5"], ["enqueue", "a", "--due-at", "2026-01-01T00:00:00"], ["enqueue", "a", "--key-scope", "forever"],
        ["enqueue", "a", "--delay", "1", "--due-at", "2026-01-01T00:00:00Z"], ["enqueue", "a", "--label", "b"], ["jobs", "list", "--limit", "0"],
        ["jobs", "show", "not-an-id"], ["work", "--queues", "media:0"], ["bench", "stpes"],
    ])
    func `what cannot be meant is refused before a store is opened`(arguments: [String]) {
        #expect(throws: (any Error).self) { try MartletCommand.parseAsRoot(arguments) }
    }

    @Test func `the options of a job become the job`() throws {
        let arguments = [
            "enqueue", "a", "--payload", #"{"n": 1}"#, "--queue", "q", "--tenant", "t", "--priority", "0", "--delay", "PT5M", "--key", "k",
            "--key-scope", "60", "--on-conflict", "reject", "--max-attempts", "3", "--timeout", "9", "--label", "x=y=z",
        ]
        let command = try #require(try MartletCommand.parseAsRoot(arguments) as? EnqueueCommand)
        let job = try command.job.job("a", defaults: .init(queue: "media", maxAttempts: 7), .system)
        #expect(job.payload.text == #"{"n":1}"#)
        #expect(job.queue == "q")
        #expect(job.tenant == "t")
        #expect(job.priority == .urgent)
        #expect(job.due == .after(.seconds(300)))
        #expect(job.key == IdempotencyKey("k", scope: .window(.seconds(60)), conflict: .reject))
        #expect(job.maxAttempts == 3)
        #expect(job.timeout == .seconds(9))
        #expect(job.labels == ["x": "y=z"])
    }

    @Test func `what the command line leaves open, the configuration of the kind says`() throws {
        let command = try #require(try MartletCommand.parseAsRoot(["enqueue", "a"]) as? EnqueueCommand)
        let job = try command.job.job("a", defaults: .init(queue: "media", priority: .low, maxAttempts: 7), .system)
        #expect(job.queue == "media")
        #expect(job.priority == .low)
        #expect(job.maxAttempts == 7)
        #expect(job.payload == .emptyObject)
    }

    @Test func `queues and rates are read`() {
        #expect(WorkCommand.QueueShares(argument: "media:4,default:10,a:b:2")?.shares == ["media": 4, "default": 10, "a:b": 2])
        #expect(WorkCommand.QueueShares(argument: "")?.shares == nil)
        #expect(RateArgument(argument: "100/60")?.rate == Rate(count: 100, per: .seconds(60)))
        #expect(RateArgument(argument: "5/PT1H")?.rate == Rate(count: 5, per: .seconds(3600)))
        #expect(RateArgument(argument: "100") == nil)
    }

    @Test(arguments: [("after-claim", "after-claim"), ("before-settle:3", "before-settle"), ("after-claim:0", nil), ("nowhere", nil), ("", nil)])
    func `a crash point is a place and a count`(text: String, place: String?) {
        #expect(CrashPoint(text)?.place.rawValue == place)
    }

    @Test func `a crash comes at its turn and only there`() throws {
        let point = try #require(CrashPoint("after-claim:2"))
        #expect(!point.comesDown(at: .beforeClaim))
        #expect(!point.comesDown(at: .afterClaim))
        #expect(point.comesDown(at: .afterClaim))
        #expect(!point.comesDown(at: .afterClaim))
    }

    @Test func `an error of the store has an exit code that scripts can use`() {
        let id = JobID(high: 1, low: 2)
        #expect(CommandFailure(StoreError.notFound("job x")).code == .notFound)
        #expect(CommandFailure(StoreError.wrongPhase(id, .finished)).code == .refused)
        #expect(CommandFailure(StoreError.keyTaken(key: "k", by: id)).code == .refused)
        #expect(CommandFailure(StoreError.unavailable(reason: "", mayHaveHappened: false)).code == .failed)
        #expect(CommandFailure(ConfigurationError(faults: [])).code == .usage)
    }
}
