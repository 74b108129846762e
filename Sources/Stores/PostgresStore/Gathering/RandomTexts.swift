import MartletCore
import Synchronization

/// The random part of job ids that the database makes, drawn before it is known how many are used: what is left over is used next time, so
/// that the same calls draw the same.
final class RandomTexts: Sendable {
    private let source: any RandomSource
    private let kept = Mutex<[String]>([])

    init(_ source: any RandomSource) { self.source = source }

    /// The last twenty digits of `count` ids of version 7.
    func take(_ count: Int) -> [String] {
        guard count > 0 else { return [] }
        return kept.withLock { kept in
            while kept.count < count {
                let id = JobID(at: .epoch, random: (source.next(), source.next()))
                kept.append(String(id.description.filter { $0 != "-" }.suffix(20)))
            }
            defer { kept.removeFirst(count) }
            return Array(kept.prefix(count))
        }
    }

    func giveBack(_ unused: ArraySlice<String>) {
        if unused.isEmpty { return }
        kept.withLock { $0 = unused + $0 }
    }
}
