/// Rows held in memory, and which of them have changed since they were last written.
struct Tracked<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Slot: Sendable {
        var value: Value
        var isDirty = false

        /// Whether it was clean before.
        mutating func change(_ change: (inout Value) -> Void) -> Bool {
            defer { isDirty = true }
            change(&value)
            return !isDirty
        }
    }

    private var slots: [Key: Slot] = [:]
    private var dirty: [Key] = []

    var count: Int { slots.count }
    var isDirty: Bool { !dirty.isEmpty }
    var values: some Sequence<Value> { slots.values.lazy.map(\.value) }

    subscript(key: Key) -> Value? { slots[key]?.value }

    /// Holds a row as it is in the file.
    mutating func hold(_ value: Value, for key: Key) {
        if slots[key] == nil { slots[key] = Slot(value: value) } else { slots[key]?.value = value }
    }

    /// Changes a row that is held; it will be written.
    mutating func change(_ key: Key, _ change: (inout Value) -> Void) {
        if slots[key]?.change(change) == true { dirty.append(key) }
    }

    mutating func remove(_ key: Key) {
        slots[key] = nil
    }

    mutating func removeAll() {
        slots = [:]
        dirty = []
    }

    /// The rows to write; they count as written from now on.
    mutating func takeDirty() -> [(key: Key, value: Value)] {
        guard !dirty.isEmpty else { return [] }
        defer { dirty = [] }
        for key in dirty { slots[key]?.isDirty = false }
        return dirty.compactMap { key in slots[key].map { (key, $0.value) } }
    }
}
