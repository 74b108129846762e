extension Trigger {
    /// How long after its slot the job of this trigger is due: from zero to `jitter`, by a hash of name and slot (FNV-1a), so that every
    /// node computes the same and a herd of triggers on one slot spreads out.
    public func delay(name: String, slot: Timestamp) -> Duration {
        let span = UInt64(clamping: jitter.microseconds)
        guard span > 0 else { return .zero }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for shift in stride(from: 0, to: 64, by: 8) {
            hash = (hash ^ (UInt64(bitPattern: slot.microseconds) >> UInt64(shift) & 0xFF)) &* 0x100_0000_01B3
        }
        hash ^= hash >> 32
        return .microseconds(Int64(hash % (span + 1)))
    }
}
