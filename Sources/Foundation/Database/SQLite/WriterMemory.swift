/// What the writer remembers between two transactions, and of which state of the file that is true.
struct WriterMemory<Memory: Sendable>: Sendable {
    private var value: Memory?
    private var dataVersion: Int64?

    /// Whether another connection has committed since the last look. What was remembered is dropped then.
    mutating func notice(_ version: Int64) -> Bool {
        defer { dataVersion = version }
        guard let dataVersion, dataVersion != version else { return false }
        value = nil
        return true
    }

    mutating func take() -> Memory? {
        defer { value = nil }
        return value
    }

    mutating func keep(_ memory: Memory) { value = memory }
}
