import HTTPTypes
import Hummingbird
import Martlet
import MartletCore
import NIOCore

/// What machines ask a server about itself: is it alive, is it ready, how is it doing, what does it speak.
struct HealthRoutes: Sendable {
    let backend: Backend
    private let overview: OverviewCache

    init(backend: Backend) {
        self.backend = backend
        overview = OverviewCache(store: backend.store, clock: backend.clock)
    }

    func add(to router: Router<APIContext>) {
        router.get("/healthz") { _, _ in Self.status("ok") }
        router.get("/readyz") { _, _ in try await ready() }
        router.get("/metrics") { _, _ in try await metrics() }
        router.get("/openapi.yaml") { _, _ in Self.specification }
    }

    private static func status(_ word: String) -> Response {
        .json { writer in
            writer.beginObject()
            writer.member("status", word)
            writer.endObject()
        }
    }

    /// Ready is who can read the store.
    private func ready() async throws -> Response {
        _ = try await backend.store.read("readiness", after: 0, limit: 1)
        return Self.status("ready")
    }

    private func metrics() async throws -> Response {
        var text = PrometheusText()
        backend.metrics.write(to: &text)
        text.gauge("martlet_http_open_streams", [([], Double(backend.streams.count))])
        QueueGauges.write(try await overview.value(), to: &text)
        return Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text.text)))
    }

    private static let specification: Response = Response(
        status: .ok, headers: [.contentType: "application/yaml"], body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_yaml)))
}
