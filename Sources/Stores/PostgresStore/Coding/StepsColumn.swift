import MartletCore

/// The steps of a job in one column: a JSON array of name, state, time in microseconds, and result as text.
enum StepsColumn {
    static func read(_ text: String) throws(StoreError) -> [Step] {
        guard case .array(let elements) = Payload(trusted: Array(text.utf8)).json else { throw .unknownRow }
        return try elements.map { element throws(StoreError) in
            guard case .array(let parts) = element, parts.count == 4, let name = parts[0].stringValue, let state = parts[1].integerValue,
                let at = parts[2].integerValue, let result = parts[3].stringValue
            else { throw .unknownRow }
            return Step(
                name: name, state: state == 1 ? .done : .intended, result: Payload(trusted: Array(result.utf8)),
                recordedAt: Timestamp(microseconds: Int64(at)))
        }
    }
}
