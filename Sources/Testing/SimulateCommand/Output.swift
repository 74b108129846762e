import Glibc

/// The one place where this command writes.
enum Output {
    static func line(_ text: String) {
        print(text)
        fflush(nil)
    }
}
