import Synchronization

extension JobContext {
    /// Adds an event to a stream, this job's own by default. It becomes visible together with this attempt's settlement, or never.
    public func emit(_ type: String, _ data: Payload = .null, to stream: String? = nil) throws {
        let event = NewEvent(stream: stream ?? StreamName.job(id), type: type, data: data)
        if let fault = event.fault { throw JobError.permanent("\(fault)") }
        try state.withLock { state throws(JobError) in
            guard state.suspension == nil else { throw .suspended }
            state.emitted.append(event)
            state.saidSomething = true
        }
    }

    /// Like `emit(_:_:to:)`, the data encoded.
    public func emit(_ type: String, value: some Encodable, to stream: String? = nil) throws {
        try emit(type, try PayloadCoding.encode(value), to: stream)
    }

    /// Says how far the job is, from 0 to 1: shown live, kept with the job. Cheap: what comes faster than the store writes is conflated.
    public func progress(_ fraction: Double, _ message: String? = nil) {
        let progress = Progress(fraction: fraction, message: message)
        state.withLock { state in
            state.progress = progress
            state.saidSomething = true
        }
        events.progress(NewEvent(stream: StreamName.job(id), type: "progress", data: progress.payload, lease: lease), of: id)
    }

    /// Adds an event to this job's stream now, for whoever watches. Waits where the job says more than the store can write.
    public func stream(_ type: String, _ data: Payload) async {
        state.withLock { $0.saidSomething = true }
        await events.write(NewEvent(stream: StreamName.job(id), type: type, data: data, lease: lease))
    }
}
