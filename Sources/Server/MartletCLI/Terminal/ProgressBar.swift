import MartletCore

/// Long work as a line that is drawn over on a terminal, and as a plain line every few seconds where standard error is a file or a pipe.
struct ProgressBar {
    private let terminal: Terminal
    private let clock: any EngineClock
    private let start: Duration
    private var lastDrawn: Duration?

    private static let barWidth = 28
    private static let liveInterval: Duration = .milliseconds(100)
    private static let plainInterval: Duration = .seconds(5)

    init(_ terminal: Terminal, clock: any EngineClock) {
        self.terminal = terminal
        self.clock = clock
        start = clock.uptime()
    }

    var elapsed: Duration { clock.uptime() - start }

    /// Draws, unless it has just drawn.
    /// - Parameters:
    ///   - fraction: 0…1; `nil` where nobody knows how much there is.
    ///   - text: what stands behind the bar.
    mutating func show(_ fraction: Double?, _ text: String) {
        let now = clock.uptime()
        let interval = terminal.errorIsTerminal ? Self.liveInterval : Self.plainInterval
        // The first plain line would say that nothing has happened yet.
        let last = lastDrawn ?? (terminal.errorIsTerminal ? now - interval : start)
        guard now - last >= interval else { return }
        lastDrawn = now
        if terminal.errorIsTerminal {
            terminal.live(TextWidth.cut(Self.line(fraction, text), to: max(20, terminal.width - 1)))
        } else {
            terminal.note(fraction.map { "\(Int($0 * 100)) %  \(text)" } ?? text)
        }
    }

    /// Draws the last state and goes to the next line.
    mutating func finish(_ text: String) {
        if terminal.errorIsTerminal {
            terminal.live(TextWidth.cut(text, to: max(20, terminal.width - 1)))
            terminal.endLive()
        } else {
            terminal.note(text)
        }
    }

    static func line(_ fraction: Double?, _ text: String) -> String {
        guard let fraction else { return text }
        let filled = Int((Double(barWidth) * min(max(fraction, 0), 1)).rounded(.down))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: barWidth - filled)
        let percent = Int(min(max(fraction, 0), 1) * 100)
        return "\(bar) \(percent < 10 ? "  " : percent < 100 ? " " : "")\(percent) %  \(text)"
    }
}
