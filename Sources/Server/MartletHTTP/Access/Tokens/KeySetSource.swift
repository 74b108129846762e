/// Fetches the key set of an issuer.
public protocol KeySetSource: Sendable {
    /// - Returns: the body of a successful answer. The caller sees to the deadline, by cancelling.
    /// - Throws: for every other answer, and for a body of more than `bytesMax`.
    func fetch(_ url: String, bytesMax: Int) async throws -> [UInt8]
}
