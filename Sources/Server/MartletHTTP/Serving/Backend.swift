import HTTPTypes
import Hummingbird
import Martlet
import MartletCore
import Records

/// What every route works with.
struct Backend: Sendable {
    let engine: Engine
    let configuration: HTTPConfiguration
    let streams: OpenStreams
    let metrics: MetricsRegistry
    let logs: any LogSource
    let access: AccessControl
    let audit: AuditLog

    init(
        engine: Engine, configuration: HTTPConfiguration, streams: OpenStreams, metrics: MetricsRegistry, logs: any LogSource,
        access: AccessControl? = nil
    ) {
        (self.engine, self.configuration, self.streams) = (engine, configuration, streams)
        (self.metrics, self.logs) = (metrics, logs)
        self.access = access ?? AccessControl(environment: engine.environment)
        audit = AuditLog(store: engine.store)
    }

    var store: any Store { engine.store }
    var clock: any EngineClock { engine.environment.clock }
    var jobReader: JobReader { JobReader(environment: engine.environment, defaults: configuration.kindDefaults) }

    @inline(never)
    func newJob(_ json: JSON) throws(Problem) -> NewJob { try jobReader.job(json) }

    func json(_ request: Request) async throws -> JSON {
        try await BodyReader.json(request, bytesMax: configuration.bodyBytesMax)
    }

    /// The body of a request that needs none: nothing, or an object without fields.
    func requireNoFields(_ request: Request) async throws {
        guard let json = try await BodyReader.optionalJSON(request, bytesMax: configuration.bodyBytesMax) else { return }
        _ = try FieldReader(json, allowed: [])
    }

    /// The place in a stream from which a reader goes on: the `Last-Event-ID` header, which a browser sends by itself, before `?after=`.
    func position(_ request: Request, _ query: QueryReader) throws(Problem) -> Int {
        let after = try query.integer("after", in: 0...Int.max) ?? 0
        guard let header = request.headers[.lastEventID], !header.isEmpty else { return after }
        guard let sequence = Int(header), sequence >= 0 else { throw .invalid("Last-Event-ID", "must be a sequence number, or 0") }
        return sequence
    }
}
