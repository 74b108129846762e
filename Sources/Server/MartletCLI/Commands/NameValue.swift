import ArgumentParser

/// `name=value` on the command line.
struct NameValue: ExpressibleByArgument, Sendable {
    let name: String
    let value: String

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign > argument.startIndex else { return nil }
        name = String(argument[..<sign])
        value = String(argument[argument.index(after: sign)...])
    }
}

extension [NameValue] {
    /// The last one of a name counts.
    var dictionary: [String: String] { Dictionary(map { ($0.name, $0.value) }) { _, last in last } }
}
