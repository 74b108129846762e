/// What of a job can lie in `bodies`.
enum BodyPart: Int {
    case payload = 0
    case result = 1
}
