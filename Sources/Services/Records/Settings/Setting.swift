/// One setting: its name, its type, and what it is where nobody has set it.
///
/// ```swift
/// static let pageSize = Setting("page-size", default: 50) { (10...500).contains($0) ? nil : "must be from 10 to 500" }
/// ```
public struct Setting<Value: Codable & Sendable>: Sendable {
    /// At most 255 bytes, without control characters.
    public let name: String
    public let defaultValue: Value
    /// What is wrong with a value; `nil` where nothing is.
    let fault: @Sendable (Value) -> String?

    /// - Parameter fault: goes on from the setting's name: "must be from 10 to 500".
    public init(_ name: String, default value: Value, fault: @escaping @Sendable (Value) -> String? = { _ in nil }) {
        self.name = name
        defaultValue = value
        self.fault = fault
    }
}
