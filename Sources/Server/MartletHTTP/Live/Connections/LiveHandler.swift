import MartletCore
import NIOCore
import NIOWebSocket

/// The shell of a `LiveConnection`: takes frames and events of the channel, does what the rule says. Everything happens on the channel's event loop.
final class LiveHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = ByteBuffer

    /// What waits in a connection's buffer before the reader counts as having no room, in bytes, and where it has room again.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 16 << 10, high: 64 << 10)

    /// What is asked of the kernel for a socket's send buffer, in bytes. Linux takes twice as much (socket(7), SO_SNDBUF).
    static let kernelBuffer: SocketOptionValue = 64 << 10

    /// How much is read from the socket at once, in bytes: every connection keeps as much. A command has a hundred.
    static let receiveBuffer = 512

    let number: Int
    private let reader: Identity
    private let loop: LiveLoop
    private let clock: any EngineClock
    private var connection: LiveConnection
    private var context: ChannelHandlerContext?

    init(number: Int, reader: Identity, loop: LiveLoop, clock: any EngineClock) {
        self.number = number
        self.reader = reader
        self.loop = loop
        self.clock = clock
        connection = LiveConnection(number: number, now: clock.uptime())
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        end()
    }

    func channelActive(context: ChannelHandlerContext) {
        if loop.isStopping { stop() }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        perform(connection.receive(unwrapInboundIn(data), at: clock.uptime()))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // After what was no frame nothing is read any more: the rest of it comes here as well.
        if error is ByteToMessageDecoderError, connection.isClosing { return }
        // What is no frame is answered; where the connection itself has failed there is nobody to answer to.
        guard error is NIOWebSocketError else { return context.close(promise: nil) }
        perform(connection.refuse(error, at: clock.uptime()))
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        perform(connection.changeRoom(context.channel.isWritable, at: clock.uptime()))
        context.fireChannelWritabilityChanged()
    }

    // MARK: What the loop brings

    /// The connection is counted from here on, and what is found for it finds it.
    func begin() { loop.add(self) }

    func end() {
        perform(connection.leaveAll())
        loop.remove(self)
    }

    func stop() { perform(connection.close(.goingAway, "the server stops", at: clock.uptime())) }

    func cut() { context?.close(promise: nil) }

    func offer(_ page: LiveBroadcast) {
        switch connection.offer(page.stream, page.first, page.last) {
        case .pass: return
        case .send(let position):
            write(page.frames(after: position))
            context?.flush()
        case .fallBehind:
            loop.unfollow(page.stream, self)
            loop.countLag()
            perform(connection.askNext())
        }
    }

    func answer(_ stream: String, ticket: Int, _ answer: LiveAnswer) {
        perform(connection.answer(stream, ticket: ticket, answer))
    }

    func look(at now: Duration) {
        guard let context else { return }
        guard reader.check() else { return perform(connection.close(.policy, "the key or token is not valid any more", at: now)) }
        do {
            perform(connection.look(bytes: try context.channel.syncOptions?.getOption(.bufferedWritableBytes) ?? 0, at: now))
        } catch {
            // The channel is closed.
            context.close(promise: nil)
        }
    }

    // MARK: What the rule wants

    private func perform(_ actions: [LiveConnection.Action]) {
        guard !actions.isEmpty else { return }
        for action in actions { perform(action) }
        context?.flush()
    }

    private func perform(_ action: LiveConnection.Action) {
        switch action {
        case .check(let stream, let ticket): loop.ask(.check(reader.principal), stream, ticket, self)
        case .read(let stream, let ticket, let after, let isLagging): loop.ask(.read(after: after, isLagging: isLagging), stream, ticket, self)
        case .follow(let stream):
            guard let position = connection.subscriptions[stream]?.position else { return }
            if !connection.join(stream, tail: loop.follow(stream, from: position, self)) {
                loop.unfollow(stream, self)
                perform(connection.askNext())
            }
        case .unfollow(let stream): loop.unfollow(stream, self)
        case .send(let bytes): write(bytes)
        case .note(let notice): write(notice.frame)
        case .close(let code, let reason):
            write(FrameWriter.close(code.rawValue, reason))
            // Where what was said before is not taken, this is not taken either.
            if !connection.hasRoom { context?.close(promise: nil) }
        case .drop(let reason):
            loop.count(reason)
            context?.flush()
            context?.close(promise: nil)
        }
    }

    private func write(_ bytes: ByteBuffer) {
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }
}
