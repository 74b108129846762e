/// How a seed is run.
public struct SimulationOptions: Sendable {
    /// A known fault in the store, for the checks to find.
    public var mutation: Mutation?
    /// Keep the whole trace, not its hash alone.
    public var keepsTrace: Bool

    /// Whether the answer to a claim can be lost, so that a node that lives holds jobs it knows nothing of.
    public var losesClaims: Bool

    public init(mutation: Mutation? = nil, keepsTrace: Bool = false, losesClaims: Bool = false) {
        self.mutation = mutation
        self.keepsTrace = keepsTrace
        self.losesClaims = losesClaims
    }
}
