import Foundation
import MartletCore
import StoreConformance
import Synchronization

@testable import RedisStore

/// A Redis of a test's own, for what would disturb the others: restarts, full memory, other settings. Its folder goes with it.
final class OwnServer: Sendable {
    private let folder: URL
    private let port: Int
    private let options: [String]
    private let process = Mutex<Foundation.Process?>(nil)

    /// - Parameter options: of `redis-server`, besides those for port and folder.
    init(_ options: [String] = ["--appendonly", "yes"]) throws {
        self.options = options
        port = 20_000 + Int(Environment.system.random.next() % 10_000)
        folder = FileManager.default.temporaryDirectory.appending(path: "martlet-redis-\(Environment.system.makeJobID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    static func with(_ options: [String] = ["--appendonly", "yes"], _ body: (OwnServer) async throws -> Void) async throws {
        let server = try OwnServer(options)
        try server.start()
        defer { server.remove() }
        try await body(server)
    }

    var url: String { "redis://127.0.0.1:\(port)?timeout=30&connect_timeout=30" }

    /// Returns when the server says that it is ready.
    func start() throws {
        let made = Foundation.Process()
        made.executableURL = URL(filePath: "/usr/bin/redis-server")
        made.arguments = ["--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder.path(percentEncoded: false), "--save", ""] + options
        let output = Pipe()
        made.standardOutput = output
        try made.run()
        process.withLock { $0 = made }
        var said = Data()
        while said.firstRange(of: Data("Ready to accept connections".utf8)) == nil {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { throw Violation("redis-server did not start: \(String(decoding: said, as: UTF8.self))") }
            said += more
        }
    }

    /// As a crash would.
    func kill() {
        process.withLock { process in
            guard let running = process else { return }
            Glibc.kill(running.processIdentifier, SIGKILL)
            running.waitUntilExit()
            process = nil
        }
    }

    private func remove() {
        kill()
        do {
            try FileManager.default.removeItem(at: folder)
        } catch {
            // What is left in the system's folder for temporary files, the system removes.
        }
    }

    /// A store on this server.
    func open(_ options: RedisStoreOptions = RedisStoreOptions()) async throws -> RedisStore {
        try await RedisStore(url: url, options: options)
    }
}
