import CoreMetrics
import MartletCore
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(1)))
struct MetricsTests {
    @Test func `Requests and queues are shown in the text format, by route and not by path`() async throws {
        try await TestServer.run { server async throws in
            let id = try await server.enqueue(#"{"kind":"a","payload":1,"queue":"q\"1"}"#)
            for _ in 0..<2 { _ = try await server.get("/v1/jobs/\(id)") }
            _ = try await server.get("/v1/nothing/\(id)")
            let reply = try await server.get("/metrics")
            #expect(reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(reply.text.contains(#"martlet_http_requests_total{method="GET",route="/v1/jobs/{id}",status="200"} 2"#))
            #expect(reply.text.contains(#"martlet_http_requests_total{method="GET",route="none",status="404"} 1"#))
            #expect(reply.text.contains(#"martlet_http_request_duration_seconds_count{method="POST",route="/v1/jobs"} 1"#))
            #expect(reply.text.contains(#"martlet_queue_jobs{queue="q\"1",state="ready"} 1"#))
            #expect(!reply.text.contains(id))
            for line in reply.text.split(separator: "\n") where !line.hasPrefix("#") {
                #expect(line.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})? [0-9.e+-]+(Inf)?/) != nil, "\(line)")
            }
        }
    }

    @Test func `What swift-metrics records is shown under names that Prometheus knows`() {
        let registry = MetricsRegistry()
        let factory = PrometheusFactory(registry: registry)
        factory.makeCounter(label: "jobs.done", dimensions: [("kind", "a")]).increment(by: 3)
        factory.makeCounter(label: "martlet_attempts_total", dimensions: []).increment(by: 1)
        factory.makeMeter(label: "depth", dimensions: []).set(1.5)
        factory.makeTimer(label: "attempt", dimensions: []).recordNanoseconds(2_000_000)
        factory.makeRecorder(label: "size", dimensions: [], aggregate: true).record(Int64(7))
        var text = PrometheusText()
        registry.write(to: &text)
        #expect(text.text.contains("# TYPE jobs_done_total counter\njobs_done_total{kind=\"a\"} 3\n"))
        #expect(text.text.contains("martlet_attempts_total 1\n") && text.text.contains("# TYPE depth gauge\ndepth 1.5\n"))
        #expect(text.text.contains("attempt_seconds_bucket{le=\"0.001\"} 0\n"))
        #expect(text.text.contains("attempt_seconds_bucket{le=\"0.0025\"} 1\n") && text.text.contains("attempt_seconds_bucket{le=\"+Inf\"} 1\n"))
        #expect(text.text.contains("attempt_seconds_sum 0.002\nattempt_seconds_count 1\n"))
        #expect(text.text.contains("# TYPE size summary\nsize_sum 7\nsize_count 1\n"))
    }

    @Test func `A metric with endless label values stays bounded`() {
        let registry = MetricsRegistry()
        let factory = PrometheusFactory(registry: registry)
        for number in 0..<1000 { factory.makeCounter(label: "c", dimensions: [("n", "\(number)")]).increment(by: 1) }
        var text = PrometheusText()
        registry.write(to: &text)
        #expect(text.text.split(separator: "\n").count <= MetricsRegistry.seriesMax + 2)
        #expect(text.text.contains("c_total{overflow=\"true\"} 800\n"))
    }

    @Test func `A metric that is destroyed is shown no more`() {
        let registry = MetricsRegistry()
        let factory = PrometheusFactory(registry: registry)
        let counter = factory.makeCounter(label: "c", dimensions: [])
        factory.destroyCounter(counter)
        var text = PrometheusText()
        registry.write(to: &text)
        #expect(text.text.isEmpty)
    }
}
