import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// - Parameter capacity: how many bytes are expected.
    static func json(
        _ status: HTTPResponse.Status = .ok, capacity: Int = 1024, headers: HTTPFields = [:], _ write: (inout JSONWriter) -> Void
    ) -> Response {
        var writer = JSONWriter(capacity: capacity)
        write(&writer)
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }
}
