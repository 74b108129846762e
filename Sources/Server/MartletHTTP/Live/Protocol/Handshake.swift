import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// The opening handshake of a WebSocket over HTTP/1.1 (RFC 6455, section 4.2). No extension and no subprotocol is taken up.
struct Handshake {
    static let version = "13"

    private let accept: String

    /// - Throws: `upgradeRequired` for a request that asks for no WebSocket, or another version; `invalidField` for a key that is none.
    init(_ head: HTTPRequest) throws(Problem) {
        guard head.method == .get, Self.names("websocket", head.headerFields[.upgrade]), Self.names("upgrade", head.headerFields[.connection]) else {
            throw Problem(.upgradeRequired, "this path speaks WebSocket: ask for it with Upgrade: websocket and Connection: Upgrade")
        }
        guard head.headerFields[.secWebSocketVersion] == Self.version else {
            throw Problem(.upgradeRequired, "Sec-WebSocket-Version must be \(Self.version)")
        }
        guard let key = head.headerFields[.secWebSocketKey], Data(base64Encoded: key)?.count == 16 else {
            throw .invalid("Sec-WebSocket-Key", "must be 16 bytes in base64")
        }
        accept = Data(Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))).base64EncodedString()
    }

    var response: Response {
        var response = Response(
            status: .switchingProtocols, headers: [.upgrade: "websocket", .connection: "Upgrade", .secWebSocketAccept: accept])
        response.headers[.contentLength] = nil
        return response
    }

    /// Whether a list in a header has this word.
    private static func names(_ word: String, _ header: String?) -> Bool {
        header?.split(separator: ",").contains { $0.split(separator: " ").joined().lowercased() == word } ?? false
    }
}
