/// The text format of Prometheus, version 0.0.4.
struct PrometheusText {
    private(set) var text = ""

    /// The first line of a metric.
    mutating func head(_ name: String, _ type: String) {
        text += "# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ labels: [MetricLabel], _ value: Double) {
        text += name
        if !labels.isEmpty {
            text += "{"
            text += labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
            text += "}"
        }
        text += " \(Self.number(value))\n"
    }

    mutating func gauge(_ name: String, _ samples: [(labels: [MetricLabel], value: Double)]) {
        if samples.isEmpty { return }
        head(name, "gauge")
        for sample in samples { self.sample(name, sample.labels, sample.value) }
    }

    static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return text }
        return text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// A name as Prometheus allows it: letters, digits, `_` and `:`, no digit first.
    static func name(_ text: String) -> String {
        let name = String(text.unicodeScalars.map { $0.isPrometheusLetter ? Character($0) : "_" })
        guard let first = name.utf8.first, first < 48 || first > 57 else { return "_" + name }
        return name
    }
}

extension Unicode.Scalar {
    fileprivate var isPrometheusLetter: Bool {
        switch self {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ":": true
        default: false
        }
    }
}
