/// One field of a cron expression, read: the values it lets through.
struct CronField: Sendable, Hashable {
    enum Kind: String, Sendable {
        case second
        case minute
        case hour
        case dayOfMonth = "day of month"
        case month
        case dayOfWeek = "day of week"

        var range: ClosedRange<Int> {
            switch self {
            case .second, .minute: 0...59
            case .hour: 0...23
            case .dayOfMonth: 1...31
            case .month: 1...12
            case .dayOfWeek: 0...7
            }
        }

        var isDay: Bool { self == .dayOfMonth || self == .dayOfWeek }

        /// The values that may be spelled with three letters, in any case; the first is the value `firstName`.
        var names: [String] {
            switch self {
            case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            case .dayOfWeek: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
            default: []
            }
        }

        var firstName: Int { self == .month ? 1 : 0 }

        var allowed: String {
            let values = "\(range.lowerBound)-\(range.upperBound)"
            switch self {
            case .month: return values + " or jan-dec"
            case .dayOfMonth: return values + " or L for the last day"
            case .dayOfWeek: return values + " (0 and 7 are Sunday), sun-sat, 2#1 for the first Tuesday or 5L for the last Friday"
            default: return values
            }
        }
    }

    /// Bit n stands for the value n; of a day of the week, 0 is Sunday.
    private(set) var values: UInt64 = 0
    /// Whether it starts with `*` or is `?`: a field that restricts nothing, or only steps through everything.
    let isWild: Bool
    /// Day of month: `L`.
    private(set) var hasLastDay = false
    /// Day of week: bit 7 × (k − 1) + d stands for `d#k`, the k-th weekday d of the month.
    private(set) var ordinals: UInt64 = 0
    /// Day of week: bit d stands for `dL`, the last weekday d of the month.
    private(set) var lastWeekdays: UInt64 = 0

    private let kind: Kind

    init(_ text: Substring, _ kind: Kind) throws(CronError) {
        self.kind = kind
        isWild = text.hasPrefix("*") || text == "?"
        if text == "?", kind.isDay {
            add(kind.range, step: 1)
            return
        }
        for item in text.split(separator: ",", omittingEmptySubsequences: false) { try read(item) }
    }

    private func fault(_ item: Substring, _ reason: String) -> CronError {
        CronError("\(kind.rawValue) '\(item)' \(reason); allowed are \(kind.allowed), and lists, ranges (a-b) and steps (*/n, a-b/n) of them")
    }

    private mutating func read(_ item: Substring) throws(CronError) {
        guard !item.isEmpty else { throw fault(item, "is empty") }
        if try readSpecialDay(item) { return }
        let parts = item.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw fault(item, "has more than one step") }
        let range = try self.range(parts[0], of: item, isOpen: parts.count == 2)
        guard parts.count == 2 else { return add(range, step: 1) }
        guard let step = Self.number(parts[1]) else { throw fault(item, "has a step that is not a number") }
        guard step > 0 else { throw fault(item, "has a step of 0, which never gets anywhere") }
        guard step <= max(1, range.count - 1) else { throw fault(item, "has a step longer than its range, so it would never be taken") }
        add(range, step: step)
    }

    /// `L`, `d#k` and `dL`.
    private mutating func readSpecialDay(_ item: Substring) throws(CronError) -> Bool {
        if kind == .dayOfMonth, item == "L" || item == "l" {
            hasLastDay = true
            return true
        }
        guard kind == .dayOfWeek else { return false }
        if let mark = item.firstIndex(of: "#") {
            let day = try value(item[..<mark], of: item) % 7
            guard let ordinal = Self.number(item[item.index(after: mark)...]), (1...5).contains(ordinal) else {
                throw fault(item, "names a week of the month outside 1-5")
            }
            ordinals |= 1 << UInt64(7 * (ordinal - 1) + day)
            return true
        }
        guard item.count > 1, item.last == "L" || item.last == "l" else { return false }
        lastWeekdays |= 1 << UInt64(try value(item.dropLast(), of: item) % 7)
        return true
    }

    /// - Parameter isOpen: whether a single value stands for everything from it on, as in `5/15`.
    private func range(_ text: Substring, of item: Substring, isOpen: Bool) throws(CronError) -> ClosedRange<Int> {
        if text == "*" { return kind == .dayOfWeek ? 0...6 : kind.range }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        let first = try value(ends[0], of: item)
        switch ends.count {
        case 1: return first...(isOpen ? max(first, kind == .dayOfWeek ? 6 : kind.range.upperBound) : first)
        case 2:
            var last = try value(ends[1], of: item)
            // A week may end on Sunday: fri-sun.
            if kind == .dayOfWeek, last == 0, first > 0 { last = 7 }
            guard first <= last else { throw fault(item, "is a range that runs backwards: write it as two, as in 22-23,0-5") }
            return first...last
        default: throw fault(item, "is not a range")
        }
    }

    private func value(_ text: Substring, of item: Substring) throws(CronError) -> Int {
        if let index = kind.names.firstIndex(of: text.lowercased()) { return index + kind.firstName }
        guard let value = Self.number(text) else { throw fault(item, text.isEmpty ? "is incomplete" : "is not a number or a name known here") }
        guard kind.range.contains(value) else { throw fault(item, "is out of range") }
        return value
    }

    /// Digits alone: `Int` would also read a sign.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 4, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        return Int(text)
    }

    private mutating func add(_ range: ClosedRange<Int>, step: Int) {
        for value in stride(from: range.lowerBound, through: range.upperBound, by: step) {
            values |= 1 << UInt64(kind == .dayOfWeek ? value % 7 : value)
        }
    }
}
