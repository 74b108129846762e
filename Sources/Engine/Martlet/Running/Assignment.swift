/// A job that was handed to this node, and the node's generation under which it was.
struct Assignment: Sendable {
    let claimed: ClaimedJob
    let generation: Int

    var job: JobRecord { claimed.job }
}
