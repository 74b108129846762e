import Hummingbird

/// `GET /v1/live`: a WebSocket for any number of streams.
struct LiveRoutes: Sendable {
    let backend: Backend

    func add(to router: Router<APIContext>) {
        router.get("/v1/live") { request, context in try await open(request, context) }
    }

    private func open(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, allowed: [])
        let handshake = try Handshake(request.head)
        try RequestGuard.checkOrigin(request.head)
        let reader = context.identity
        try await context.onEventLoop { channel in try backend.live.admit(channel, reader) }
        return handshake.response
    }
}
