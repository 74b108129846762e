/// Bytes that do not get into a log by accident: whatever prints, dumps or reflects on a secret sees none of it.
public struct Secret: Sendable, Equatable {
    /// The bytes themselves. Hand them to whoever needs them, and to nothing that writes.
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The bytes as text; damaged where they are not UTF-8.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// In constant time, for secrets of one length.
    public static func == (a: Secret, b: Secret) -> Bool {
        guard a.bytes.count == b.bytes.count else { return false }
        return zip(a.bytes, b.bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<secret>" }
    public var debugDescription: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
