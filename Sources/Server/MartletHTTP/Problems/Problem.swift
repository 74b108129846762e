import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore

/// A refusal as RFC 9457 spells it. Says what happened, to what, and what to do; holds no payload.
struct Problem: Error, Sendable, Hashable {
    let type: ProblemType
    let detail: String
    /// Further members for programs: `field`, `allowed`, `offset`, `retry_after` and the like.
    var members: [JSON.Member] = []
    /// Also sent as the `Retry-After` header.
    var retryAfter: Duration?
    /// The methods of the `Allow` header.
    var allow: [String] = []

    init(_ type: ProblemType, _ detail: String, _ members: [JSON.Member] = []) {
        self.type = type
        self.detail = detail
        self.members = members
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", type.rawValue)
        writer.member("title", type.title)
        writer.member("status", type.status)
        writer.member("detail", detail)
        if let retryAfter { writer.member("retry_after", retryAfter) }
        for member in members { writer.member(member) }
        writer.endObject()
    }

    var response: Response {
        var writer = JSONWriter(capacity: 256)
        write(to: &writer)
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if let retryAfter { headers[.retryAfter] = String(Self.wholeSeconds(retryAfter)) }
        // RFC 6750, section 3.
        if type == .unauthenticated { headers[.wwwAuthenticate] = "Bearer realm=\"martlet\"" }
        if !allow.isEmpty { headers[.allow] = allow.joined(separator: ", ") }
        return Response(
            status: HTTPResponse.Status(code: type.status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }

    /// Rounded up: the header knows no fractions, and whoever comes back earlier is refused again.
    private static func wholeSeconds(_ duration: Duration) -> Int64 {
        max(1, (duration.microseconds + 999_999) / 1_000_000)
    }
}
