import Synchronization

extension JobContext {
    /// Sleeps without holding anything: the attempt ends, and the job is ready again after `duration`, in this process or another.
    public func sleep(for duration: Duration) async throws {
        let (key, stored) = try next("sleep")
        if stored != nil { return }
        throw suspend(.snoozed(for: duration), steps: [NewStep(name: key, result: .null)])
    }

    /// Waits for a signal (`Engine.signal`, `POST /v1/jobs/{id}/signal`) without holding anything. One that came before counts; each wait for
    /// the same name takes the next.
    /// - Returns: the signal's data, or `nil` where none came within `limit`.
    public func wait(for signal: String, within limit: Duration? = nil) async throws -> Payload? {
        try await wait(forEvent: Signal.eventType(signal), in: StreamName.job(id), step: "wait.\(signal)", within: limit)
    }

    /// Like `wait(for:within:)`, the data decoded.
    public func wait<T: Decodable & Sendable>(for signal: String, as type: T.Type, within limit: Duration? = nil) async throws -> T? {
        guard let data = try await wait(for: signal, within: limit) else { return nil }
        return try PayloadCoding.decode(type, from: data)
    }

    /// Waits for the next event of a type in any stream: the first that the job has not yet taken.
    public func wait(forEvent type: String, in stream: String, within limit: Duration? = nil) async throws -> Payload? {
        try await wait(forEvent: type, in: stream, step: "wait.\(stream).\(type)", within: limit)
    }

    private func wait(forEvent type: String, in stream: String, step: String, within limit: Duration?) async throws -> Payload? {
        let (key, stored) = try next(step)
        if let stored {
            switch WaitResult(stored.result) {
            case .event(let event): return event.data
            default: return nil
            }
        }
        let condition = Wait.Condition.event(stream: stream, type: type, after: lastTaken(step))
        throw suspend(.waiting(Wait(condition, step: key, deadline: limit)))
    }

    /// The sequence number of the last event that an earlier use of this wait took; 0 before the first.
    private func lastTaken(_ step: String) -> Int {
        state.withLock { state in
            state.steps.values.filter { $0.name == step || $0.name.hasPrefix("\(step)#") }.compactMap { stored in
                if case .event(let event) = WaitResult(stored.result) { event.sequence } else { nil }
            }.max() ?? 0
        }
    }
}
