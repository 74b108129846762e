import MartletCore

/// JSON laid out for people, within bounds: a payload of a megabyte must not make a page of a megabyte.
struct JSONText {
    let text: String
    let isCut: Bool

    /// Larger values are shown as they are, since laying them out would first take reading them whole.
    private static let parsedMax = 128 << 10

    /// - Parameter limit: the bytes of the text, about.
    init(_ payload: Payload, limit: Int) {
        guard payload.utf8.count <= Self.parsedMax else {
            text = Limits.cut(String(decoding: payload.utf8.prefix(limit + 4), as: UTF8.self), to: limit)
            isCut = true
            return
        }
        var layout = Layout(limit: limit)
        layout.write(payload.json, indent: 0)
        isCut = layout.bytes.count > limit
        text = Limits.cut(String(decoding: layout.bytes, as: UTF8.self), to: limit)
    }
}

private struct Layout {
    let limit: Int
    var bytes: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    mutating func write(_ json: JSON, indent: Int) {
        guard bytes.count <= limit else { return }
        switch json {
        case .string(let text): write(text)
        case .array(let elements) where !elements.isEmpty:
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() where bytes.count <= limit {
                newLine(indent + 1, isFirst: index == 0)
                write(element, indent: indent + 1)
            }
            newLine(indent)
            bytes.append(UInt8(ascii: "]"))
        case .object(let members) where !members.isEmpty:
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() where bytes.count <= limit {
                newLine(indent + 1, isFirst: index == 0)
                write(member.name)
                bytes.append(contentsOf: ": ".utf8)
                write(member.value, indent: indent + 1)
            }
            newLine(indent)
            bytes.append(UInt8(ascii: "}"))
        default: json.write(to: &bytes)
        }
    }

    private mutating func newLine(_ indent: Int, isFirst: Bool = true) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indent))
    }

    /// With only those escapes that JSON demands; what HTML demands comes later.
    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8.prefix(limit) {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
