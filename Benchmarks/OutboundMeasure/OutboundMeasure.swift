import AsyncHTTPClient
import Foundation
import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import Outbound
import SQLiteStore

/// What `Outbound` costs, and whether it keeps limits.
///
/// * `outbound-measure latency [calls]`: loopback calls through a bare AsyncHTTPClient and through Outbound, block by block in turn.
/// * `outbound-measure worker STORE URL CALLS`: one of several processes that share a store and a provider's limit; see `Benchmarks/outbound/run`.
@main
struct OutboundMeasure {
    private let environment = Environment.system

    static func main() async throws {
        let arguments = CommandLine.arguments
        switch arguments.dropFirst().first {
        case "latency": try await OutboundMeasure().latency(arguments.count > 2 ? Int(arguments[2]) ?? 20_000 : 20_000)
        case "worker" where arguments.count == 5:
            try await OutboundMeasure().work(store: arguments[2], url: arguments[3], calls: Int(arguments[4]) ?? 0)
        default: write("usage: outbound-measure latency [calls] | worker STORE URL CALLS\n")
        }
    }

    static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    private static let silent = Logger(label: "measure") { _ in SwiftLogNoOpLogHandler() }

    private func destination() -> Destination {
        var destination = Destination("measure", deadlines: .media)
        destination.allowsPlainHTTP = true
        destination.allowedNetworks = [Network("127.0.0.0/8")].compactMap { $0 }
        return destination
    }

    // MARK: Latency

    private func latency(_ calls: Int) async throws {
        let server = try await EchoServer.start()
        let folder = FileManager.default.temporaryDirectory.appending(path: "outbound-measure-\(environment.makeJobID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = try await SQLiteStore(path: folder.appending(path: "measure.db").path, environment: environment)
        let bare = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup)
        var relaxed = destination()
        relaxed.staleness = .seconds(1)
        let memory = client(MemoryStore(environment: environment))
        let durable = client(file)
        var times: [String: [Duration]] = [:]
        let url = "http://127.0.0.1:\(server.port)/"
        for _ in 0..<10 {
            let block = try await time(calls / 10) {
                let response = try await bare.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
                _ = try await response.body.collect(upTo: 1024)
            }
            times["bare", default: []] += block
            for (name, client, destination) in [
                ("memory", memory, self.destination()), ("sqlite", durable, self.destination()), ("sqlite, 1 s stale", durable, relaxed),
            ] {
                let block = try await time(calls / 10) {
                    _ = try await client.reply(to: OutboundRequest(.GET, url, to: destination))
                }
                times[name, default: []] += block
            }
        }
        let base = Self.median(times["bare"] ?? [])
        for (name, all) in times.sorted(by: { $0.key < $1.key }) {
            let median = Self.median(all)
            Self.write(
                "\(name): p50 \(median.microseconds) µs, adds \((median - base).microseconds) µs, ratio \(median.inSeconds / base.inSeconds)\n")
        }
        try await bare.shutdown()
        try await memory.shutdown()
        try await durable.shutdown()
        await file.close()
        try await server.stop()
        try FileManager.default.removeItem(at: folder)
    }

    private func client(_ store: any Store) -> OutboundClient { OutboundClient(store: store, environment: environment, logger: Self.silent) }

    private func time(_ calls: Int, _ call: () async throws -> Void) async throws -> [Duration] {
        var times: [Duration] = []
        for _ in 0..<calls {
            let start = environment.clock.uptime()
            try await call()
            times.append(environment.clock.uptime() - start)
        }
        return times
    }

    private static func median(_ times: [Duration]) -> Duration { times.isEmpty ? .zero : times.sorted()[times.count / 2] }

    // MARK: Limits

    private func work(store path: String, url: String, calls: Int) async throws {
        let store = try await SQLiteStore(path: path, environment: environment)
        let client = client(store)
        let tasks = 8
        let refusals = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<tasks {
                group.addTask { try await send(calls / tasks + (task < calls % tasks ? 1 : 0), url, client) }
            }
            return try await group.reduce(0, +)
        }
        Self.write("sent \(calls), put back \(refusals) times\n")
        try await client.shutdown()
        await store.close()
    }

    /// As a job does: what is refused comes back after the delay that it was told.
    private func send(_ calls: Int, _ url: String, _ client: OutboundClient) async throws -> Int {
        var done = 0
        var refusals = 0
        while done < calls {
            do {
                let reply = try await client.reply(to: OutboundRequest(.POST, url, to: destination(), credential: "account"))
                if reply.status == 200 { done += 1 }
            } catch OutboundError.refused(_, let delay, _) {
                refusals += 1
                try await environment.clock.sleep(for: delay)
            }
        }
        return refusals
    }
}
