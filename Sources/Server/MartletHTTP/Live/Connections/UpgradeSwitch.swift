import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Turns a connection that has been answered `101` into one of WebSocket frames.
///
/// The request goes the way of every other, through the same guards, authentication and counting; only its answer is watched for here, where it
/// leaves as bytes. As soon as it has left, the handlers of HTTP go and those of frames come. Unlike an upgrader ahead of the router this also serves
/// a request that is not the first of its connection, as behind a proxy.
final class UpgradeSwitch: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private enum State { case waiting, answered, done }

    private let handler: LiveHandler
    private let onFailure: () -> Void
    private var state = State.waiting

    /// - Parameter onFailure: called where it comes to nothing: the connection ends before, or another answer is given.
    init(to handler: LiveHandler, onFailure: @escaping () -> Void) {
        self.handler = handler
        self.onFailure = onFailure
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let isHead = state == .waiting
        if isHead, Self.isSwitching(unwrapOutboundIn(data)) { state = .answered }
        context.write(data, promise: promise)
        if isHead, state == .waiting { context.pipeline.syncOperations.removeHandler(self, promise: nil) }
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        guard state == .answered else { return }
        do {
            try switchOver(context)
        } catch {
            // Half a pipeline serves nobody.
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        if state != .done { onFailure() }
    }

    private func switchOver(_ context: ChannelHandlerContext) throws {
        let pipeline = context.pipeline.syncOperations
        try context.channel.syncOptions?.setOption(.writeBufferWaterMark, value: LiveHandler.waterMark)
        // What the kernel holds for a reader that takes nothing is bounded too: it would grow to megabytes by itself.
        try context.channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: LiveHandler.kernelBuffer)
        // A client says little: one small buffer does, where thousands of connections would each keep several.
        try context.channel.syncOptions?.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: LiveHandler.receiveBuffer))
        try context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
        let decoder = ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: MessageReader.bytesMax))
        try pipeline.addHandler(decoder, position: .after(self))
        try pipeline.addHandler(handler, position: .after(decoder))
        state = .done
        // Its codec and the end of Hummingbird's own channel stay behind: nothing comes to them any more but the end of the connection.
        pipeline.removeHandler(try pipeline.handler(type: HTTPResponseEncoder.self), promise: nil)
        pipeline.removeHandler(try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self), promise: nil)
        pipeline.removeHandler(try pipeline.handler(type: DepartureHandler.self), promise: nil)
        pipeline.removeHandler(try pipeline.handler(type: HTTPConnectionStateHandler.self), promise: nil)
        pipeline.removeHandler(self, promise: nil)
    }

    private static func isSwitching(_ data: IOData) -> Bool {
        guard case .byteBuffer(let bytes) = data else { return false }
        return bytes.readableBytesView.starts(with: "HTTP/1.1 101".utf8)
    }
}
