import NIOCore

@testable import RedisStore

final class FakeServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let number: Int
    private let received: AsyncStream<FakeServer.Command>.Continuation
    private let react: @Sendable (FakeServer.Command) -> FakeServer.Reaction
    private var parser = RESPParser()

    init(
        number: Int, received: AsyncStream<FakeServer.Command>.Continuation, react: @escaping @Sendable (FakeServer.Command) -> FakeServer.Reaction
    ) {
        self.number = number
        self.received = received
        self.react = react
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        parser.append(unwrapInboundIn(data))
        do {
            while let value = try parser.next() {
                let command = FakeServer.Command(connection: number, words: value.elements?.compactMap(\.string) ?? [])
                let reaction = react(command)
                received.yield(command)
                switch reaction {
                case .silence: break
                case .say(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                case .hangUp: return context.close(promise: nil)
                case .sayAndHangUp(let text):
                    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                    return context.close(promise: nil)
                }
            }
        } catch {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
