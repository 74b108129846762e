import Database
import MartletCore

extension PostgresStore {
    func settleTogether(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult] {
        while true {
            let known = topics.known
            let coding = SettlementCoding(settlements, known)
            let random = random.take(coding.events.fires)
            let rows = try await answers(function(coding, random, known.version))
            guard let last = rows.last else { throw .unknownRow }
            self.random.giveBack(random[(last.number ?? 0)...])
            if last.status == "s" {
                try await learnTopics()
                continue
            }
            if let now = last.now { made(settlements.lazy.flatMap(\.children), at: now) }
            var results = [SettleResult?](repeating: nil, count: settlements.count)
            for (ord, _, _) in coding.plain { results[ord] = .settled(.finished, .succeeded) }
            for row in rows.dropLast() {
                guard let ord = row.ord, settlements.indices.contains(ord) else { throw .unknownRow }
                results[ord] = try row.settled(settlements[ord])
            }
            return results.compactMap { $0 }
        }
    }

    private func function(_ coding: SettlementCoding, _ random: [String], _ version: Int) -> SQL {
        """
        settle(\(array: coding.plain.map(\.lease.job)), \(array: coding.plain.map(\.lease.epoch)), \(array: coding.plain.map(\.result)), \
        \(array: coding.plain.map(\.ord)), \(JSON.array(coding.rest.map(\.document)).description)::json, \(array: coding.rest.map(\.ord)), \
        \(array: coding.rest.map(\.job)), \(array: coding.streams), \(array: coding.events.triggers.sorted()), \
        \(array: coding.parents.map(\.job)), \(array: coding.parents.map(\.group)), \(array: random), \(version), \(time.argument))
        """
    }
}

extension CallAnswer {
    fileprivate func settled(_ settlement: Settlement) throws(StoreError) -> SettleResult {
        switch status {
        case "+", "=":
            guard let phase else { throw .unknownRow }
            return status == "+" ? .settled(phase, outcome) : .alreadySettled(phase, outcome)
        case "l": return .refused(.leaseLost(settlement.lease))
        case "f": return .refused(settlement.fault ?? .unknownRow)
        case "i":
            guard let id = word.flatMap({ JobID($0) }) else { throw .unknownRow }
            return .refused(.idTaken(id))
        case "k":
            guard let word, let other else { throw .unknownRow }
            return .refused(.keyTaken(key: String(stored: word), by: other))
        default: throw .unknownRow
        }
    }
}
