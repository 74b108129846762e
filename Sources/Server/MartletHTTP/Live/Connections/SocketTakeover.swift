import Glibc
import NIOCore
import NIOPosix
import NIOWebSocket

/// A second descriptor of a connection's socket, on which the connection lives on when the channel that accepted it has been closed.
///
/// A channel that Hummingbird has made carries a task, two asynchronous streams, a dozen handlers and their buffers for as long as it is open: 20 KiB
/// that a WebSocket has no use for. One made anew for frames alone has none of them.
struct SocketTakeover: Sendable {
    private let descriptor: NIOBSDSocket.Handle

    /// - Throws: `tooManyStreams` where the process may have no more descriptors; where the channel is closed, or is no socket.
    init(of channel: any Channel) throws {
        let copy = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            // Not to be seen by the commands that this process starts.
            fcntl($0, F_DUPFD_CLOEXEC, 0)
        }
        guard let copy else { throw ChannelError.operationUnsupported }
        guard copy >= 0 else {
            var problem = Problem(.tooManyStreams, "the server may open no more files: try again later, or raise its limit (ulimit -n)")
            problem.retryAfter = .seconds(5)
            throw problem
        }
        descriptor = copy
    }

    /// The connection is not wanted after all.
    func giveUp() { close(descriptor) }

    /// Opens a channel of frames on the same event loop.
    func open(for handler: LiveHandler, on eventLoop: any EventLoop) {
        let bound = NIOLoopBound(handler, eventLoop: eventLoop)
        handler.begin()
        let opened = ClientBootstrap(group: eventLoop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try Self.prepare(channel, bound.value) }
        }.withConnectedSocket(descriptor)
        opened.assumeIsolated().whenFailure { _ in handler.end() }
    }

    private static func prepare(_ channel: any Channel, _ handler: LiveHandler) throws {
        let decoder = ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: MessageReader.bytesMax))
        try channel.pipeline.syncOperations.addHandlers([decoder, handler])
        let options = channel.syncOptions
        try options?.setOption(.writeBufferWaterMark, value: LiveHandler.waterMark)
        // What the kernel holds for a reader that takes nothing is bounded too: it would grow to megabytes by itself.
        try options?.setOption(.socketOption(.so_sndbuf), value: LiveHandler.kernelBuffer)
        // A client says little: one small buffer does, where thousands of connections would each keep several.
        try options?.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: LiveHandler.receiveBuffer))
        try options?.setOption(.maxMessagesPerRead, value: 1)
    }
}
