import MartletCore
import Synchronization

/// What one running command says, on its way to the sink, and what of it decides how the attempt ends.
final class Conversation: Sendable {
    enum Voice { case output, log }

    private struct State {
        var meter: OutputMeter
        var result: Payload?
        var isResultTooLarge = false
        var retryAfter: Duration?
        var error: (any Error)?
    }

    private let state: Mutex<State>
    private let lineBytesMax: Int
    private let outputBytesMax: Int
    private let sink: CommandSink
    private let stop: StopRequest

    init(_ spec: CommandSpec, sink: @escaping CommandSink, stop: StopRequest) {
        state = Mutex(State(meter: OutputMeter(bytesMax: spec.outputBytesMax)))
        lineBytesMax = spec.lineBytesMax
        outputBytesMax = spec.outputBytesMax
        self.sink = sink
        self.stop = stop
    }

    var result: Payload? { state.withLock { $0.result } }
    var isResultTooLarge: Bool { state.withLock { $0.isResultTooLarge } }
    var retryAfter: Duration? { state.withLock { $0.retryAfter } }
    var error: (any Error)? { state.withLock { $0.error } }

    func hear(_ line: OutputLine, _ voice: Voice) async {
        if voice == .output {
            if let control = ControlLine(line) { return await obey(control, bytes: line.length) }
            if ControlLine.isCutResult(line) { return state.withLock { $0.isResultTooLarge = true } }
        }
        let text = line.text(bytesMax: lineBytesMax)
        await say(voice == .output ? .output(text) : .log(text), bytes: text.utf8.count + 1)
    }

    /// A result and a retry always count; progress is output like any other and stops with it.
    private func obey(_ control: ControlLine, bytes: Int) async {
        switch control {
        case .progress(let progress): await say(.progress(progress), bytes: bytes)
        case .result(let payload):
            let fits = payload.utf8.count <= Limits.payloadBytes
            state.withLock { state in
                state.result = fits ? payload : nil
                state.isResultTooLarge = !fits
            }
            if fits { await pass(.result(payload)) }
        case .retry(let delay):
            state.withLock { $0.retryAfter = delay }
            await pass(.retryAfter(delay))
        }
    }

    private func say(_ output: CommandOutput, bytes: Int) async {
        switch state.withLock({ $0.meter.count(bytes) }) {
        case .forward: await pass(output)
        case .announce: await pass(.log("the command wrote more than \(outputBytesMax) bytes; the rest of its output and log is not kept"))
        case .drop: break
        }
    }

    private func pass(_ output: CommandOutput) async {
        guard state.withLock({ $0.error == nil }) else { return }
        do {
            try await sink(output)
        } catch {
            fail(error)
        }
    }

    /// What the command says cannot be taken any more: it is stopped, and whoever runs it is told why.
    func fail(_ error: any Error) {
        state.withLock { state in
            if state.error == nil { state.error = error }
        }
        stop.raise(.failed)
    }
}
