import Foundation
import MartletCore

/// A cron that looks at its clock every minute, as the first one did: slow, and too simple to be wrong in the same way as the real one.
/// Knows numbers, lists, ranges and steps.
struct NaiveCron {
    private let fields: [Set<Int>]
    private let isWild: [Bool]

    init(_ text: String) {
        let ranges = [0...59, 0...23, 1...31, 1...12, 0...6]
        let words = text.split(separator: " ")
        isWild = words.map { $0.hasPrefix("*") }
        fields = zip(words, ranges).map { word, range in
            var values: Set<Int> = []
            for item in word.split(separator: ",") {
                let parts = item.split(separator: "/")
                let ends = parts[0].split(separator: "-").compactMap { Int($0) }
                let bounds = ends.isEmpty ? range : ends[0]...ends[ends.count - 1]
                values.formUnion(stride(from: bounds.lowerBound, through: bounds.upperBound, by: parts.count > 1 ? Int(parts[1]) ?? 1 : 1))
            }
            return values
        }
    }

    private func matches(_ localMinute: Int64) -> Bool {
        let (day, minute) = (localMinute >= 0 ? localMinute / 1440 : (localMinute - 1439) / 1440, Int((localMinute % 1440 + 1440) % 1440))
        guard fields[0].contains(minute % 60), fields[1].contains(minute / 60) else { return false }
        let date = CivilDate(daysSinceEpoch: day)
        guard fields[3].contains(date.month) else { return false }
        let (byDay, byWeekday) = (fields[2].contains(date.day), fields[4].contains(date.weekday))
        return isWild[2] || isWild[4] ? byDay && byWeekday : byDay || byWeekday
    }

    /// The slots after `start` and up to `end`, both whole minutes.
    func slots(after start: Timestamp, through end: Timestamp, in zone: TimeZone) -> [Timestamp] {
        var slots: [Timestamp] = []
        let (first, last) = (start.microseconds / 60_000_000, end.microseconds / 60_000_000)
        // The clock has been watched for a while before the first slot counts, or it could not know what has come already.
        var shown: Int64 = .min
        for minute in (first - 2880)...last {
            let local = minute + Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(minute * 60)))) / 60
            let isSlot: Bool
            if isWild[0] || isWild[1] {
                isSlot = matches(local)
            } else {
                isSlot = local > shown && ((shown == .min ? local : shown + 1)...local).contains { matches($0) }
                shown = max(shown, local)
            }
            if isSlot, minute > first { slots.append(Timestamp(seconds: minute * 60)) }
        }
        return slots
    }
}
