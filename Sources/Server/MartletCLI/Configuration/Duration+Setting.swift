import MartletCore

extension Duration {
    /// What a duration must look like, for messages.
    static let settingRule = "must be a number of seconds, or ISO 8601 such as PT1H30M"

    /// Reads a number of seconds (`90`, `0.5`) or ISO 8601 (`PT1M30S`); `nil` for anything else, a negative number included.
    init?(setting text: String) {
        if text.first == "P" {
            self.init(iso8601: text)
        } else if let seconds = Double(text), text.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == 46 }) {
            self.init(json: .real(seconds))
        } else {
            return nil
        }
    }
}
