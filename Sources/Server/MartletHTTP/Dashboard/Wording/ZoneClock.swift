import Foundation
import MartletCore

/// Wall-clock time of one zone.
struct ZoneClock {
    private let zone: TimeZone

    /// `nil` for a zone that this machine does not know.
    init?(_ name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        self.zone = zone
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// `Mon 2026-03-02 09:00 +01:00`
    func text(_ time: Timestamp) -> String {
        let seconds = time.microseconds / 1_000_000
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds)))
        let local = Timestamp(seconds: seconds + Int64(offset))
        let minutes = abs(offset) / 60
        return "\(Self.stamp(local)) \(offset < 0 ? "−" : "+")\(Self.pad(minutes / 60)):\(Self.pad(minutes % 60))"
    }

    /// `Mon 2026-03-02 08:00`; seconds only where there are any.
    static func stamp(_ time: Timestamp) -> String {
        let text = Timestamp(seconds: time.microseconds / 1_000_000).description
        let day = CivilDate(daysSinceEpoch: time.microseconds / 86_400_000_000).weekday
        let clock = text.dropFirst(11).prefix(8)
        return "\(days[day]) \(text.prefix(10)) \(clock.hasSuffix(":00") ? clock.dropLast(3) : clock)"
    }

    private static func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
