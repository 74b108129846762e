/// A page that only says something: a refusal, or that there is nothing here.
struct MessageView: PageView {
    let status: Int
    let title: String
    let text: String
    /// The page it came from.
    var back: String?

    static let template = "message"

    var values: PageValues {
        ["messageStatus": String(status), "messageTitle": title, "messageText": text, "messageBack": back.orFalse]
    }
}
