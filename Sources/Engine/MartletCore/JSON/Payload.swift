/// One JSON value as text, opaque to the engine: a job's payload, a step's result, an event's data.
public struct Payload: Sendable, Hashable {
    /// Valid JSON in UTF-8, without white space around it.
    public let utf8: [UInt8]

    /// Checks that the bytes are one JSON value and drops white space between its parts.
    public init(json bytes: some Sequence<UInt8>) throws(JSONError) {
        utf8 = try JSON(parsing: bytes).utf8
    }

    public init(_ json: JSON) {
        utf8 = json.utf8
    }

    /// Takes bytes that are known to be one JSON value: what a store kept, or what an encoder has just written.
    public init(trusted utf8: [UInt8]) {
        self.utf8 = utf8
    }

    public static let null = Payload(trusted: Array("null".utf8))
    public static let emptyObject = Payload(trusted: Array("{}".utf8))

    /// The value, parsed anew at each call.
    public var json: JSON {
        do throws(JSONError) {
            return try JSON(parsing: utf8)
        } catch {
            // Only `init(trusted:)` can have let this in, so a writer broke its word: said in place of the value, never hidden.
            return .object([.init("unreadable", .string(error.description))])
        }
    }
}

extension Payload: CustomStringConvertible {
    /// The JSON text. Not for logs.
    public var text: String { String(decoding: utf8, as: UTF8.self) }

    /// The size alone, so that a payload never lands in a log by interpolation.
    public var description: String { "\(utf8.count) bytes of JSON" }
}
