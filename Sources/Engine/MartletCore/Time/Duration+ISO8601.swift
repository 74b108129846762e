extension Duration {
    /// Reads a duration of ISO 8601, such as `PT1H30M`, `P1DT0.5S` or `P2W`, to the microsecond. Years and months are `nil`, since nobody can say how
    /// long they are; so is a sign. The last part may have a fraction.
    public init?(iso8601 text: String) {
        var bytes = Array(text.utf8)[...]
        guard bytes.popFirst() == UInt8(ascii: "P"), !bytes.isEmpty else { return nil }
        var units: [(letter: Unicode.Scalar, microseconds: Int64)] = [("W", 604_800_000_000), ("D", 86_400_000_000)]
        var sum: Int64 = 0
        var (isTime, isFinal) = (false, false)
        while let first = bytes.first {
            if first == UInt8(ascii: "T") {
                guard !isTime, !isFinal, bytes.count > 1 else { return nil }
                isTime = true
                units = [("H", 3_600_000_000), ("M", 60_000_000), ("S", 1_000_000)]
                bytes.removeFirst()
                continue
            }
            // A fraction ends it, and the parts stand in order: what is passed over cannot come any more.
            guard !isFinal, let amount = Amount(&bytes), let letter = bytes.popFirst(),
                let index = units.firstIndex(where: { UInt8(ascii: $0.letter) == letter }), let span = amount.times(units[index].microseconds)
            else { return nil }
            units.removeFirst(index + 1)
            isFinal = amount.hasFraction
            let (next, overflow) = sum.addingReportingOverflow(span)
            guard !overflow else { return nil }
            sum = next
        }
        self = .microseconds(sum)
    }

    /// Reads what the wire calls a duration: a number of seconds, or a string of ISO 8601. `nil` for anything else, for a negative number and
    /// for more than a century.
    public init?(json: JSON) {
        switch json {
        case .number:
            guard let seconds = json.doubleValue, seconds >= 0, seconds <= 100 * 366 * 86_400 else { return nil }
            self = .microseconds(Int64((seconds * 1_000_000).rounded()))
        case .string(let text):
            self.init(iso8601: text)
        default: return nil
        }
    }
}

/// Digits, and perhaps a fraction of which six digits count.
private struct Amount {
    private var whole: Int64 = 0
    private var millionths: Int64 = 0
    private(set) var hasFraction = false

    init?(_ bytes: inout ArraySlice<UInt8>) {
        var digits = 0
        while let byte = bytes.first, byte >= 48, byte <= 57 {
            guard digits < 15 else { return nil }
            whole = whole * 10 + Int64(byte - 48)
            digits += 1
            bytes.removeFirst()
        }
        guard digits > 0 else { return nil }
        guard let mark = bytes.first, mark == UInt8(ascii: ".") || mark == UInt8(ascii: ",") else { return }
        bytes.removeFirst()
        hasFraction = true
        var scale: Int64 = 100_000
        guard let byte = bytes.first, byte >= 48, byte <= 57 else { return nil }
        while let byte = bytes.first, byte >= 48, byte <= 57 {
            millionths += Int64(byte - 48) * scale
            scale /= 10
            bytes.removeFirst()
        }
    }

    func times(_ unit: Int64) -> Int64? {
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        let (sum, alsoOverflow) = product.addingReportingOverflow(millionths * unit / 1_000_000)
        return overflow || alsoOverflow ? nil : sum
    }
}
