import Foundation
import MartletCore

/// An instant as the clocks of a zone show it.
enum LocalTime {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// `Mon 2026-03-29 03:00:00 +02:00`; in UTC where the zone is not known here.
    static func text(_ time: Timestamp, zone name: String) -> String {
        let offset = TimeZone(identifier: name)?.secondsFromGMT(for: Date(timeIntervalSince1970: (time - .epoch).inSeconds)) ?? 0
        let local = Timestamp(microseconds: time.microseconds + Int64(offset) * 1_000_000).description
        let days = (time.microseconds + Int64(offset) * 1_000_000) / 86_400_000_000
        let weekday = weekdays[CivilDate(daysSinceEpoch: days).weekday]
        let minutes = abs(offset) / 60
        let shift = "\(offset < 0 ? "-" : "+")\(minutes / 60 < 10 ? "0" : "")\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60)"
        return "\(weekday) \(local.prefix(10)) \(local.dropFirst(11).prefix(8)) \(shift)"
    }
}
