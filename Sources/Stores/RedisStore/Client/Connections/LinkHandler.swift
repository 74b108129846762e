import NIOCore
import NIOSSL

/// The end of a channel's pipeline: writes what the link has, and gives it the replies.
final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Stage {
        case greeting(Handshake)
        case open(RedisLane)
        case ended
    }

    /// Buffers up to this size are joined, larger ones are written as they are.
    private static let joinedMax = 16_384
    /// Bytes taken from the link at once.
    private static let takenMax = 262_144

    private let link: RedisLink
    private let endpoint: RedisEndpoint
    private var parser: RESPParser
    private var stage: Stage
    /// Fulfilled when the connection is ready, or cannot become so.
    private let ready: EventLoopPromise<Void>
    private var context: ChannelHandlerContext?

    init(_ link: RedisLink, _ endpoint: RedisEndpoint, _ plan: Handshake.Plan, ready: EventLoopPromise<Void>) {
        self.link = link
        self.endpoint = endpoint
        parser = RESPParser(link.settings.limits)
        stage = .greeting(Handshake(plan))
        self.ready = ready
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(.closed)
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        if case .greeting(var handshake) = stage {
            let commands = handshake.begin()
            stage = .greeting(handshake)
            write(commands, context)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.unavailable(reason: "\(endpoint) closed the connection", mayHaveHappened: true))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(RedisDialer.failure(error, endpoint))
    }

    /// Lets go of the link at once, whatever the channel still takes to close.
    func end(_ error: RedisError) {
        let last = stage
        stage = .ended
        switch last {
        case .greeting: ready.fail(error.reached(false))
        case .open(let lane): link.lost(lane, error)
        case .ended: return
        }
        guard let context else { return }
        // From below the encryption: a peer that is stuck would not say goodbye for seconds.
        do {
            try context.pipeline.syncOperations.context(handlerType: NIOSSLClientHandler.self).close(promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }
}

// MARK: - Reading
extension LinkHandler {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .ended = stage { return }
        parser.append(unwrapInboundIn(data))
        do throws(RESPFault) {
            var replies: [RESPValue] = []
            while let reply = try parser.next() {
                // Nothing here asks for messages that answer no command.
                if case .push = reply { continue }
                switch stage {
                case .greeting(var handshake): greet(reply, &handshake, context)
                case .open: replies.append(reply)
                case .ended: return
                }
            }
            if replies.isEmpty { return }
            switch try link.receive(replies) {
            case .rest: break
            case .write: flush()
            case .leave: end(.unavailable(reason: "\(endpoint) is no master any more", mayHaveHappened: false))
            }
        } catch {
            end(.unreadable(error, mayHaveHappened: true))
        }
    }

    private func greet(_ reply: RESPValue, _ handshake: inout Handshake, _ context: ChannelHandlerContext) {
        do throws(RedisError) {
            let progress = try handshake.receive(reply)
            stage = .greeting(handshake)
            switch progress {
            case .pending: break
            case .send(let commands): write(commands, context)
            case .done(let facts): open(facts, context)
            }
        } catch {
            end(error)
        }
    }

    private func open(_ facts: ServerFacts, _ context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let handler = NIOLoopBound(self, eventLoop: loop)
        let lane = RedisLane(channel: context.channel, facts: facts) {
            loop.execute { handler.value.flush() }
        } end: { error in
            loop.execute { handler.value.end(error) }
        }
        stage = .open(lane)
        ready.succeed()
        link.opened(lane)
    }
}

// MARK: - Writing
extension LinkHandler {
    /// Writes what there is, as much as the socket takes.
    private func flush() {
        guard let context, case .open = stage else { return }
        var hasWritten = false
        while context.channel.isWritable {
            let taken = link.take(bytesMax: Self.takenMax)
            if taken.isEmpty { break }
            write(taken, context)
            hasWritten = true
        }
        if hasWritten { context.flush() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { flush() }
        context.fireChannelWritabilityChanged()
    }

    private func write(_ commands: [RedisCommand], _ context: ChannelHandlerContext) {
        write(commands.map(\.encoded), context)
        context.flush()
    }

    private func write(_ buffers: [ByteBuffer], _ context: ChannelHandlerContext) {
        if buffers.count == 1 {
            context.write(wrapOutboundOut(buffers[0]), promise: nil)
            return
        }
        let small = buffers.lazy.map(\.readableBytes).filter { $0 <= Self.joinedMax }.reduce(0, +)
        var joined = context.channel.allocator.buffer(capacity: small)
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
}
