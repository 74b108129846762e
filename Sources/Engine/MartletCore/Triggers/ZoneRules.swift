import Foundation
import Synchronization

/// The offsets of one time zone from UTC, from 1970 to 2200: before and after, the first and the last of them hold.
///
/// The data comes from the ICU library that Foundation carries on Linux, not from `/usr/share/zoneinfo`: a machine without tzdata works
/// all the same, and a new rule of some government arrives with a new Swift toolchain. This is the one file of the core that uses Foundation.
public struct ZoneRules: Sendable, Hashable {
    /// A stretch of time with one offset. All three are seconds, `start` and `end` since 1970-01-01T00:00:00Z.
    struct Span {
        var start: Int64
        /// Not included.
        var end: Int64
        /// East of UTC.
        var offset: Int64
    }

    /// The IANA name.
    public let name: String
    /// When the clocks change, ascending.
    private let changes: [Int64]
    /// The offset before the first change, after it, after the second, …
    private let offsets: [Int64]

    public static let utc = ZoneRules(name: "UTC", changes: [], offsets: [0])

    private static let known = Mutex<[String: ZoneRules]>([:])

    /// Reads a zone by its IANA name; the second time it is remembered.
    /// - Throws: for a name that no zone has. Abbreviations (`PST`, `GMT+2`) are refused too: they mean different things to different people.
    public init(_ name: String) throws(ZoneError) {
        if name == "UTC" || name == "GMT" {
            self.init(name: name, changes: [], offsets: [0])
            return
        }
        if let rules = Self.known.withLock({ $0[name] }) {
            self = rules
            return
        }
        guard name.contains("/"), let zone = TimeZone(identifier: name) else { throw ZoneError(name: name) }
        self.init(name: name, zone)
        Self.known.withLock { [self] in $0[name] = self }
    }

    private init(name: String, _ zone: TimeZone) {
        let end = Date(timeIntervalSince1970: 7_258_118_400)
        var instant = Date(timeIntervalSince1970: 0)
        var (changes, offsets) = ([Int64](), [Int64(zone.secondsFromGMT(for: instant))])
        while let change = zone.nextDaylightSavingTimeTransition(after: instant), change < end, change > instant {
            let offset = Int64(zone.secondsFromGMT(for: change))
            if offset != offsets[offsets.count - 1] {
                changes.append(Int64(change.timeIntervalSince1970.rounded()))
                offsets.append(offset)
            }
            instant = change
        }
        self.init(name: name, changes: changes, offsets: offsets)
    }

    private init(name: String, changes: [Int64], offsets: [Int64]) {
        self.name = name
        self.changes = changes
        self.offsets = offsets
    }

    /// Seconds east of UTC at `time`.
    public func offset(at time: Timestamp) -> Int {
        Int(span(at: time.microseconds.flooredQuotient(by: 1_000_000).quotient).offset)
    }

    /// The instants at which the clocks of this zone show `secondOfDay` on `date`: none in a gap, two when the hour is repeated, else one.
    public func instants(_ date: CivilDate, secondOfDay: Int) -> [Timestamp] {
        let local = date.daysSinceEpoch * 86_400 + Int64(secondOfDay)
        return spans(around: local).map { (span: $0, second: local - $0.offset) }
            .filter { $0.second >= $0.span.start && $0.second < $0.span.end }
            .map { Timestamp(seconds: $0.second) }
    }

    /// The date and the second of the day that the clocks of this zone show at `time`.
    public func local(at time: Timestamp) -> (date: CivilDate, secondOfDay: Int) {
        let second = time.microseconds.flooredQuotient(by: 1_000_000).quotient
        let (day, rest) = (second + span(at: second).offset).flooredQuotient(by: 86_400)
        return (CivilDate(daysSinceEpoch: day), Int(rest))
    }

    func span(at second: Int64) -> Span { span(index(at: second)) }

    /// The first second at which the clocks show `local` or more.
    func firstSecond(reaching local: Int64) -> Int64 {
        for span in spans(around: local) where local - span.offset < span.end { return max(local - span.offset, span.start) }
        return local - offsets[offsets.count - 1]
    }

    /// The latest local time that the clocks had shown by `second`, or would have shown next when they were last put back.
    func latestLocal(by second: Int64) -> Int64 {
        var index = index(at: second)
        var latest = second + offsets[index]
        while index > 0, changes[index - 1] > second - Self.margin {
            latest = max(latest, changes[index - 1] - 1 + offsets[index - 1])
            index -= 1
        }
        return latest
    }

    /// No offset, and no change of an offset, is longer than this.
    private static let margin: Int64 = 2 * 86_400

    private func spans(around local: Int64) -> [Span] {
        (index(at: local - Self.margin)...index(at: local + Self.margin)).map(span)
    }

    private func span(_ index: Int) -> Span {
        Span(start: index == 0 ? .min : changes[index - 1], end: index == changes.count ? .max : changes[index], offset: offsets[index])
    }

    /// How many changes lie at or before `second`.
    private func index(at second: Int64) -> Int {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle] <= second { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
