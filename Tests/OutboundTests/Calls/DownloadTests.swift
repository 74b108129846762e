import MartletCore
import MartletTesting
import NIOCore
import NIOHTTP1
import Testing

@testable import Outbound

@Suite struct DownloadTests {
    @Test("S4-16: 100 downloads from one host make no more connections than may be in use at once", arguments: [1, 5])
    func handshakes(together: Int) async throws {
        let body = String(repeating: "x", count: 200_000)
        try await HostileServer.run({ _ in [.answer(200, [], body)] }) { server in
            try await Outside.real { outside async throws in
                let destination = Outside.destination("media") {
                    $0.concurrency = together
                    $0.concurrencyPerCredential = together
                    $0.patience = .seconds(300)
                }
                try await withThrowingTaskGroup(of: Int.self) { group in
                    let callers = 4 * together
                    for caller in 0..<callers {
                        group.addTask {
                            var bytes = 0
                            for number in 0..<100 / callers {
                                let request = OutboundRequest(.GET, "\(server.url)/\(caller)/\(number)", to: destination)
                                bytes += try await outside.client.call(request) { response in
                                    var count = 0
                                    for try await part in response.body { count += part.readableBytes }
                                    return count
                                }
                            }
                            return bytes
                        }
                    }
                    let bytes = try await group.reduce(0, +)
                    #expect(bytes == 100 * body.utf8.count)
                }
                #expect(server.requests.count == 100)
                #expect(server.connections <= together)
            }
        }
    }
}
