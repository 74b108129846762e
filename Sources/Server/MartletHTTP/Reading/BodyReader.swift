import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore

/// Reads bodies, never beyond their bound.
enum BodyReader {
    /// The media type, without its parameters and in lower case; `nil` where the request names none.
    static func mediaType(_ request: Request) -> String? {
        guard let header = request.headers[.contentType] else { return nil }
        if header == "application/json" { return header }
        return header.prefix { $0 != ";" }.trimmingSpaces.lowercased()
    }

    /// One JSON value. A missing content type is taken for JSON.
    static func json(_ request: Request, bytesMax: Int) async throws -> JSON {
        try requireJSON(request)
        return try parse(try await bytes(request, bytesMax: bytesMax))
    }

    /// For routes whose body may be missing: `nil` where it is empty.
    static func optionalJSON(_ request: Request, bytesMax: Int) async throws -> JSON? {
        let body = try await bytes(request, bytesMax: bytesMax)
        guard body.readableBytes > 0 else { return nil }
        try requireJSON(request)
        return try parse(body)
    }

    static func parse(_ buffer: ByteBuffer) throws(Problem) -> JSON {
        do throws(JSONError) {
            return try JSON(parsing: buffer.readableBytesView)
        } catch {
            throw .malformed(error)
        }
    }

    static func requireJSON(_ request: Request) throws(Problem) {
        guard let type = mediaType(request), type != "application/json", !type.hasSuffix("+json") else { return }
        throw Problem(.unsupportedMediaType, "send the body as application/json", [.init("allowed", ["application/json"])])
    }

    static func bytes(_ request: Request, bytesMax: Int) async throws -> ByteBuffer {
        try checkLength(request, bytesMax: bytesMax)
        do {
            return try await request.body.collect(upTo: bytesMax)
        } catch is NIOTooManyBytesError {
            throw Problem.tooLarge("the body", bytesMax: bytesMax)
        }
    }

    /// Refuses what says that it will be too large, before any of it is read.
    static func checkLength(_ request: Request, bytesMax: Int) throws(Problem) {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > bytesMax {
            throw .tooLarge("the body", bytesMax: bytesMax)
        }
    }
}

extension StringProtocol {
    fileprivate var trimmingSpaces: SubSequence {
        let start = firstIndex { $0 != " " && $0 != "\t" } ?? endIndex
        let end = lastIndex { $0 != " " && $0 != "\t" }.map { index(after: $0) } ?? endIndex
        return self[start..<Swift.max(start, end)]
    }
}
