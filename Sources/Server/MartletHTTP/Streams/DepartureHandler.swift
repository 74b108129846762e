import NIOCore

/// Notices that the other side of a connection has gone while its request is still being answered.
///
/// Hummingbird's own `consumeWithInboundCloseHandler` gives the connection up afterwards, and traps where the body was read before.
final class DepartureHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    /// Comes when the connection closes. A client that closes only its own direction has said all it will say, and counts as gone too.
    let departure = Ending()

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { departure.come(.readerGone) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        departure.come(.readerGone)
        context.fireChannelInactive()
    }
}
