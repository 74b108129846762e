/// Who is blamed when a node dies. A job that was held at two deaths is a suspect; a node runs one suspect at a time; a death then
/// counts against that suspect alone. At three deaths of its own a job is quarantined, and jobs that merely shared its node never are.
public enum Quarantine {
    public static let suspectDeaths = 2
    public static let crashesMax = 3

    /// The jobs, of those that a dead node held, whose count of deaths grows by one.
    public static func blamed<ID>(held: [(id: ID, deaths: Int)]) -> [ID] {
        let suspects = held.filter { $0.deaths >= suspectDeaths }
        return (suspects.isEmpty ? held : suspects).map(\.id)
    }
}
