/// What has come over a connection and has not been read yet.
actor Inbox {
    struct Ended: Error {}

    private var bytes: [UInt8] = []
    private var isEnded = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func receive(_ more: some Sequence<UInt8>) {
        bytes.append(contentsOf: more)
        wake()
    }

    func end() {
        isEnded = true
        wake()
    }

    private func wake() {
        let woken = waiters
        waiters = []
        for waiter in woken { waiter.resume() }
    }

    private func change() async {
        await withCheckedContinuation { waiters.append($0) }
    }

    /// All up to and including the marker.
    func read(until marker: String) async throws -> String {
        let marker = Array(marker.utf8)
        while true {
            if let end = Self.end(of: marker, in: bytes) {
                defer { bytes.removeSubrange(..<end) }
                return String(decoding: bytes[..<end], as: UTF8.self)
            }
            guard !isEnded else { throw Ended() }
            await change()
        }
    }

    func read(count: Int) async throws -> [UInt8] {
        while bytes.count < count {
            guard !isEnded else { throw Ended() }
            await change()
        }
        defer { bytes.removeFirst(count) }
        return Array(bytes[..<count])
    }

    func readToEnd() async -> [UInt8] {
        while !isEnded { await change() }
        return bytes
    }

    private static func end(of marker: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= marker.count else { return nil }
        return (marker.count...bytes.count).first { bytes[($0 - marker.count)..<$0].elementsEqual(marker) }
    }
}
