import HTTPTypes
import Hummingbird

extension Response {
    /// A live stream that ends with its reader, with the server, or by itself.
    static func sse(_ follower: StreamFollower, until departure: Ending, in streams: OpenStreams) throws(Problem) -> Response {
        try streams.checkRoom()
        let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store", .accelBuffering: "no"]
        let body = ResponseBody { writer in
            let ending = streams.open(until: departure)
            defer { streams.close(ending, departure) }
            try await follower.run(&writer, until: ending)
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}
