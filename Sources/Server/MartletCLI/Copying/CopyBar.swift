import Martlet
import MartletCore
import Synchronization

/// A copy's progress.
final class CopyBar: Sendable {
    private let bar: Mutex<ProgressBar>

    init(_ terminal: Terminal, clock: any EngineClock) {
        bar = Mutex(ProgressBar(terminal, clock: clock))
    }

    func show(_ progress: CopyProgress) {
        let (fraction, text) = Self.line(progress)
        bar.withLock { $0.show(fraction, text) }
    }

    static func line(_ progress: CopyProgress) -> (fraction: Double?, text: String) {
        switch progress.stage {
        case .waitingForRunning(let count): return (nil, "waiting for \(Wording.plural(count, "job")) that run at the source")
        case .walking(let pass):
            let fraction = progress.total == 0 ? 1 : min(1, Double(progress.done) / Double(progress.total))
            let verb = pass == 1 ? "copying" : "checking, pass \(pass)"
            return (
                fraction,
                "\(verb): \(Wording.count(progress.done)) of \(Wording.plural(progress.total, "job")), \(Wording.count(progress.copied)) copied"
            )
        }
    }

    /// The last line: how many, how long, how fast.
    func finish(_ report: CopyReport) {
        bar.withLock { bar in
            let elapsed = bar.elapsed
            let rate = elapsed > .zero ? Double(report.copied) / elapsed.inSeconds : 0
            var text = "\(Wording.plural(report.copied, "job")) and \(Wording.plural(report.events, "event")) copied in \(Wording.duration(elapsed))"
            if report.copied > 0 { text += " (\(Wording.count(Int(rate))) jobs/s)" }
            bar.finish(text)
        }
    }
}
