import Hummingbird
import MartletCore

/// Reads a request's query. A parameter that is not known is refused: a filter with a typing error must not match everything.
struct QueryReader {
    private let pairs: [(name: String, value: String)]

    /// - Throws: where a parameter is not among `allowed`, or is not valid percent-encoding.
    init(_ request: Request, allowed: [String]) throws(Problem) {
        var pairs: [(name: String, value: String)] = []
        for part in (request.uri.query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(pair[0], plusIsSpace: true), pair.count < 2 || PercentEncoding.decode(pair[1]) != nil else {
                throw Problem(.invalidField, "the query is not valid percent-encoding of UTF-8", [.init("field", .string("query"))])
            }
            guard allowed.contains(name) else { throw .unknownParameter(name, allowed: allowed) }
            pairs.append((name, pair.count < 2 ? "" : PercentEncoding.decode(pair[1], plusIsSpace: true) ?? ""))
        }
        self.pairs = pairs
    }

    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// The value; a parameter that may stand once and stands twice is refused rather than half obeyed.
    func text(_ name: String) throws(Problem) -> String? {
        let values = all(name)
        guard values.count < 2 else { throw .invalid(name, "stands twice in the query") }
        return values.first
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = try text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .invalid(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A positive number, cut to `limit`.
    func count(_ name: String, cappedAt limit: Int) throws(Problem) -> Int? {
        guard let text = try text(name) else { return nil }
        guard let number = Int(text), number >= 1 else { throw .invalid(name, "must be a whole number above zero") }
        return min(number, limit)
    }

    func time(_ name: String) throws(Problem) -> Timestamp? {
        guard let text = try text(name) else { return nil }
        guard let time = Timestamp(rfc3339: text) else { throw .invalid(name, "must be a time such as 2026-01-31T12:00:00Z (RFC 3339)") }
        return time
    }

    func id(_ name: String) throws(Problem) -> JobID? {
        guard let text = try text(name) else { return nil }
        guard let id = JobID(text) else { throw .invalid(name, "must be a UUID") }
        return id
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String, _: Word.Type) throws(Problem) -> Word? {
        guard let text = try text(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            throw .invalid(name, "must be one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }
}
