import MartletCore

/// What a client of `/v1/live` asks for.
enum LiveCommand: Equatable {
    /// - Parameter after: the last sequence number that the client has; 0 is the whole stream.
    case subscribe(String, after: Int)
    case unsubscribe(String)

    private enum Operation: String, CaseIterable { case subscribe, unsubscribe }

    /// - Throws: `malformedJSON`, `unknownField`, `invalidField`.
    init(_ message: [UInt8]) throws(Problem) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: message)
        } catch {
            throw Problem(.malformedJSON, "the message is not JSON: \(error)")
        }
        let fields = try FieldReader(json, allowed: ["op", "stream", "after"], at: "message.")
        guard let operation = try fields.word("op", Operation.self) else { throw fields.missing("op") }
        let stream = try fields.name("stream")
        let after = try fields.integer("after", in: 0...Int.max)
        switch operation {
        case .subscribe: self = .subscribe(stream, after: after ?? 0)
        case .unsubscribe: self = .unsubscribe(stream)
        }
    }
}
