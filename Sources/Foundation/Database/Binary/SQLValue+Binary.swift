import MartletCore

extension SQLValue {
    /// PostgreSQL counts microseconds from 2000-01-01T00:00:00Z.
    static var postgresEpoch: Int64 { 946_684_800_000_000 }

    /// The length in four bytes and the value behind it, as PostgreSQL's `…recv` functions read it; a null has the length -1.
    func appendBinary(to bytes: inout [UInt8]) {
        switch self {
        case .null, .nullOf: bytes.append(bigEndian: Int32(-1))
        case .boolean(let flag):
            bytes.append(bigEndian: Int32(1))
            bytes.append(flag ? 1 : 0)
        case .integer(let number):
            bytes.append(bigEndian: Int32(8))
            bytes.append(bigEndian: number)
        case .real(let number):
            bytes.append(bigEndian: Int32(8))
            bytes.append(bigEndian: number.bitPattern)
        case .text(let text): bytes.append(sized: text)
        case .blob(let blob):
            bytes.append(bigEndian: Int32(truncatingIfNeeded: blob.count))
            bytes += blob
        case .instant(let instant):
            bytes.append(bigEndian: Int32(8))
            bytes.append(bigEndian: instant.microseconds.subtractingReportingOverflow(Self.postgresEpoch).partialValue)
        case .id(let id):
            bytes.append(bigEndian: Int32(16))
            bytes.append(bigEndian: id.high)
            bytes.append(bigEndian: id.low)
        case .json(let text):
            bytes.append(bigEndian: Int32(truncatingIfNeeded: text.utf8.count + 1))
            // The version of jsonb's format.
            bytes.append(1)
            bytes += text.utf8
        case .array(let array):
            bytes.append(bigEndian: Int32(truncatingIfNeeded: (array.count == 0 ? 12 : 20) + array.elements.count))
            bytes.append(bigEndian: Int32(array.count == 0 ? 0 : 1))
            bytes.append(bigEndian: Int32(array.hasNull ? 1 : 0))
            bytes.append(bigEndian: array.type.oid)
            if array.count == 0 { return }
            bytes.append(bigEndian: Int32(array.count))
            bytes.append(bigEndian: Int32(1))
            bytes += array.elements
        }
    }

    /// Reads the binary format of one of our own types.
    init?(_ type: SQLType, _ bytes: ArraySlice<UInt8>) {
        self.init(oid: type.oid, bytes)
    }

    /// Reads a value of any type that has a meaning in both engines; `nil` for others.
    init?(oid: UInt32, _ bytes: ArraySlice<UInt8>) {
        var reader = BinaryReader(bytes)
        let value: SQLValue?
        switch oid {
        case 16: value = bytes.first.map { .boolean($0 != 0) }
        case 20: value = reader.int64().map { .integer($0) }
        case 21: value = reader.int16().map { .integer(Int64($0)) }
        case 23: value = reader.int32().map { .integer(Int64($0)) }
        // oid
        case 26: value = reader.int32().map { .integer(Int64(UInt32(bitPattern: $0))) }
        case 700: value = reader.int32().map { .real(Double(Float(bitPattern: UInt32(bitPattern: $0)))) }
        case 701: value = reader.word().map { .real(Double(bitPattern: $0)) }
        case 17: value = .blob(Array(bytes))
        case 1184:
            // The ends of the range are infinity, which is no instant.
            value = reader.int64().flatMap { $0 == .max || $0 == .min ? nil : .instant(Timestamp(microseconds: $0 &+ Self.postgresEpoch)) }
        case 2950:
            if let high = reader.word(), let low = reader.word() { value = .id(JobID(high: high, low: low)) } else { value = nil }
        case 114: value = .json(String(decoding: bytes, as: UTF8.self))
        case 3802: value = .json(String(decoding: bytes.dropFirst(), as: UTF8.self))
        case 1700: value = SQLValue(numeric: &reader)
        // char, name, text, unknown, bpchar, varchar; enumerations and others that an extension brings are sent as their text.
        case 18, 19, 25, 705, 1042, 1043: value = .text(String(decoding: bytes, as: UTF8.self))
        // void
        case 2278: value = .null
        default: value = SQLArray(oid: oid, &reader).map { .array($0) }
        }
        guard let value else { return nil }
        self = value
    }

    /// `numeric`: digits to the base of ten thousand. What is a whole number of 64 bits is an integer, anything else is text.
    private init?(numeric reader: inout BinaryReader) {
        guard let count = reader.int16(), let weight = reader.int16(), let sign = reader.int16(), let scale = reader.int16(),
            sign == 0 || sign == 0x4000
        else { return nil }
        var digits: [Int16] = []
        for _ in 0..<count {
            guard let digit = reader.int16() else { return nil }
            digits.append(digit)
        }
        func digit(_ power: Int) -> Int16 {
            let index = Int(weight) - power
            return digits.indices.contains(index) ? digits[index] : 0
        }
        var whole = weight < 0 ? "0" : ""
        for power in stride(from: Int(weight), through: 0, by: -1) {
            let text = String(digit(power))
            whole += whole.isEmpty ? text : String(repeating: "0", count: 4 - text.count) + text
        }
        var fraction = ""
        var power = -1
        while fraction.count < Int(scale) {
            let text = String(digit(power))
            fraction += String(repeating: "0", count: 4 - text.count) + text
            power -= 1
        }
        let signed = (sign == 0 ? "" : "-") + whole
        let decimals = fraction.prefix(Int(scale))
        if decimals.allSatisfy({ $0 == "0" }), let number = Int64(signed) {
            self = .integer(number)
        } else {
            self = .text(signed + "." + decimals)
        }
    }
}

extension SQLArray {
    private static let types: [SQLType] = [.boolean, .integer, .real, .text, .bytes, .instant, .id, .json]

    /// Reads an array of one dimension whose elements are of one of our own types.
    init?(oid: UInt32, _ reader: inout BinaryReader) {
        guard let type = Self.types.first(where: { $0.arrayOID == oid }), let dimensions = reader.int32(), let flags = reader.int32(),
            reader.int32() != nil
        else { return nil }
        if dimensions == 0 {
            self.init(type: type, count: 0, elements: [], hasNull: false)
            return
        }
        guard dimensions == 1, let count = reader.int32(), reader.int32() != nil else { return nil }
        self.init(type: type, count: Int(count), elements: reader.remaining, hasNull: flags != 0)
    }
}

extension [UInt8] {
    mutating func append(bigEndian number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { self += $0 }
    }

    fileprivate mutating func append(sized text: String) {
        append(bigEndian: Int32(truncatingIfNeeded: text.utf8.count))
        self += text.utf8
    }
}
