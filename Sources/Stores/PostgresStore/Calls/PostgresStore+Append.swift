import Database
import MartletCore

extension PostgresStore {
    func appendTogether(_ events: [NewEvent]) async throws(StoreError) -> [Appended] {
        var answers = events.map { $0.fault.map(Appended.refused) }
        let sound = events.indices.filter { answers[$0] == nil }
        if !sound.isEmpty {
            let rows = try await appendAll(sound.map { events[$0] })
            for row in rows {
                guard let position = row.ord, sound.indices.contains(position) else { throw .unknownRow }
                let index = sound[position]
                switch (row.status, row.number, events[index].lease) {
                case ("a", let number?, _): answers[index] = .at(sequence: number)
                case ("l", _, let lease?): answers[index] = .refused(.leaseLost(lease))
                default: throw .unknownRow
                }
            }
        }
        return answers.compactMap { $0 }
    }

    private func appendAll(_ events: [NewEvent]) async throws(StoreError) -> [CallAnswer] {
        while true {
            let known = topics.known
            var coding = EventCoding(known)
            let encoded = events.map { coding.encode($0) }
            let leases = Set(events.compactMap { $0.lease?.job })
            let random = random.take(coding.fires)
            let rows = try await answers(
                """
                append(\(JSON.array(encoded).description)::json, \(array: coding.streams.sorted()), \(array: coding.triggers.sorted()), \
                \(array: leases.sorted()), \(array: random), \(known.version), \(time.argument))
                """)
            guard let last = rows.last else { throw .unknownRow }
            self.random.giveBack(random[(last.number ?? 0)...])
            if last.status != "s" { return rows.dropLast() }
            try await learnTopics()
        }
    }
}
