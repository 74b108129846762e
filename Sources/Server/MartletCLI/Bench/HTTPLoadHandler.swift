import MartletCore
import NIOCore
import NIOHTTP1

/// One connection of an `HTTPLoad`.
final class HTTPLoadHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let load: HTTPLoad
    private let promise: EventLoopPromise<[Duration]>
    private let head: HTTPRequestHead
    private let body: ByteBuffer
    private var left: Int
    private var sentAt: Duration = .zero
    private var waits: [Duration] = []
    private var isDone = false

    init(_ load: HTTPLoad, _ requests: Int, _ promise: EventLoopPromise<[Duration]>) {
        self.load = load
        self.promise = promise
        left = requests
        head = load.head
        body = ByteBuffer(bytes: load.body)
        waits.reserveCapacity(requests)
    }

    func channelActive(context: ChannelHandlerContext) { send(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if !(200..<300).contains(head.status.code) {
                finish(.failure(CommandFailure(.failed, "\(load.path) answered \(head.status.code)")))
                context.close(promise: nil)
            }
        case .body: break
        case .end:
            waits.append(load.clock.uptime() - sentAt)
            left -= 1
            guard left > 0, !isDone else {
                finish(.success(waits))
                context.close(promise: nil)
                return
            }
            send(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.failure(CommandFailure(.failed, "the connection failed: \(error)")))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.failure(CommandFailure(.failed, "the server closed the connection")))
    }

    private func finish(_ result: Result<[Duration], any Error>) {
        if isDone { return }
        isDone = true
        promise.completeWith(result)
    }

    private func send(_ context: ChannelHandlerContext) {
        sentAt = load.clock.uptime()
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
