import InMemoryTracing
import MartletCore
import Metrics
import MetricsTestKit
import NIOHTTP1
import Testing
import Tracing

@testable import Outbound

@Suite struct ObservationTests {
    @Test func `a call is one span, whose trace goes to the other side with every attempt`() async throws {
        let tracer = TraceParentTracer()
        try await HostileServer.run({ request in [.answer(request.number == 1 ? 503 : 200)] }) { server in
            try await withTracer(tracer) {
                try await Outside.real { outside async throws in
                    let request = OutboundRequest(.GET, "\(server.url)/secret?token=1", to: Outside.destination(), headers: ["traceparent": "old"])
                    #expect(try await outside.client.reply(to: request).status == 200)
                }
            }
            let span = try #require(tracer.base.finishedSpans.first)
            #expect(tracer.base.finishedSpans.count == 1)
            #expect(span.operationName == "outbound" && span.kind == .client)
            #expect(span.attributes["martlet.destination"]?.toSpanAttribute() == .string("test"))
            #expect(span.attributes["http.response.status_code"]?.toSpanAttribute() == .int64(200))
            span.attributes.forEach { _, value in #expect(!"\(value)".contains("secret") && !"\(value)".contains("token")) }
            #expect(server.requests.map { $0.headers["traceparent"] } == Array(repeating: ["00-\(span.traceID)-\(span.spanID)-01"], count: 2))
        }
    }

    @Test func `without an instrument no header of a trace is sent`() async throws {
        try await HostileServer.run({ _ in [.answer()] }) { server in
            try await Outside.real { outside async throws in
                _ = try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: Outside.destination()))
            }
            #expect(server.requests.first?.headers.contains(name: "traceparent") == false)
        }
    }

    @Test func `a span that failed says so`() async throws {
        let tracer = TraceParentTracer()
        try await withTracer(tracer) {
            try await Outside.real { outside async throws in
                let request = OutboundRequest(.GET, "https://10.0.0.1/", to: Destination("inside", deadlines: .media))
                #expect(await failure { try await outside.client.reply(to: request) } != nil)
            }
        }
        #expect(tracer.base.finishedSpans.first?.errors.isEmpty == false)
    }

    @Test func `calls, attempts and times are counted for each destination`() async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
            try await HostileServer.run({ request in [.answer(request.number == 1 ? 503 : request.number == 3 ? 404 : 200)] }) { server in
                try await Outside.real { outside async throws in
                    for _ in 0..<2 { _ = try await outside.client.reply(to: OutboundRequest(.GET, server.url, to: Outside.destination())) }
                    let inside = OutboundRequest(.GET, "https://10.0.0.1/", to: Destination("inside", deadlines: .media))
                    #expect(await failure { try await outside.client.reply(to: inside) } != nil)
                }
            }
        }
        func count(_ destination: String, _ end: String) throws -> Int64 {
            try metrics.expectCounter("martlet_outbound_calls_total", [("destination", destination), ("end", end)]).totalValue
        }
        #expect(try count("test", "succeeded") == 1)
        #expect(try count("test", "rejected") == 1)
        #expect(try count("inside", "forbidden") == 1)
        #expect(try metrics.expectCounter("martlet_outbound_attempts_total", [("destination", "test")]).totalValue == 3)
        #expect(try metrics.expectTimer("martlet_outbound_seconds", [("destination", "test")]).values.count == 2)
    }
}

/// Spans in memory, and the header of W3C Trace Context (https://www.w3.org/TR/trace-context/#traceparent-header).
private struct TraceParentTracer: Tracer {
    let base = InMemoryTracer(
        idGenerator: .init(nextTraceID: { "4bf92f3577b34da6a3ce929d0e0e4736" }, nextSpanID: { "00f067aa0ba902b7" }))

    func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind, at instant: @autoclosure () -> Instant,
        function: String, file fileID: String, line: UInt
    ) -> InMemorySpan {
        base.startSpan(operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID, line: line)
    }

    func forceFlush() {}

    func extract<Carrier, Extract: Extractor>(_ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract)
    where Extract.Carrier == Carrier {}

    func inject<Carrier, Inject: Injector>(_ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject)
    where Inject.Carrier == Carrier {
        guard let span = context.inMemorySpanContext else { return }
        injector.inject("00-\(span.traceID)-\(span.spanID)-01", forKey: "traceparent", into: &carrier)
    }
}
