import MartletCore
import MartletHTTP
import Testing

@testable import MartletCLI

struct BulkEnqueueTests {
    private func enqueue(_ text: String, into store: any Store) async throws -> BulkEnqueue {
        try await TemporaryFolder.with { folder in
            let configuration = try Configuration(yaml: "commands: { a: { run: [true], queue: media } }", folder: folder.path)
            let session = StoreSession(configuration: configuration, store: store, environment: .system)
            var source = try LineSource(.file(try folder.write(text, to: "jobs.ndjson")))
            var bulk = BulkEnqueue(session, printsJSON: false, keepsIDs: true)
            try await bulk.run(&source)
            return bulk
        }
    }

    @Test func `good lines are enqueued, whatever stands between them`() async throws {
        let store = MemoryStore(environment: .system)
        let bulk = try await enqueue(
            """
            {"kind":"a","payload":{"n":1}}
            not json
            {"kind":"a"}
            {"kind":"a","payload":2,"max_atempts":3}
            {"kind":"b","payload":[3],"queue":"other"}
            {"kind":"a","payload":null,"due_at":"2026-01-01T00:00:00"}
            """, into: store)
        #expect(bulk.accepted == 2)
        #expect(bulk.refused == 4)
        let jobs = try await store.jobs(JobQuery()).jobs
        #expect(Set(jobs.map(\.id)) == Set(bulk.ids))
        #expect(jobs.first { $0.kind == "a" }?.queue == "media")
        #expect(jobs.first { $0.kind == "b" }?.queue == "other")
    }

    @Test func `a line whose key is taken stands for the job that has it`() async throws {
        let store = MemoryStore(environment: .system)
        let line = #"{"kind":"a","payload":{},"key":"k"}"#
        let bulk = try await enqueue("\(line)\n\(line)\n", into: store)
        #expect(bulk.accepted == 1)
        #expect(bulk.duplicates == 1)
        #expect(Set(bulk.ids).count == 1)
    }

    @Test(arguments: [
        (#"{"kind":"a""#, "is not JSON"), ("[]", "must be a JSON object"), (#"{"kind":"a","payload":1,"delay":-1}"#, "delay must not be negative"),
        (#"{"kind":"a","payload":1,"quue":"b"}"#, "quue"), (#"{"kind":"a","payload":1,"due_at":"2026-01-01T00:00:00"}"#, "has no zone"),
    ])
    func `what is wrong with a line is said`(text: String, reason: String) {
        let reader = WireJob(environment: .system, defaults: [:])
        let failure = #expect(throws: CommandFailure.self) { try JobLine.job(.init(number: 1, bytes: Array(text.utf8)), reader) }
        #expect(failure?.description.contains(reason) == true)
    }
}
