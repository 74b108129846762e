/// Names and values as an address or a form has them (WHATWG URL, section 5.1). Where a name comes twice, the first counts.
struct FormFields: Sendable {
    private let values: [String: String]

    /// Those that are not percent-encoded UTF-8 are left out.
    init(_ text: some StringProtocol) {
        var values: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true), values[name] == nil,
                let value = PercentEncoding.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { continue }
            values[name] = value
        }
        self.values = values
    }

    subscript(name: String) -> String? { values[name] }
}
