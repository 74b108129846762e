import HTTPTypes
import Hummingbird
import Martlet
import MartletCore

extension Response {
    /// A live stream that ends with its reader, with the server, or by itself.
    static func sse(_ follower: StreamFollower, for request: Request, in streams: OpenStreams) throws(Problem) -> Response {
        try streams.checkRoom()
        let headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store", .accelBuffering: "no", .connection: "close",
        ]
        let body = ResponseBody { writer in
            let ending = streams.open()
            defer { streams.close(ending) }
            try await request.body.consumeWithInboundCloseHandler { _ in
                try await follower.run(&writer, until: ending)
            } onInboundClosed: {
                ending.come(.readerGone)
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}
