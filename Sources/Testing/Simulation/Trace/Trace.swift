import MartletCore
import MartletTesting
import Synchronization

/// What happened, line by line. The hash covers every line, kept or not.
final class Trace: Sendable {
    private struct State {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var lines: [String] = []
        var names: [JobID: Int] = [:]
    }

    private let clock: VirtualClock
    private let keepsLines: Bool
    private let state = Mutex(State())

    init(clock: VirtualClock, keepsLines: Bool) {
        self.clock = clock
        self.keepsLines = keepsLines
    }

    /// `j1`, `j2` … in the order in which jobs were first spoken of.
    func name(_ job: JobID) -> String {
        let number = state.withLock { state in
            if let number = state.names[job] { return number }
            state.names[job] = state.names.count + 1
            return state.names.count
        }
        return "j\(number)"
    }

    /// FNV-1a over the time, the speaker and the text.
    func add(_ who: String, _ text: String) {
        let time = clock.uptime().microseconds
        state.withLock { state in
            var hash = state.hash
            for byte in who.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            state.hash = (hash ^ UInt64(bitPattern: time)) &* 0x100_0000_01B3
            if keepsLines { state.lines.append("\(Self.seconds(time)) \(who) \(text)") }
        }
    }

    var hash: UInt64 { state.withLock { $0.hash } }
    var lines: [String] { state.withLock { $0.lines } }

    private static func seconds(_ microseconds: Int64) -> String {
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
}
