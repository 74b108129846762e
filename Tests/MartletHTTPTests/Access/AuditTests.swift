import Martlet
import MartletCore
import MartletTesting
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(1)))
struct AuditTests {
    @Test func `S2-13: every change that an operator makes is told, with who made it and to what`() async throws {
        try await GuardedServer.run { server async throws in
            let (record, secret) = try await server.keys.create(NewKey(name: "ops", scopes: .everything))
            let key = secret.text
            let job = try await server.job(of: "", key: key)
            for path in ["jobs/\(job)/cancel", "jobs/\(job)/revive", "queues/q/pause", "queues/q/resume"] {
                #expect(try await server.post("/v1/\(path)", key: key).status == 200)
            }
            #expect(try await server.send("PATCH", "/v1/queues/q", #"{"concurrency":2}"#, key: key).status == 200)
            let trigger = #"{"cron":"0 3 * * *","job":{"kind":"a","payload":{"secret":1}}}"#
            #expect(try await server.send("PUT", "/v1/triggers/t", trigger, key: key).status == 201)
            let (reply, cookie) = try await SessionTests.signIn(server, key)
            #expect(reply.status == 303)
            let html = try await server.get("/triggers", headers: ["Cookie": cookie, "Accept": "text/html"]).text
            let token = GuardedServer.formToken(in: html)
            let form = SessionTests.form.merging(["Cookie": cookie]) { $1 }
            for path in ["/triggers/t/pause", "/triggers/t/resume", "/queues/q/policy", "/sign-out"] {
                #expect(try await server.post(path, "form_token=\(token)&retention=60", headers: form).status == 303, "\(path)")
            }
            #expect(try await server.send("DELETE", "/v1/triggers/t", "", key: key).status == 204)
            // What is refused changes nothing, and is not told.
            #expect(try await server.post("/v1/jobs/00000000-0000-7000-8000-000000000000/cancel", key: key).status == 404)
            let events = try await server.server.memory.read(StreamName.audit, after: 0, limit: 100).events.filter { $0.type != AuditChain.sealType }
            #expect(
                events.map { "\($0.type) \($0.data.json["target"]?.stringValue ?? "")" } == [
                    "job.cancel job/\(job)", "job.revive job/\(job)", "queue.pause queue/q", "queue.resume queue/q", "queue.change queue/q",
                    "trigger.put trigger/t", "session.begin key/\(record.id)", "trigger.pause trigger/t", "trigger.resume trigger/t",
                    "queue.change queue/q", "session.end session", "trigger.remove trigger/t",
                ])
            for event in events {
                #expect(event.data.json["principal"]?.stringValue == "ops (\(record.id))")
                #expect(event.data.json["outcome"] == "done")
                #expect(!event.data.text.contains("secret") && !event.data.text.contains(key))
            }
            #expect(try await server.get("/v1/streams/audit", key: key).status == 200)
        }
    }

    @Test func `A change of which the store could not say whether it happened is told as that`() async throws {
        let store = MemoryStore(environment: .system)
        let unknown = StoreError.unavailable(reason: "gone", mayHaveHappened: true)
        await #expect(throws: unknown) {
            try await AuditLog(store: store).record(.cancelJob, "job/1", .local) { throw unknown }
        }
        #expect(try await store.read(StreamName.audit, after: 0, limit: 1).events.first?.data.json["outcome"] == "unknown")
    }

    /// The entries of an audit, sealed as a server does it.
    private func sealed(_ counts: [Int]) async throws -> (store: MemoryStore, events: [Event]) {
        let store = MemoryStore(environment: .system)
        let engine = Engine(store: store, configuration: EngineConfiguration(node: NodeID("a")))
        let sealer = AuditSealer(engine: engine, logger: TestServer.silent)
        var position: AuditSealer.Position?
        for count in counts {
            for number in 0..<count {
                await AuditLog(store: store).record(AuditEntry(.cancelJob, "job/\(number)", by: "ann"))
            }
            position = try await sealer.seal(from: position)
        }
        return (store, try await store.read(StreamName.audit, after: 0, limit: 1000).events)
    }

    /// What the check finds in a store that holds these events.
    private func check(_ events: [Event]) async throws -> AuditCheck { try await AuditCheck.run(ScriptedStream(events)) }

    @Test func `The chain holds whoever seals it, and shows what was changed before a seal`() async throws {
        let (store, events) = try await sealed([3, 0, 2, 1])
        #expect(events.count(where: { $0.type == AuditChain.sealType }) == 3)
        let good = try await AuditCheck.run(store)
        #expect(good.broken == nil && good.entries == 6 && good.sealedThrough == 8)
        for index in events.indices.dropLast() {
            var changed = events
            changed[index].data = Payload(["principal": "eve", "target": "job/9", "outcome": "done"])
            #expect(try await check(changed).broken != nil, "entry \(index + 1) was changed")
            changed = events
            changed[index].at = changed[index].at + .microseconds(1)
            #expect(try await check(changed).broken != nil, "the time of entry \(index + 1) was changed")
            changed = events
            changed.remove(at: index)
            #expect(try await check(changed).broken != nil, "entry \(index + 1) was removed")
            for later in changed.indices.dropFirst(index) { changed[later].sequence -= 1 }
            #expect(try await check(changed).broken != nil, "entry \(index + 1) was removed and the rest renumbered")
        }
        // White space and the order of members are the store's own business.
        var reordered = events
        reordered[0].data = try Payload(json: #"{ "target":"job/0", "outcome":"done","principal" : "ann"}"#.utf8)
        #expect(try await check(reordered).broken == nil)
    }

    @Test func `Many servers that append and seal at once make one chain`() async throws {
        let store = MemoryStore(environment: .system)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in 0..<5 {
                group.addTask {
                    let engine = Engine(store: store, configuration: EngineConfiguration(node: NodeID("node-\(node)")))
                    let sealer = AuditSealer(engine: engine, logger: TestServer.silent)
                    var position: AuditSealer.Position?
                    for number in 0..<40 {
                        await AuditLog(store: store).record(AuditEntry(.reviveJob, "job/\(number)", by: "node-\(node)"))
                        position = try await sealer.seal(from: position)
                    }
                }
            }
            try await group.waitForAll()
        }
        let check = try await AuditCheck.run(store)
        #expect(check.broken == nil && check.entries == 200 && check.sealedThrough > 0)
    }

    @Test func `A server that starts goes on behind the last seal`() async throws {
        let (store, _) = try await sealed([3])
        let engine = Engine(store: store, configuration: EngineConfiguration(node: NodeID("a")))
        await AuditLog(store: store).record(AuditEntry(.cancelJob, "job/4", by: "ann"))
        let position = try await AuditSealer(engine: engine, logger: TestServer.silent).seal(from: nil)
        #expect(position.chain.sequence == 5)
        #expect(try await AuditCheck.run(store).sealedThrough == 5)
    }

    @Test func `A running server seals what comes, from whatever process`() async throws {
        try await GuardedServer.run { server async throws in
            await AuditLog(store: server.server.memory).record(AuditEntry(.createKey, "key/x", by: "command line"))
            while try await server.server.memory.read(StreamName.audit, after: 0, limit: 10).events.last?.type != AuditChain.sealType {
                await Task.yield()
            }
            #expect(try await AuditCheck.run(server.server.memory).sealedThrough == 1)
        }
    }

    /// The algorithm as openapi.yaml has it, worked out by other means: printf and sha256sum.
    @Test func `The hash is the one that the description defines`() {
        var chain = AuditChain()
        let event = Event(
            stream: "audit", sequence: 1, at: Timestamp(microseconds: 1_700_000_000_123_456), type: "job.cancel",
            data: Payload(["target": "job/1", "outcome": "done", "principal": "ann"]))
        #expect(
            AuditChain.canonical(event)
                == Array("1\n2023-11-14T22:13:20.123456Z\njob.cancel\n{\"outcome\":\"done\",\"principal\":\"ann\",\"target\":\"job/1\"}\n".utf8))
        let isNext = chain.add(event)
        #expect(isNext)
        #expect(AuditChain.text(chain.hash) == "8b2979f8edbc5030444ba40c402c36fcf6d1b532ffd01fb291d05b371852b4f8")
    }
}
