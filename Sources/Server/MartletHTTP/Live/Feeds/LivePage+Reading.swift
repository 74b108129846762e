import MartletCore
import NIOCore

extension LivePage {
    /// What one connection gets at once, in bytes: a page that follows another waits until there is room.
    static let bytesMax = 64 << 10

    init(_ read: StreamRead, isLagging: Bool) {
        guard let slice = read.slice else {
            self.init(bytes: ByteBuffer(), position: read.position, gap: read.gap, isDrained: true)
            return
        }
        let (bytes, last) = isLagging ? Self.conflated(slice) : slice.encoded(as: .frame, bytesMax: Self.bytesMax)
        self.init(bytes: bytes, position: last, gap: read.gap, isDrained: read.end != .further && last == slice.last)
    }

    private static func conflated(_ slice: PageSlice) -> (ByteBuffer, Int) {
        var bytes: [UInt8] = []
        var last = slice.first
        for kept in Conflation.keep(slice.page.events.suffix(slice.page.last - slice.first + 1)) where bytes.count < bytesMax {
            FrameWriter.write(kept.event, skipped: kept.skipped, to: &bytes)
            last = kept.event.sequence
        }
        return (ByteBuffer(bytes: bytes), last)
    }
}
