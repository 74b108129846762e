import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import Outbound

@Suite struct RedactionTests {
    @Test(arguments: [200, 302, 404, 429, 503]) func `no log line and no error holds what was sent or answered`(status: Int) async throws {
        let lines = LogLines()
        let logger = Logger(label: "test") { _ in lines }
        try await HostileServer.run({ _ in [.answer(status, [("Location", "http://10.0.0.1/hush"), ("X-Hush", "hush")], "hush")] }) { server in
            try await Outside.still(logger: logger) { outside async throws in
                let destination = Outside.destination { $0.retry = .none }
                let request = OutboundRequest(
                    .POST, server.url + "/hush?token=hush", to: destination, credential: "account", headers: ["Authorization": "hush"],
                    body: .bytes(ByteBuffer(string: "hush")), idempotencyKey: "hush")
                let error = await failure {
                    try await outside.client.call(request) { response in
                        try response.requireSuccess()
                    }
                }
                if let error {
                    #expect(!"\(error)".contains("hush"))
                    #expect(!error.failure.message.contains("hush"))
                }
                #expect((error == nil) == (status == 200))
            }
        }
        #expect(!lines.all.isEmpty)
        for line in lines.all { #expect(!line.contains("hush")) }
    }

    @Test func `no error that the transport makes holds the URL`() async throws {
        try await HostileServer.run({ _ in [.write("HTTP/1.1 200 OK\r\nhush hush\r\n\r\n"), .close] }) { server in
            try await Outside.real { outside async throws in
                let request = OutboundRequest(.GET, server.url + "/hush?token=hush", to: Outside.destination { $0.retry = .none })
                let error = try #require(await failure { try await outside.client.reply(to: request) })
                #expect(!"\(error)".contains("hush"))
            }
        }
    }
}

private final class LogLines: LogHandler {
    private let lines = Mutex([String]())

    var all: [String] { lines.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
