extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with `Z`; a fraction of three or six digits only where there is one.
    public var description: String {
        let (seconds, fraction) = microseconds.flooredQuotient(by: 1_000_000)
        let (days, second) = seconds.flooredQuotient(by: 86_400)
        let date = CivilDate(daysSinceEpoch: days)
        var text = "\(pad(date.year, 4))-\(pad(Int64(date.month), 2))-\(pad(Int64(date.day), 2))T"
        text += "\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2))"
        if fraction % 1000 != 0 {
            text += ".\(pad(fraction, 6))"
        } else if fraction != 0 {
            text += ".\(pad(fraction / 1000, 3))"
        }
        return text + "Z"
    }

    /// 0000-01-01T00:00:00Z.
    private static let firstSecond: Int64 = -62_167_219_200

    /// Reads an RFC 3339 date-time (section 5.6). A time without a zone is `nil`: nobody can say which instant it means.
    public init?(rfc3339 text: some StringProtocol) {
        var reader = DigitReader(Array(text.utf8))
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2), reader.skip(":"),
            let second = reader.number(2)
        else { return nil }
        let date = CivilDate(year: Int64(year), month: month, day: day)
        guard date.isValid, hour < 24, minute < 60, second <= 60 else { return nil }
        var fraction: Int64 = 0
        if reader.skip(".") {
            guard let micros = reader.fraction() else { return nil }
            fraction = micros
        }
        guard let offset = reader.zoneOffset(), reader.isAtEnd else { return nil }
        let clock = Int64(hour) * 3600 + Int64(minute) * 60 + Int64(min(second, 59))
        let seconds = date.daysSinceEpoch * 86_400 + clock - offset
        // An offset may lead out of the years that can be written.
        guard seconds >= Self.firstSecond, seconds <= Self.distantFuture.microseconds / 1_000_000 else { return nil }
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }
}

private func pad(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return digits.count >= width ? digits : String(repeating: "0", count: width - digits.count) + digits
}

private struct DigitReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { index == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    mutating func number(_ digits: Int) -> Int? {
        guard index + digits <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[index..<index + digits] {
            guard byte >= 48, byte <= 57 else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        index += digits
        return value
    }

    /// One to any number of digits, cut after the sixth.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while index < bytes.count, bytes[index] >= 48, bytes[index] <= 57 {
            if count < 6 { value = value * 10 + Int64(bytes[index] - 48) }
            count += 1
            index += 1
        }
        guard count > 0 else { return nil }
        while count < 6 {
            value *= 10
            count += 1
        }
        return value
    }

    /// Seconds east of UTC.
    mutating func zoneOffset() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60 else { return nil }
        return sign * (Int64(hours) * 3600 + Int64(minutes) * 60)
    }
}
