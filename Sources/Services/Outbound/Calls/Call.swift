import Logging
import MartletCore

/// One call from its limits to its answer: attempts, and the waits between them.
struct Call: Sendable {
    private enum Turn<Value: Sendable>: Sendable {
        case done(Value, status: Int)
        /// No attempt was made: a limit says to wait, and the place is given back meanwhile.
        case limited(Duration)
        case retry(after: Duration)
    }

    let client: OutboundClient
    let request: OutboundRequest
    let target: Target
    let isRestartable: Bool
    private let startedAt: Duration
    private let total: Duration
    private let rule: RetryRule

    init(_ client: OutboundClient, _ request: OutboundRequest, _ target: Target, startedAt: Duration, isRestartable: Bool) {
        self.client = client
        self.request = request
        self.target = target
        self.isRestartable = isRestartable
        self.startedAt = startedAt
        total = min(request.destination.deadlines.total, request.within ?? request.destination.deadlines.total)
        rule = RetryRule(
            plan: request.destination.retry, isRepeatable: RetryRule.isIdempotent(request.method) || request.idempotencyKey != nil,
            isReplayable: request.body?.isReplayable ?? true, patience: request.destination.patience)
    }

    private var destination: Destination { request.destination }
    private var clock: any EngineClock { client.environment.clock }
    private var left: Duration { startedAt + total - clock.uptime() }

    func run<Value: Sendable>(_ body: @escaping @Sendable (OutboundResponse) async throws -> Value) async throws -> (Value, status: Int) {
        var attempt = 1
        var patience = destination.patience
        client.budgets.deposit(destination)
        while true {
            switch try await turn(attempt, patience, body) {
            case .done(let value, let status): return (value, status)
            case .limited(let delay):
                guard delay <= patience, delay < left else { throw OutboundError.refused(request.scope, retryAfter: delay, .limit) }
                patience -= delay
                try await clock.sleep(for: delay)
            case .retry(let delay):
                attempt += 1
                try await clock.sleep(for: delay)
            }
        }
    }

    private func turn<Value: Sendable>(
        _ attempt: Int, _ patience: Duration, _ body: @escaping @Sendable (OutboundResponse) async throws -> Value
    ) async throws -> Turn<Value> {
        guard destination.allowsPlainHTTP || target.scheme == .https else { throw OutboundError.invalidRequest("the destination takes https alone") }
        guard left > .zero else { throw OutboundError.deadline(.total, destination: destination.name, limit: total) }
        if let delay = client.breakers.openFor(destination, target) { throw OutboundError.refused(request.scope, retryAfter: delay, .circuit) }
        let turn = try await client.bulkhead.withPlace(in: destination, request.credential ?? "", patience: min(patience, left)) {
            try await inPlace(attempt, body)
        }
        guard let turn else { throw OutboundError.refused(request.scope, retryAfter: Self.busyDelay, .busy) }
        return turn
    }

    /// How soon a place may be free, and a store back: nobody knows, so soon.
    private static let busyDelay: Duration = .seconds(1)
    private static let storeDelay: Duration = .seconds(5)

    private func inPlace<Value: Sendable>(
        _ attempt: Int, _ body: @escaping @Sendable (OutboundResponse) async throws -> Value
    ) async throws -> Turn<Value> {
        let pass: LimitGate.Pass
        do throws(StoreError) {
            switch try await client.gate.admit(request.scope, of: destination) {
            case .wait(let delay): return .limited(delay)
            case .pass(let given): pass = given
            }
        } catch {
            client.logger.warning("limits could not be read", metadata: ["scope": "\(request.scope)", "error": "\(error)"])
            throw OutboundError.refused(request.scope, retryAfter: Self.storeDelay, .store)
        }
        switch client.breakers.admit(destination, target) {
        case .refused(let delay): throw OutboundError.refused(request.scope, retryAfter: delay, .circuit)
        case .permitted(let permit): return try await send(attempt, pass, permit, body)
        }
    }

    private func send<Value: Sendable>(
        _ attempt: Int, _ pass: LimitGate.Pass, _ permit: CircuitBreaker.Permit,
        _ body: @escaping @Sendable (OutboundResponse) async throws -> Value
    ) async throws -> Turn<Value> {
        client.metrics.attempted(destination.name)
        let watch = DeadlineWatch(destination, clock: clock, totalDue: startedAt + total, totalLimit: total)
        let exchange = Exchange(call: self, pass: pass, watch: watch)
        do {
            let answer: Exchange.Answer<Value> = try await exchange.run { status, retryAfter in
                wait(after: .status(status, retryAfter: retryAfter), attempt)
            } body: {
                try await body($0)
            }
            switch answer {
            case .value(let value, let status):
                client.breakers.record(permit, succeeded: status < 500, destination, target)
                return .done(value, status: status)
            case .retry(let delay, let status):
                client.breakers.record(permit, succeeded: status < 500, destination, target)
                return .retry(after: delay)
            }
        } catch {
            guard let failure = watch.failure as? OutboundError, let ending = RetryRule.Ending(failure) else {
                // What the caller makes of an answer says nothing against the other side.
                if watch.hasAnswered { client.breakers.record(permit, succeeded: true, destination, target) }
                throw error
            }
            client.breakers.record(permit, succeeded: false, destination, target)
            if case .connection(_, _, false) = failure { client.hosts.forget(target.host) }
            guard isRestartable || !watch.hasAnswered, let delay = wait(after: ending, attempt) else { throw error }
            return .retry(after: delay)
        }
    }

    private func wait(after ending: RetryRule.Ending, _ attempt: Int) -> Duration? {
        guard let delay = rule.wait(after: ending, attempt: attempt, left: left, client.environment), client.budgets.withdraw(destination) else {
            return nil
        }
        return delay
    }
}

extension RetryRule.Ending {
    /// `nil` where the other side is not to blame.
    fileprivate init?(_ error: OutboundError) {
        switch error {
        case .deadline(let phase, _, _): self = .broken(mayHaveArrived: phase != .connect)
        case .connection(_, _, let mayHaveArrived): self = .broken(mayHaveArrived: mayHaveArrived)
        case .unresolvable: self = .broken(mayHaveArrived: false)
        default: return nil
        }
    }
}
