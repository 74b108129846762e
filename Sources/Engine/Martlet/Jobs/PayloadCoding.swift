import Foundation

/// The one place where Swift values become JSON text and back.
enum PayloadCoding {
    static func encode(_ value: some Encodable) throws(JobError) -> Payload {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Payload(trusted: Array(try encoder.encode(value)))
        } catch {
            throw .encoding(type: "\(type(of: value))", reason: Self.reason(error))
        }
    }

    static func decode<T: Decodable>(_ type: T.Type, from payload: Payload) throws(JobError) -> T {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            return try decoder.decode(type, from: Data(payload.utf8))
        } catch {
            throw .decoding(type: "\(type)", reason: Self.reason(error))
        }
    }

    /// Where it went wrong, without the value that was there.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case DecodingError.typeMismatch(let type, let context): "'\(path(context.codingPath))' is no \(type)"
        case DecodingError.valueNotFound(let type, let context): "'\(path(context.codingPath))' is null where a \(type) is needed"
        case DecodingError.dataCorrupted(let context): "'\(path(context.codingPath))' cannot be read"
        default: "\(type(of: error))"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
