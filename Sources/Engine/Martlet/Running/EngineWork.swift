/// What the loops of one run of the engine share.
struct EngineWork: Sendable {
    let table: RunningTable
    let settler: Settler
    let events: EventWriter
    let liveness: Liveness
    let metrics: EngineMetrics
}
