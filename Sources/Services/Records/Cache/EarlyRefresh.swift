import Foundation
import MartletCore

/// When a value is renewed before its time is over: XFetch (Vattani, Chierichetti, Lowenstein: "Optimal Probabilistic Cache Stampede
/// Prevention", PVLDB 8(8), 2015, figure 3).
///
/// A reader renews when `now − cost · eagerness · ln(u) ≥ expiry` for `u` uniform in (0, 1]: with probability exp(−left / (cost · eagerness)).
/// So the first renewal comes about as long before the expiry as the computation takes, rarely twice, and never by all readers at once.
enum EarlyRefresh {
    /// - Parameters:
    ///   - left: until the value's time is over.
    ///   - cost: how long its computation took.
    ///   - eagerness: the paper's β; 1 is optimal where readers come evenly.
    ///   - die: uniform in (0, 1].
    static func isDue(left: Duration, cost: Duration, eagerness: Double, die: Double) -> Bool {
        if left <= .zero { return true }
        guard cost > .zero, eagerness > 0 else { return false }
        return cost.inSeconds * eagerness * -log(die) >= left.inSeconds
    }

    /// A die from a word of randomness: 53 bits, never zero.
    static func die(_ word: UInt64) -> Double { Double((word >> 11) + 1) * 0x1p-53 }
}
