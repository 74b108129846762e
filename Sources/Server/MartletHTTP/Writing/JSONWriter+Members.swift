import MartletCore

extension JSONWriter {
    mutating func member(_ name: StaticString, _ text: String) {
        self.name(name)
        value(text)
    }

    mutating func member(_ name: StaticString, _ text: String?) {
        self.name(name)
        if let text { value(text) } else { null() }
    }

    mutating func member(_ name: StaticString, _ number: Int?) {
        self.name(name)
        if let number { value(number) } else { null() }
    }

    mutating func member(_ name: StaticString, _ flag: Bool) {
        self.name(name)
        value(flag)
    }

    mutating func member(_ name: StaticString, _ time: Timestamp?) {
        self.name(name)
        if let time { value(time) } else { null() }
    }

    mutating func member(_ name: StaticString, _ duration: Duration?) {
        self.name(name)
        if let duration { value(duration) } else { null() }
    }

    mutating func member(_ name: StaticString, _ payload: Payload?) {
        self.name(name)
        if let payload { value(payload) } else { null() }
    }

    mutating func member(_ name: StaticString, _ id: JobID) {
        self.name(name)
        value(id)
    }

    mutating func member(_ member: JSON.Member) {
        name(member.name)
        value(member.value)
    }

    /// `write` for each of `values`, between brackets.
    mutating func array<Element>(_ name: StaticString, _ values: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void) {
        self.name(name)
        beginArray()
        for element in values { write(&self, element) }
        endArray()
    }

    /// Names and values, by name.
    mutating func dictionary(_ name: StaticString, _ values: [String: String]) {
        self.name(name)
        beginObject()
        for (name, text) in values.count > 1 ? values.sorted(by: { $0.key < $1.key }) : Array(values) {
            self.name(name)
            value(text)
        }
        endObject()
    }
}
