import MartletCore

/// A job of a scenario and what happens to it from outside.
struct JobPlan: Sendable {
    var job: NewJob
    var recipe: Recipe
    /// Since the beginning of the run.
    var at: Duration
    var isCancelled = false

    init(id: JobID, recipe: Recipe, at: Duration) {
        job = NewJob(id: id, kind: recipe.kind, payload: .emptyObject)
        self.recipe = recipe
        self.at = at
    }
}
