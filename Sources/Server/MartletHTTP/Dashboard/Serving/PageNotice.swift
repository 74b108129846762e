/// What a page says after a form has done its work. The address carries the word, so nobody can make a page say anything else.
enum PageNotice: String, CaseIterable {
    case cancelled
    case stopping
    case revived
    case signalled
    case paused
    case resumed
    case saved

    var text: String {
        switch self {
        case .cancelled: "The job is cancelled."
        case .stopping: "The job has been asked to stop."
        case .revived: "The job is ready again, with a fresh count of attempts."
        case .signalled: "The signal is sent."
        case .paused: "Paused: nothing new is started."
        case .resumed: "Resumed."
        case .saved: "Saved."
        }
    }
}
