import MartletCore
import NIOCore

/// Events as they go over the wire, one behind the other in one buffer: any run of them is a slice that shares its memory.
struct EncodedEvents: Sendable {
    private let buffer: ByteBuffer
    /// Where each event ends.
    private let ends: [Int]

    init(_ events: [Event], as encoding: StreamEncoding) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(events.reduce(0) { $0 + $1.data.utf8.count + $1.type.utf8.count + $1.stream.utf8.count + 128 })
        var ends: [Int] = []
        ends.reserveCapacity(events.count)
        for event in events {
            switch encoding {
            case .serverSentEvent: SSE.write(event, to: &bytes)
            case .frame: FrameWriter.write(event, to: &bytes)
            }
            ends.append(bytes.count)
        }
        buffer = ByteBuffer(bytes: bytes)
        self.ends = ends
    }

    var count: Int { ends.count }

    /// The events from `start` on.
    func slice(from start: Int) -> ByteBuffer { slice(start..<ends.count) }

    /// The events from `start` on, as many as fit into `bytesMax`, and one at least.
    func slice(from start: Int, bytesMax: Int) -> (bytes: ByteBuffer, end: Int) {
        let begin = start == 0 ? 0 : ends[start - 1]
        // Ends are in order: the first that is too far is found by halving.
        var (low, high) = (start + 1, ends.count)
        while low < high {
            let middle = (low + high + 1) / 2
            if ends[middle - 1] - begin <= bytesMax { low = middle } else { high = middle - 1 }
        }
        return (slice(start..<low), low)
    }

    private func slice(_ range: Range<Int>) -> ByteBuffer {
        let begin = range.lowerBound == 0 ? 0 : ends[range.lowerBound - 1]
        let end = ends[range.upperBound - 1]
        // Offsets come from the same buffer.
        return buffer.getSlice(at: buffer.readerIndex + begin, length: end - begin) ?? ByteBuffer()
    }
}
