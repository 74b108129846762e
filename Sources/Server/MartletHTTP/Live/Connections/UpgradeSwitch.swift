import NIOCore

/// Turns a connection that has been answered `101` into one of WebSocket frames.
///
/// The request goes the way of every other, through the same guards, authentication and counting; only its answer is watched for here, where it
/// leaves as bytes. As soon as it has left, the channel of HTTP is closed and its socket taken over by one of frames. Unlike an upgrader ahead of the
/// router this also serves a request that is not the first of its connection, as behind a proxy. What a client sends before it has the answer, which
/// it must not (RFC 6455, section 4.1), is lost.
final class UpgradeSwitch: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private enum State { case waiting, answered, done }

    private let handler: LiveHandler
    private let socket: SocketTakeover
    private let onFailure: () -> Void
    private var state = State.waiting

    /// - Parameter onFailure: called where it comes to nothing: the connection ends before, or another answer is given.
    init(to handler: LiveHandler, on socket: SocketTakeover, onFailure: @escaping () -> Void) {
        self.handler = handler
        self.socket = socket
        self.onFailure = onFailure
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard state == .waiting else { return context.write(data, promise: promise) }
        guard Self.isSwitching(unwrapOutboundIn(data)) else {
            context.write(data, promise: promise)
            return context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
        state = .answered
        let sent = promise ?? context.eventLoop.makePromise(of: Void.self)
        let eventLoop = context.eventLoop
        sent.futureResult.assumeIsolated().whenSuccess {
            // Not at once: the answer is still being written.
            eventLoop.assumeIsolated().execute { self.switchOver(context) }
        }
        context.write(data, promise: sent)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        guard state != .done else { return }
        state = .done
        socket.giveUp()
        onFailure()
    }

    private func switchOver(_ context: ChannelHandlerContext) {
        guard state == .answered else { return }
        state = .done
        // First, because both would read the same bytes.
        context.close(promise: nil)
        socket.open(for: handler, on: context.eventLoop)
    }

    private static func isSwitching(_ data: IOData) -> Bool {
        guard case .byteBuffer(let bytes) = data else { return false }
        return bytes.readableBytesView.starts(with: "HTTP/1.1 101".utf8)
    }
}
