import MartletCore
import Synchronization

/// The random parts of the ids that topic triggers need. They are drawn before it is known how many are needed; what is left over is given
/// back, and drawn again first, so that one seed makes one sequence of ids.
final class IDTails: Sendable {
    private let random: any RandomSource
    private let returned = Mutex<[[UInt8]]>([])

    init(_ random: any RandomSource) { self.random = random }

    func take(_ count: Int) -> [[UInt8]] {
        returned.withLock { returned in
            var taken = Array(returned.prefix(count))
            returned.removeFirst(taken.count)
            while taken.count < count {
                // The first six bytes are the time, which the function writes.
                taken.append(Array(JobID(at: .epoch, random: (random.next(), random.next())).bytes.dropFirst(6)))
            }
            return taken
        }
    }

    func giveBack(_ tails: some Collection<[UInt8]>) {
        returned.withLock { $0.insert(contentsOf: tails, at: 0) }
    }
}
