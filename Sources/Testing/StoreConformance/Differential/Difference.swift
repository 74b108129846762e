/// What two stores answered where they should have answered alike.
struct Difference {
    let reference: String
    let subject: String

    /// `nil` where there is none.
    init?(_ reference: StoreAnswer, _ subject: StoreAnswer) {
        guard reference != subject else { return nil }
        self.reference = "\(reference)"
        self.subject = "\(subject)"
    }
}
