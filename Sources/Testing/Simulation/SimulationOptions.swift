/// How a seed is run.
public struct SimulationOptions: Sendable {
    /// A known fault in the store, for the checks to find.
    public var mutation: Mutation?
    /// Keep the whole trace, not its hash alone.
    public var keepsTrace: Bool

    public init(mutation: Mutation? = nil, keepsTrace: Bool = false) {
        self.mutation = mutation
        self.keepsTrace = keepsTrace
    }
}
