/// Which events of a stream a topic trigger takes. Everything that is set must match.
public struct EventFilter: Sendable, Hashable {
    /// The event's type.
    public var type: String?
    /// Members of the event's data, by path (`repository.name`), and the JSON value each must equal.
    public var fields: [String: JSON]

    public init(type: String? = nil, fields: [String: JSON] = [:]) {
        self.type = type
        self.fields = fields
    }

    public func matches(type: String, data: Payload) -> Bool {
        if let wanted = self.type, wanted != type { return false }
        if fields.isEmpty { return true }
        let json = data.json
        return fields.allSatisfy { path, wanted in
            path.split(separator: ".").reduce(Optional(json)) { value, name in value?[String(name)] } == wanted
        }
    }
}
