/// What both engines' connections can do. Confined to the closure it was handed to.
public protocol SQLConnection: AnyObject {
    /// Runs one statement.
    /// - Returns: the rows that it inserted, updated or deleted.
    @discardableResult func run(_ sql: SQL) throws -> Int
    func rows(_ sql: SQL) throws -> [Row]
    /// Runs `body` in a savepoint of its own, undone where it throws. Only inside a transaction.
    func savepoint<Value>(_ body: () throws -> Value) throws -> Value
}
