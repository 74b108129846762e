/// Cuts bytes that come in pieces into lines. Holds one unfinished line.
struct LineSplitter {
    private var pending: [UInt8] = []

    /// Calls `body` with each line that these bytes complete, without its end.
    mutating func add(_ bytes: some Collection<UInt8>, _ body: (ArraySlice<UInt8>) throws -> Void) rethrows {
        pending.append(contentsOf: bytes)
        var start = pending.startIndex
        while let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
            try body(pending[start..<end])
            start = end + 1
        }
        if start > 0 { pending.removeSubrange(..<start) }
    }

    /// The last line, where it has no end.
    mutating func finish(_ body: (ArraySlice<UInt8>) throws -> Void) rethrows {
        defer { pending = [] }
        if !pending.isEmpty { try body(pending[...]) }
    }
}
