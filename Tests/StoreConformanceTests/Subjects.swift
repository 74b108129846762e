import StoreConformance

/// The stores under test.
enum Subjects {
    static let all: [StoreFactory] = [.memory]
}
