import Subprocess

/// Waiting, without doing anything to the process.
enum Patience {
    /// 136 years, in steps that double for the reason given at `EngineClock.sleep(until:)`; signal 0 is no signal (kill(2)).
    static let steps: [TeardownStep] = (0..<32).map { step in
        .send(signal: Signal(rawValue: 0), allowedDurationToNextStep: .seconds(1 << step))
    }
}
