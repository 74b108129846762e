/// Keys of one cache: a single one, those with a prefix, or all.
struct KeyRange: Sendable, Hashable {
    let first: [UInt8]
    /// The first key behind the range; `nil` for none.
    let end: [UInt8]?

    init(first: [UInt8], end: [UInt8]?) {
        self.first = first
        self.end = end
    }

    init(key: String) {
        let bytes = Array(key.utf8)
        self.init(first: bytes, end: bytes + [0])
    }

    /// An empty prefix is every key.
    init(prefix: String) {
        let bytes = Array(prefix.utf8)
        // The next prefix of the same length: UTF-8 has no byte 0xFF.
        var end = bytes
        if let last = end.popLast() { end.append(last + 1) }
        self.init(first: bytes, end: bytes.isEmpty ? nil : end)
    }

    func contains(_ key: String) -> Bool {
        let bytes = key.utf8
        return !bytes.lexicographicallyPrecedes(first) && (end.map { bytes.lexicographicallyPrecedes($0) } ?? true)
    }
}
