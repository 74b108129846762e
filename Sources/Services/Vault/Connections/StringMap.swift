import Database
import MartletCore

/// Names with values, as the columns of JSON hold them, and words as a column of text does.
enum StringMap {
    static func write(_ values: [String: String]) -> SQLJSON {
        SQLJSON(json(values).description)
    }

    static func json(_ values: [String: String]) -> JSON {
        .object(values.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
    }

    static func read(_ column: SQLJSON) throws -> [String: String] {
        try read(try JSON(parsing: column.text))
    }

    static func read(_ json: JSON?) throws(DatabaseFailure) -> [String: String] {
        guard case .object(let members)? = json else { throw unknown }
        var values: [String: String] = [:]
        for member in members {
            guard let text = member.value.stringValue else { throw unknown }
            values[member.name] = text
        }
        return values
    }

    static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    private static let unknown = DatabaseFailure(.corrupt, reason: "a column of names and values holds something else: run a newer build")
}
