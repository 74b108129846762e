import MartletCore

extension Problem {
    static func unknownField(_ name: String, allowed: [String], in place: String = "") -> Problem {
        Problem(
            .unknownField, "'\(place)\(shortened(name))' is no field here; allowed are \(allowed.joined(separator: ", "))",
            [.init("field", .string(place + shortened(name))), .init("allowed", .array(allowed.map(JSON.string)))])
    }

    static func unknownParameter(_ name: String, allowed: [String]) -> Problem {
        let list = allowed.isEmpty ? "there are none" : "allowed are \(allowed.joined(separator: ", "))"
        return Problem(
            .unknownField, "'\(shortened(name))' is no query parameter here; \(list)",
            [.init("field", .string(shortened(name))), .init("allowed", .array(allowed.map(JSON.string)))])
    }

    /// - Parameter reason: goes on from the field's name: "must not be negative".
    static func invalid(_ field: String, _ reason: String) -> Problem {
        Problem(.invalidField, "\(field) \(reason)", [.init("field", .string(field))])
    }

    static func malformed(_ error: JSONError) -> Problem {
        Problem(.malformedJSON, "the body is not JSON: \(error)", [.init("offset", .integer(error.offset))])
    }

    static func tooLarge(_ what: String, bytesMax: Int) -> Problem {
        Problem(
            .payloadTooLarge, "\(what) is larger than the \(bytesMax) bytes allowed: keep large data elsewhere and send a reference to it",
            [.init("field", .string(what)), .init("bytes_max", .integer(bytesMax))])
    }

    static func notFound(_ what: String) -> Problem {
        Problem(.notFound, "\(what) does not exist")
    }

    /// Names come from outside: a name of a megabyte is not repeated whole.
    private static func shortened(_ name: String) -> String { Limits.cut(name, to: 64) }
}
