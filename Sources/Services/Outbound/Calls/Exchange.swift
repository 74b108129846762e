import AsyncHTTPClient
import Logging
import MartletCore
import NIOCore
import NIOHTTP1

/// One attempt on the wire: the request, its redirects, and the answer's body, under a watch that ends all of it in time.
struct Exchange: Sendable {
    enum Answer<Value: Sendable>: Sendable {
        case value(Value, status: Int)
        case retry(after: Duration, status: Int)
    }

    private enum Outcome<Value: Sendable>: Sendable {
        case answered(Answer<Value>)
        case redirected(RedirectRule.Next)
    }

    private struct Hop: Sendable {
        var number = 0
        var target: Target
        var method: HTTPMethod
        var headers: HTTPHeaders
        var body: OutboundBody?
    }

    let call: Call
    let pass: LimitGate.Pass
    let watch: DeadlineWatch

    private var client: OutboundClient { call.client }
    private var destination: Destination { call.request.destination }

    /// - Parameter retry: asked with a status and what it said of when to come back, before the caller sees the answer.
    func run<Value: Sendable>(
        retry: @escaping @Sendable (Int, Duration?) -> Duration?, body: @escaping @Sendable (OutboundResponse) async throws -> Value
    ) async throws -> Answer<Value> {
        try await withThrowingTaskGroup(of: Answer<Value>?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await watch.run()
                return nil
            }
            group.addTask { try await follow(retry, body) }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    private func follow<Value: Sendable>(
        _ retry: @escaping @Sendable (Int, Duration?) -> Duration?, _ body: @escaping @Sendable (OutboundResponse) async throws -> Value
    ) async throws -> Answer<Value> {
        let request = call.request
        var hop = Hop(
            target: call.target, method: request.method,
            headers: HeaderInjector.traced(request.wireHeaders(userAgent: client.configuration.userAgent)), body: request.body)
        while true {
            switch try await send(hop, retry, body) {
            case .answered(let answer): return answer
            case .redirected(let next):
                guard hop.number < destination.redirectsMax else {
                    throw watch.fail(OutboundError.redirectRefused("there were more than \(destination.redirectsMax)"))
                }
                let body = next.keepsBody ? hop.body : nil
                guard body?.isReplayable ?? true else {
                    throw watch.fail(OutboundError.redirectRefused("the body is a stream, which cannot be sent twice"))
                }
                hop = Hop(number: hop.number + 1, target: next.target, method: next.method, headers: next.headers, body: body)
            }
        }
    }

    /// Tries the host's addresses in turn until one takes the request.
    private func send<Value: Sendable>(
        _ hop: Hop, _ retry: @escaping @Sendable (Int, Duration?) -> Duration?, _ body: @escaping @Sendable (OutboundResponse) async throws -> Value
    ) async throws -> Outcome<Value> {
        watch.looksUp()
        let guardian = AddressGuard(allowing: client.configuration.allowedNetworks + destination.allowedNetworks)
        let addresses: [IPAddress]
        do {
            addresses = try await client.hosts.addresses(of: hop.target, guardian)
        } catch {
            throw error is CancellationError ? watch.failure ?? error : watch.fail(error)
        }
        for (number, address) in addresses.prefix(Self.addressesMax).enumerated() {
            do {
                return try await send(hop, to: address, retry, body)
            } catch OutboundError.connection(_, _, mayHaveArrived: false)
                where number + 1 < min(addresses.count, Self.addressesMax) && !watch.hasAnswered && !Task.isCancelled
                && hop.body?.isReplayable ?? true
            {
                watch.forgive()
            }
        }
        throw watch.fail(OutboundError.unresolvable(host: hop.target.host))
    }

    private static let addressesMax = 4

    private func send<Value: Sendable>(
        _ hop: Hop, to address: IPAddress, _ retry: @escaping @Sendable (Int, Duration?) -> Duration?,
        _ body: @escaping @Sendable (OutboundResponse) async throws -> Value
    ) async throws -> Outcome<Value> {
        let deadlines = destination.deadlines
        let key = PinnedPools.Key(host: hop.target.host, address: address, connect: deadlines.connect)
        let faults = TransportFaults(host: hop.target.host, destination: destination.name, connect: deadlines.connect)
        return try await client.pools.withClient(key) { http in
            let response: HTTPClientResponse
            watch.sends(stream: hop.body?.isStream ?? false)
            do {
                response = try await http.execute(wire(hop), deadline: .distantFuture)
            } catch {
                let error = faults.error(for: error, watch)
                throw error is CancellationError ? error : watch.fail(error)
            }
            watch.pulse()
            return try await take(response, hop, faults, retry, body)
        }
    }

    private func wire(_ hop: Hop) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: hop.target.url)
        request.method = hop.method
        request.headers = hop.headers
        let tooLarge = OutboundError.requestTooLarge(destination: destination.name, bytesMax: destination.requestBytesMax)
        request.body = hop.body.map { $0.make(watch, tooLarge, destination.requestBytesMax) }
        return request
    }

    private func take<Value: Sendable>(
        _ response: HTTPClientResponse, _ hop: Hop, _ faults: TransportFaults, _ retry: @Sendable (Int, Duration?) -> Duration?,
        _ body: @Sendable (OutboundResponse) async throws -> Value
    ) async throws -> Outcome<Value> {
        let status = Int(response.status.code)
        let told = LimitHeaders(response.headers.lazy.map { ($0.name, $0.value) }, now: client.environment.clock.now())
        // What a redirect's other origin says is about somebody else's limits.
        if hop.target.hasSameOrigin(as: call.target) { await learn(told, status) }
        let bytes = self.bytes(response, faults, bytesMax: destination.responseBytesMax)
        if destination.redirectsMax > 0 {
            let next: RedirectRule.Next?
            do throws(OutboundError) {
                next = try RedirectRule.next(
                    response.status, location: response.headers.first(name: "Location"), from: hop.target, hop.method, hop.headers,
                    hasBody: hop.body != nil)
            } catch {
                throw watch.fail(error)
            }
            if let next {
                guard destination.allowsPlainHTTP || next.target.scheme == .https else {
                    throw watch.fail(OutboundError.redirectRefused("the destination takes https alone"))
                }
                await drain(response, faults)
                return .redirected(next)
            }
        }
        let retryAfter = status == 429 ? LimitState.pause(told) : told.retryAfter
        if let delay = retry(status, retryAfter) {
            await drain(response, faults)
            return .answered(.retry(after: delay, status: status))
        }
        if let length = response.headers.first(name: "Content-Length").flatMap(Int.init), length > destination.responseBytesMax, hop.method != .HEAD {
            throw watch.fail(bytes.tooLarge)
        }
        watch.answered()
        let value = try await body(
            OutboundResponse(status: status, headers: response.headers, retryAfter: retryAfter, body: bytes, destination: destination.name))
        return .answered(.value(value, status: status))
    }

    private func learn(_ told: LimitHeaders, _ status: Int) async {
        do throws(StoreError) {
            try await client.gate.heard(told, isRefusal: status == 429, pass, call.request.scope)
        } catch {
            // The answer itself is good. The next call asks the store first, and is refused while it is away.
            client.logger.warning("limits could not be shared", metadata: ["scope": "\(call.request.scope)", "error": "\(error)"])
        }
    }

    private func bytes(_ response: HTTPClientResponse, _ faults: TransportFaults, bytesMax: Int) -> OutboundBytes {
        let tooLarge = OutboundError.responseTooLarge(destination: destination.name, bytesMax: bytesMax)
        return OutboundBytes(base: response.body, watch: watch, faults: faults, tooLarge: tooLarge, bytesMax: bytesMax)
    }

    private static let drainMax = 65_536

    /// Reads a short answer that nobody wants, so that its connection can be used again; a long or broken one costs its connection.
    private func drain(_ response: HTTPClientResponse, _ faults: TransportFaults) async {
        var left = Self.drainMax
        var iterator = response.body.makeAsyncIterator()
        do {
            while left > 0, let buffer = try await iterator.next() {
                left -= buffer.readableBytes
                watch.pulse()
            }
        } catch {
            client.logger.debug("an unwanted answer broke off", metadata: ["host": "\(faults.host)"])
        }
    }
}
