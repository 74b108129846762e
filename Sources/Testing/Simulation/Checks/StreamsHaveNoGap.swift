import MartletCore

struct StreamsHaveNoGap: InvariantCheck {
    static let invariant = Invariant.streamsHaveNoGap
    private var seen: [String: [Event]] = [:]
    private var assigned: [String: Int] = [:]

    mutating func observe(_ observation: Observation) -> String? {
        switch observation {
        case .tailed(let reader, let event):
            let last = seen[reader]?.last?.sequence ?? 0
            guard event.sequence == last + 1 else { return "\(reader) of '\(event.stream)' got \(event.sequence) after \(last)" }
            seen[reader, default: []].append(event)
        case .appended(let events, let answers):
            for (event, answer) in zip(events, answers) {
                guard case .at(let sequence) = answer else { continue }
                let last = assigned[event.stream, default: 0]
                guard sequence > last else { return "'\(event.stream)' gave out \(sequence) after \(last)" }
                assigned[event.stream] = sequence
            }
        default: break
        }
        return nil
    }

    mutating func conclude(_ ending: Ending) -> String? {
        for (stream, events) in ending.streams.sorted(by: { $0.key < $1.key }) {
            for (index, event) in events.enumerated() where event.sequence != index + 1 {
                return "'\(stream)' holds \(event.sequence) at place \(index + 1)"
            }
        }
        for (reader, events) in seen.sorted(by: { $0.key < $1.key }) {
            guard let stream = events.first?.stream else { continue }
            guard ending.streams[stream] == events else { return "\(reader) of '\(stream)' did not get what is there" }
        }
        return nil
    }
}
