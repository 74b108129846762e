import NIOCore

/// The end of a channel's pipeline: writes what the link has, and gives it the replies.
final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Buffers up to this size are joined, larger ones are written as they are.
    private static let joinedMax = 16_384
    /// Bytes taken from the link at once.
    private static let takenMax = 262_144

    private let link: RedisLink
    private let endpoint: RedisEndpoint
    private var parser: RESPParser
    /// `nil` once it is done.
    private var handshake: Handshake?
    /// Fulfilled when the connection is ready, or cannot become so.
    private let ready: EventLoopPromise<Void>
    private var context: ChannelHandlerContext?
    private var failure: RedisError?

    init(_ link: RedisLink, _ endpoint: RedisEndpoint, _ plan: Handshake.Plan, ready: EventLoopPromise<Void>) {
        self.link = link
        self.endpoint = endpoint
        parser = RESPParser(link.settings.limits)
        handshake = Handshake(plan)
        self.ready = ready
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        ready.fail(failure ?? .closed)
    }

    func channelActive(context: ChannelHandlerContext) {
        if let commands = handshake?.begin() { write(commands, context) }
        context.fireChannelActive()
    }

    private func write(_ commands: [RedisCommand], _ context: ChannelHandlerContext) {
        for command in commands { context.write(wrapOutboundOut(command.encoded), promise: nil) }
        context.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        parser.append(unwrapInboundIn(data))
        do {
            var replies: [RESPValue] = []
            while let reply = try parser.next() {
                if case .push = reply { continue }
                if handshake == nil {
                    replies.append(reply)
                } else {
                    try greet(reply, context)
                }
            }
            if !replies.isEmpty, try link.receive(replies) { flush() }
        } catch {
            end(error as? RedisError ?? (error as? RESPFault).map { .unreadable($0, mayHaveHappened: true) } ?? .closed, context)
        }
    }

    private func greet(_ reply: RESPValue, _ context: ChannelHandlerContext) throws(RedisError) {
        switch try handshake?.receive(reply) {
        case .pending, nil: break
        case .send(let commands): write(commands, context)
        case .done(let facts):
            handshake = nil
            ready.succeed()
            let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
            let loop = context.eventLoop
            link.opened(context.channel, facts) { loop.execute { handler.value.flush() } }
        }
    }

    /// Writes what there is, as much as the socket takes.
    private func flush() {
        guard let context, handshake == nil else { return }
        var hasWritten = false
        while context.channel.isWritable {
            let taken = link.take(bytesMax: Self.takenMax)
            if taken.isEmpty { break }
            write(taken, context)
            hasWritten = true
        }
        if hasWritten { context.flush() }
    }

    private func write(_ buffers: [ByteBuffer], _ context: ChannelHandlerContext) {
        if buffers.count == 1 {
            context.write(wrapOutboundOut(buffers[0]), promise: nil)
            return
        }
        var joined = context.channel.allocator.buffer(capacity: buffers.reduce(0) { $0 + ($1.readableBytes > Self.joinedMax ? 0 : $1.readableBytes) })
        for buffer in buffers {
            if buffer.readableBytes <= Self.joinedMax {
                joined.writeImmutableBuffer(buffer)
                continue
            }
            if joined.readableBytes > 0 {
                context.write(wrapOutboundOut(joined), promise: nil)
                joined = context.channel.allocator.buffer(capacity: Self.joinedMax)
            }
            context.write(wrapOutboundOut(buffer), promise: nil)
        }
        if joined.readableBytes > 0 { context.write(wrapOutboundOut(joined), promise: nil) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { flush() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(RedisDialer.failure(error, endpoint), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let error = failure ?? .unavailable(reason: "\(endpoint) closed the connection", mayHaveHappened: true)
        failure = error
        ready.fail(error)
        link.lost(error)
        context.fireChannelInactive()
    }

    private func end(_ error: RedisError, _ context: ChannelHandlerContext) {
        if failure == nil { failure = error }
        context.close(promise: nil)
    }
}
