import MartletCore

/// Reads the members of one JSON object whose fields are known. What is not known is refused, by name: a typing error in an optional field must
/// not change a job silently.
struct FieldReader {
    private let members: [JSON.Member]
    /// Where the object stands, with a dot at its end; empty at the top.
    private let place: String

    /// - Throws: where `json` is no object, or has a field that is not among `allowed`.
    init(_ json: JSON, allowed: [String], at place: String = "") throws(Problem) {
        guard case .object(let members) = json else {
            throw .invalid(place.isEmpty ? "the body" : String(place.dropLast()), "must be a JSON object")
        }
        for member in members where !allowed.contains(member.name) {
            throw .unknownField(member.name, allowed: allowed, in: place)
        }
        self.members = members
        self.place = place
    }

    /// The field's name as problems say it.
    func path(_ name: String) -> String { place + name }

    /// The value, `null` included; `nil` where the field is missing.
    func json(_ name: String) -> JSON? {
        for member in members where member.name == name { return member.value }
        return nil
    }

    /// The value; `nil` where the field is missing or `null`, which mean the same but where a field says otherwise.
    func value(_ name: String) -> JSON? {
        let json = json(name)
        return json == .null ? nil : json
    }

    func missing(_ name: String) -> Problem { .invalid(path(name), "is missing") }

    func string(_ name: String) throws(Problem) -> String? {
        guard let json = value(name) else { return nil }
        guard case .string(let text) = json else { throw .invalid(path(name), "must be a string") }
        return text
    }

    func requiredString(_ name: String) throws(Problem) -> String {
        guard let text = try string(name) else { throw missing(name) }
        return text
    }

    func boolean(_ name: String) throws(Problem) -> Bool? {
        guard let json = value(name) else { return nil }
        guard case .bool(let flag) = json else { throw .invalid(path(name), "must be true or false") }
        return flag
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let json = value(name) else { return nil }
        guard let number = json.integerValue, range.contains(number) else {
            throw .invalid(path(name), "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A number of seconds or an ISO 8601 string; never negative, at most ten years.
    func duration(_ name: String) throws(Problem) -> Duration? {
        guard let json = value(name) else { return nil }
        return try Self.duration(json, path(name))
    }

    static func duration(_ json: JSON, _ field: String) throws(Problem) -> Duration {
        if let seconds = json.doubleValue, seconds < 0 { throw .invalid(field, "must not be negative") }
        if let text = json.stringValue, text.hasPrefix("-") { throw .invalid(field, "must not be negative") }
        if let seconds = json.doubleValue, seconds > Limits.delay.inSeconds { throw .invalid(field, "must not be longer than ten years") }
        guard let duration = Duration(json: json) else {
            throw .invalid(field, "must be a number of seconds, or an ISO 8601 duration such as \"PT1H30M\"")
        }
        guard duration <= Limits.delay else { throw .invalid(field, "must not be longer than ten years") }
        return duration
    }

    /// RFC 3339 with a zone.
    func time(_ name: String) throws(Problem) -> Timestamp? {
        guard let text = try string(name) else { return nil }
        if let time = Timestamp(rfc3339: text) { return time }
        let reason =
            Timestamp(rfc3339: text + "Z") == nil
            ? "must be an RFC 3339 time such as 2026-01-02T03:04:05Z"
            : "has no zone, so nobody can say which instant it means: end it with Z or an offset such as +02:00"
        throw .invalid(path(name), reason)
    }

    func id(_ name: String) throws(Problem) -> JobID? {
        guard let text = try string(name) else { return nil }
        guard let id = JobID(text) else { throw .invalid(path(name), "must be a UUID") }
        return id
    }

    /// An object whose values are strings.
    func texts(_ name: String) throws(Problem) -> [String: String]? {
        guard let json = value(name) else { return nil }
        guard case .object(let members) = json else { throw .invalid(path(name), "must be an object of strings") }
        var texts: [String: String] = [:]
        for member in members {
            guard case .string(let text) = member.value else { throw .invalid(path(name), "must be an object of strings") }
            texts[member.name] = text
        }
        return texts
    }

    /// A string that can name something.
    func name(_ name: String, bytesMax: Int = Limits.nameBytes) throws(Problem) -> String {
        let text = try requiredString(name)
        guard Self.isName(text, bytesMax) else { throw .invalid(path(name), Self.nameRule(bytesMax)) }
        return text
    }

    static func isName(_ text: String, _ bytesMax: Int = Limits.nameBytes) -> Bool {
        (1...bytesMax).contains(text.utf8.count) && !text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
    }

    static func nameRule(_ bytesMax: Int = Limits.nameBytes) -> String { "must be 1 to \(bytesMax) bytes long and hold no control characters" }

    /// An array of strings that can name something.
    func names(_ name: String, atMost limit: Int) throws(Problem) -> [String]? {
        guard let elements = try array(name, atMost: limit) else { return nil }
        var names: [String] = []
        for element in elements {
            guard case .string(let text) = element else { throw .invalid(path(name), "must be an array of strings") }
            guard Self.isName(text) else { throw .invalid("each of \(path(name))", Self.nameRule()) }
            names.append(text)
        }
        return names
    }

    func array(_ name: String, atMost limit: Int) throws(Problem) -> [JSON]? {
        guard let json = value(name) else { return nil }
        guard case .array(let elements) = json else { throw .invalid(path(name), "must be an array") }
        guard elements.count <= limit else { throw .invalid(path(name), "must not hold more than \(limit)") }
        return elements
    }

    /// One of the words that the type knows.
    func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String, _: Word.Type) throws(Problem) -> Word? {
        guard let json = value(name) else { return nil }
        guard let word = json.stringValue.flatMap(Word.init(rawValue:)) else {
            throw .invalid(path(name), "must be one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }
}
