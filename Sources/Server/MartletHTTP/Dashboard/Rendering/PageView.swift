/// A page before it is HTML: which template, and the values for it.
///
/// Mustache looks for a name it does not find in the values around them. So every name is used at one level only, and what a row does not
/// have is `false`, never missing.
protocol PageView {
    static var template: String { get }
    var title: String { get }
    /// The item of the main navigation that this page belongs to, by its path.
    var section: String { get }
    /// Which modules the page loads.
    var scripts: [String] { get }
    /// How often the page is asked for again; `nil` where what it shows does not change.
    var refreshSeconds: Int? { get }
    var values: PageValues { get }
}

/// Names and what stands for them: text, `Bool`, nested values, arrays of them.
typealias PageValues = [String: Any]

extension PageView {
    var section: String { "" }
    var scripts: [String] { refreshSeconds == nil ? [] : ["rows.js"] }
    var refreshSeconds: Int? { nil }
}

extension Optional {
    /// The value for a template: `false` where there is none, so that Mustache does not look for the name elsewhere.
    var orFalse: Any {
        switch self {
        case .some(let value): value
        case .none: false
        }
    }
}
