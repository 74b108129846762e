import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

extension Request {
    static func get(_ path: String, accept: String?) -> Request {
        var head = HTTPRequest(method: .get, scheme: "http", authority: Site.authority, path: path)
        head.headerFields[.accept] = accept
        return Request(head: head, body: RequestBody(buffer: ByteBuffer()))
    }
}
