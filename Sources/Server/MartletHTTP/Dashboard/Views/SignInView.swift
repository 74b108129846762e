/// The page to sign in with a key.
struct SignInView: PageView {
    /// The page that was asked for.
    let next: String
    var fault: String?

    static let template = "sign-in"
    let title = "Sign in"

    var values: PageValues { ["signInNext": next, "signInFault": fault.orFalse] }

    static func path(leadingTo page: String) -> String { page == "/" ? "/sign-in" : "/sign-in?next=\(PageLink.encode(page))" }

    /// The page, where it is one of this server: a link must not lead somewhere else by way of a sign-in.
    static func localPage(_ text: String?) -> String {
        guard let text, text.hasPrefix("/"), !text.hasPrefix("//"), !text.hasPrefix("/\\"), text.utf8.count <= 2000,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return "/" }
        return text
    }
}
