import Foundation
import Logging
import MartletCore
import MartletHTTP
import Records
import Testing

@Suite(.timeLimit(.minutes(2)))
struct PagingTests {
    /// A list of the description: where it is, what it is called in the answer, and the bounds that are stated for it.
    private struct Listing: Equatable {
        let path: String
        let rows: String
        let usual: Int
        let most: Int

        var request: String { path.replacingOccurrences(of: "{name}", with: "s") }
    }

    /// Every operation that lists, read from the description as plain lines.
    private func described() throws -> (withLimit: [Listing], lists: Set<String>) {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../openapi.yaml")
        var (found, lists, path): ([Listing], Set<String>, String) = ([], [], "")
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("  /"), line.hasSuffix(":") { path = String(line.dropFirst(2).dropLast()) }
            if line.hasPrefix("      operationId: list") { lists.insert(path) }
            guard line.contains("name: limit, in: query") else { continue }
            let numbers = line.split { !$0.isNumber }.compactMap { Int($0) }
            // minimum, default, "More than N is N".
            try #require(numbers.count == 4 && numbers[0] == 1 && numbers[2] == numbers[3], "\(line)")
            let rows = path.hasSuffix("{name}") ? "events" : path == "/v1/logs" ? "records" : String(path.dropFirst("/v1/".count))
            found.append(Listing(path: path, rows: rows, usual: numbers[1], most: numbers[2]))
        }
        return (found, lists)
    }

    private func count(_ listing: Listing, _ query: String, _ server: TestServer) async throws -> Int? {
        guard case .array(let rows)? = try await server.get(listing.request + query).json[listing.rows] else { return nil }
        return rows.count
    }

    @Test func `S0-22: every list of the description has pages, and keeps to the bounds that it states`() async throws {
        let (listings, lists) = try described()
        #expect(lists.isSuperset(of: ["/v1/jobs", "/v1/queues", "/v1/triggers"]))
        #expect(lists.subtracting(listings.map(\.path)) == [], "a list without a limit")
        #expect(Set(listings.map(\.path)).isSuperset(of: ["/v1/jobs", "/v1/queues", "/v1/triggers", "/v1/streams/{name}", "/v1/logs"]))
        let ring = LogRing()
        let logger = Logger(label: "test") { LogSinkHandler(label: $0, sink: ring, logLevel: .trace) }
        for number in 0..<1010 { logger.info("\(number)") }
        try await TestServer.run(logs: ring) { server async throws in
            try await fill(server)
            for listing in listings {
                for wrong in ["0", "-1", "-1000000000", "x", "", "1e3", "1.5", "99999999999999999999", "%20", "1&limit=2"] {
                    let reply = try await server.get("\(listing.request)?limit=\(wrong)")
                    let field = try reply.json["field"]
                    #expect(reply.status == 400 && field == "limit", "\(listing.path) \(wrong)")
                }
                #expect(try await count(listing, "", server) == listing.usual, "\(listing.path)")
                for asked in [1, 2, 100, 101, 1000, 1001, 1_000_000_000, Int.max] {
                    #expect(try await count(listing, "?limit=\(asked)", server) == min(asked, listing.most), "\(listing.path) \(asked)")
                }
            }
        }
    }

    /// More of everything than any page holds.
    private func fill(_ server: TestServer) async throws {
        let template = JobTemplate(kind: "a", payload: Payload(1))
        for number in 0..<105 {
            _ = try await server.memory.set("q\(number)", .paused(true))
            _ = try await server.memory.put(Trigger(.every(.seconds(3600), offset: .zero), job: template), named: "t\(number)")
        }
        _ = try await server.memory.enqueue((0..<105).map { _ in newJob() })
        for _ in 0..<11 { _ = try await server.memory.append((0..<100).map { _ in NewEvent(stream: "s", type: "n", data: Payload(1)) }) }
    }

    private func newJob() -> NewJob { NewJob(id: MartletCore.Environment.system.makeJobID(), kind: "a", payload: Payload(1)) }

    @Test func `S0-23: paging shows every job that was there once, whatever is written meanwhile`() async throws {
        try await TestServer.run { server async throws in
            let old = (0..<300).map { _ in newJob() }
            _ = try await server.memory.enqueue(old)
            var seen: [String] = []
            var cursor: String?
            repeat {
                let page = try await server.get("/v1/jobs?limit=20" + (cursor.map { "&cursor=\($0)" } ?? "")).json
                guard case .array(let jobs)? = page["jobs"] else { break }
                seen += jobs.compactMap { $0["id"]?.stringValue }
                cursor = page["next_cursor"]?.stringValue
                // New ones in front of the list, and one that has been shown changes its place in every index there is.
                _ = try await server.memory.enqueue((0..<30).map { _ in newJob() })
                if let shown = seen.last { _ = try await server.post("/v1/jobs/\(shown)/cancel") }
            } while cursor != nil
            #expect(seen.count == Set(seen).count)
            #expect(seen == old.map(\.id.description).sorted().reversed())
        }
    }

    @Test(arguments: ["queues", "triggers"])
    func `S0-23: paging by name shows what stays once, whatever comes and goes meanwhile`(list: String) async throws {
        try await TestServer.run { server async throws in
            @Sendable func put(_ name: String) async throws {
                if list == "queues" {
                    _ = try await server.memory.set(name, .paused(true))
                } else {
                    let template = JobTemplate(kind: "a", payload: Payload(1))
                    _ = try await server.memory.put(Trigger(.every(.seconds(3600), offset: .zero), job: template), named: name)
                }
            }
            let stays = (100..<160).map { "m\($0)" }
            for name in stays { try await put(name) }
            var (seen, cursor, round): ([String], String?, Int) = ([], nil, 0)
            repeat {
                let page = try await server.get("/v1/\(list)?limit=7" + (cursor.map { "&cursor=\($0)" } ?? "")).json
                guard case .array(let rows)? = page[list] else { break }
                seen += rows.compactMap { $0["name"]?.stringValue }
                cursor = page["next_cursor"]?.stringValue
                round += 1
                for name in ["a\(round)", "m130-\(round)", "z\(round)"] { try await put(name) }
            } while cursor != nil && round < 200
            #expect(seen.count == Set(seen).count)
            #expect(seen.filter { stays.contains($0) } == stays)
        }
    }

    @Test func `S0-23: a stream that grows while it is read is read without a gap and without a repetition`() async throws {
        try await TestServer.run { server async throws in
            func append(_ count: Int) async throws {
                _ = try await server.memory.append((0..<count).map { _ in NewEvent(stream: "s", type: "n", data: Payload(1)) })
            }
            try await append(200)
            var seen: [Int] = []
            while seen.count < 500 {
                guard case .array(let events)? = try await server.get("/v1/streams/s?limit=30&after=\(seen.last ?? 0)").json["events"] else { break }
                if events.isEmpty { break }
                seen += events.compactMap { $0["seq"]?.integerValue }
                try await append(20)
            }
            #expect(seen == Array(1...seen.count) && seen.count >= 500)
        }
    }
}
