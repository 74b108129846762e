import NIOHTTP1
import Tracing

/// Hands the trace on to the other side: whatever the process's instrument carries over, such as the `traceparent` of W3C Trace Context, goes into
/// the headers. Without an instrument nothing does.
struct HeaderInjector: Injector {
    /// `headers` with those of the current span; what the caller wrote under their names gives way.
    static func traced(_ headers: HTTPHeaders) -> HTTPHeaders {
        var headers = headers
        if let context = InstrumentationContext.current {
            InstrumentationSystem.instrument.inject(context, into: &headers, using: HeaderInjector())
        }
        return headers
    }

    func inject(_ value: String, forKey key: String, into headers: inout HTTPHeaders) {
        headers.replaceOrAdd(name: key, value: value)
    }
}
