-- wrk: the body of every request, and one line of JSON at the end.
if os.getenv("LOAD_BODY") ~= "" then
    wrk.method = "POST"
    wrk.body = os.getenv("LOAD_BODY")
    wrk.headers["Content-Type"] = "application/json"
end
wrk.headers["Authorization"] = "Bearer " .. os.getenv("LOAD_KEY")

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"rate": %.1f, "p50": %.3f, "p95": %.3f, "p99": %.3f, "refused": %d, "failed": %d}\n', summary.requests / (summary.duration / 1e6),
        latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout))
end
