/// A row needs an envelope key that this process does not hold yet: the source is read again, since a rotation may have put one there.
struct MissingKey: Error {
    let id: String
}
