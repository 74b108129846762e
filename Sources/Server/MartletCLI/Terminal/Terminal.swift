import Glibc
import MartletCore
import Synchronization

/// The one way this program speaks: results to standard output, everything said about them to standard error.
final class Terminal: Sendable {
    /// A colour, where the reader is a person who wants any (https://no-color.org).
    enum Style: String, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case cyan = "36"
    }

    static let standard = Terminal()

    let outputIsTerminal: Bool
    let errorIsTerminal: Bool
    private let wantsColour: Bool
    /// Whether the last thing on standard error is a line that will be drawn over.
    private let hasLiveLine = Mutex(false)

    private init() {
        outputIsTerminal = isatty(STDOUT_FILENO) == 1
        errorIsTerminal = isatty(STDERR_FILENO) == 1
        wantsColour = getenv("NO_COLOR") == nil && getenv("TERM").map { String(cString: $0) } != "dumb"
        // A reader that goes away (`| head`) ends the program by a failed write, not by a signal in the middle of something.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Columns of the terminal: of standard output where that is one, else of standard error, else as many as it takes.
    var width: Int {
        var size = winsize()
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] where ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 {
            return Int(size.ws_col)
        }
        return 120
    }

    /// A line of the result.
    func say(_ line: String) {
        clearLiveLine()
        write(line + "\n", to: STDOUT_FILENO)
    }

    func say(_ lines: [String]) {
        if !lines.isEmpty { say(lines.joined(separator: "\n")) }
    }

    /// A line about the result, or about what goes wrong.
    func note(_ line: String) {
        clearLiveLine()
        write(line + "\n", to: STDERR_FILENO)
    }

    /// Draws over the last live line. For a terminal only.
    func live(_ line: String) {
        hasLiveLine.withLock { $0 = true }
        write("\r\u{1B}[2K" + line, to: STDERR_FILENO)
    }

    /// Leaves the live line as it stands.
    func endLive() {
        let was = hasLiveLine.withLock { live in
            defer { live = false }
            return live
        }
        if was { write("\n", to: STDERR_FILENO) }
    }

    private func clearLiveLine() {
        let was = hasLiveLine.withLock { live in
            defer { live = false }
            return live
        }
        if was { write("\r\u{1B}[2K", to: STDERR_FILENO) }
    }

    /// `text` in a style, where standard output is a terminal.
    func style(_ text: String, _ style: Style) -> String {
        outputIsTerminal && wantsColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// A reader that has gone away wants no more: what cannot be written is dropped, and the process ends where nobody reads its result.
    private func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            while start < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress! + start, bytes.count - start)
                if count > 0 {
                    start += count
                } else if errno == EPIPE, descriptor == STDOUT_FILENO {
                    exit(CommandFailure.Code.failed.rawValue)
                } else if errno != EINTR, errno != EAGAIN {
                    return
                }
            }
        }
    }
}
