import MartletCore
import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends the same request over and over on several connections, each waiting for an answer before the next.
struct HTTPLoad: Sendable {
    struct Target: Sendable {
        let host: String
        let port: Int

        init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        /// Reads `http://host:port`.
        init(_ url: String) throws(CommandFailure) {
            guard url.hasPrefix("http://"), let address = ListenAddress(String(url.dropFirst(7).prefix { $0 != "/" })) else {
                throw CommandFailure(.usage, "--http must be a URL with a port, as in http://127.0.0.1:8080")
            }
            self.init(host: address.host, port: address.port)
        }
    }

    struct Result: Sendable {
        let elapsed: Duration
        let waits: [Duration]
        var rate: Double { Double(waits.count) / elapsed.inSeconds }
    }

    let target: Target
    let path: String
    let contentType: String
    let body: [UInt8]
    /// The API key of a server that asks for one.
    var key: String?
    var method: HTTPMethod = .POST
    let clock: any EngineClock

    var head: HTTPRequestHead {
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: path)
        if let key { head.headers.add(name: "Authorization", value: "Bearer \(key)") }
        head.headers.add(name: "Host", value: "\(target.host):\(target.port)")
        head.headers.add(name: "Content-Type", value: contentType)
        head.headers.add(name: "Content-Length", value: "\(body.count)")
        return head
    }

    /// - Throws: `CommandFailure` where the server cannot be reached, or refuses a request.
    func run(requests: Int, connections: Int) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let start = clock.uptime()
        let results: Swift.Result<[[Duration]], any Error>
        do {
            let waits = try await withThrowingTaskGroup(of: [Duration].self) { tasks in
                for number in 0..<connections {
                    let share = requests / connections + (number < requests % connections ? 1 : 0)
                    if share > 0 { tasks.addTask { try await connect(group, share) } }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            results = .success(waits)
        } catch {
            results = .failure(error)
        }
        let elapsed = clock.uptime() - start
        try await group.shutdownGracefully()
        return Result(elapsed: elapsed, waits: try results.get().flatMap { $0 })
    }

    private func connect(_ group: any EventLoopGroup, _ requests: Int) async throws -> [Duration] {
        let loop = group.next()
        let promise = loop.makePromise(of: [Duration].self)
        do {
            let bootstrap = ClientBootstrap(group: loop).channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(HTTPLoadHandler(self, requests, promise))
                }
            }
            _ = try await bootstrap.connect(host: target.host, port: target.port).get()
        } catch {
            promise.fail(CommandFailure(.failed, "\(target.host):\(target.port) cannot be reached: \(error)"))
        }
        return try await promise.futureResult.get()
    }
}
