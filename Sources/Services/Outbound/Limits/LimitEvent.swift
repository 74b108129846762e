import MartletCore

/// What processes tell each other about a scope, in its stream. The sequence number of a `window` or `blocked` event is its name for ever.
enum LimitEvent: Sendable, Hashable {
    /// From now on calls are counted: so many until the window ends.
    case window(name: String, capacity: Int, lasts: Duration)
    /// Calls need not be counted any more.
    case relaxed(name: String, sequence: Int)
    /// Nothing may be sent until it is over.
    case blocked(lasts: Duration)
    /// A call has come through after the block.
    case cleared(sequence: Int)

    func event(in stream: String) -> NewEvent {
        let (type, data): (String, JSON) =
            switch self {
            case .window(let name, let capacity, let span):
                ("window", ["name": .string(name), "capacity": .integer(capacity), "microseconds": .integer(span.microseconds)])
            case .relaxed(let name, let sequence): ("relaxed", ["name": .string(name), "sequence": .integer(sequence)])
            case .blocked(let span): ("blocked", ["microseconds": .integer(span.microseconds)])
            case .cleared(let sequence): ("cleared", ["sequence": .integer(sequence)])
            }
        return NewEvent(stream: stream, type: type, data: Payload(data))
    }

    /// `nil` for what a newer build may have written.
    init?(_ event: Event) {
        let data = event.data.json
        let name = data["name"]?.stringValue
        let span = data["microseconds"]?.integerValue.map { Duration.microseconds(Int64($0)) }
        switch event.type {
        case "window":
            guard let name, let capacity = data["capacity"]?.integerValue, let span else { return nil }
            self = .window(name: name, capacity: capacity, lasts: span)
        case "relaxed":
            guard let name, let sequence = data["sequence"]?.integerValue else { return nil }
            self = .relaxed(name: name, sequence: sequence)
        case "blocked":
            guard let span else { return nil }
            self = .blocked(lasts: span)
        case "cleared":
            guard let sequence = data["sequence"]?.integerValue else { return nil }
            self = .cleared(sequence: sequence)
        default: return nil
        }
    }
}
