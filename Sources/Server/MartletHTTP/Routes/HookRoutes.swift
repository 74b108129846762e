import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore

/// `POST /hooks/{source}`: a webhook becomes one event in the stream `hooks/<source>`; a topic trigger does the rest.
struct HookRoutes: Sendable {
    let backend: Backend

    static let eventType = "received"

    func add(to router: Router<APIContext>) {
        router.post("/hooks/:source") { request, context in try await receive(request, context) }
    }

    private func receive(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try PathReader.name(context, "source")
        guard let source = backend.configuration.hooks[name] else {
            throw Problem(.notFound, "no source of webhooks has this name: name it in the configuration first")
        }
        let body = try await BodyReader.bytes(request, bytesMax: backend.configuration.bodyBytesMax)
        let data: JSON = ["headers": .object(headers(request, source)), "body": try content(body, BodyReader.mediaType(request))]
        let event = NewEvent(stream: "hooks/\(name)", type: Self.eventType, data: Payload(data))
        return try AppendAnswer.one(event, try await backend.store.append([event])[0], status: .accepted)
    }

    private func headers(_ request: Request, _ source: HookSource) -> [JSON.Member] {
        var members: [JSON.Member] = []
        for field in request.headers where source.headers.contains(field.name.canonicalName) {
            guard !members.contains(where: { $0.name == field.name.canonicalName }) else { continue }
            members.append(.init(field.name.canonicalName, .string(field.value)))
        }
        return members
    }

    /// JSON as it is; any other text as one string; nothing as `null`.
    private func content(_ body: ByteBuffer, _ type: String?) throws(Problem) -> JSON {
        if body.readableBytes == 0 { return .null }
        if let type, type == "application/json" || type.hasSuffix("+json") { return try BodyReader.parse(body) }
        guard let text = String(validating: body.readableBytesView, as: UTF8.self) else {
            throw Problem(.unsupportedMediaType, "the body is neither JSON nor text in UTF-8")
        }
        return .string(text)
    }
}
