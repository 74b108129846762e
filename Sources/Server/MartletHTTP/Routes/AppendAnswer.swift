import HTTPTypes
import Hummingbird
import MartletCore

/// What is answered to those who append events.
enum AppendAnswer {
    static func one(_ event: NewEvent, _ appended: Appended, status: HTTPResponse.Status = .created) throws -> Response {
        switch appended {
        case .refused(let error): throw error
        case .at(let sequence):
            return .json(status) { writer in
                writer.beginObject()
                writer.member("stream", event.stream)
                writer.member("seq", sequence)
                writer.endObject()
            }
        }
    }

    /// In the order of `items`; `appended` answers those that could be read.
    static func many(_ items: [Result<NewEvent, Problem>], _ appended: [Appended]) -> Response {
        .json(capacity: 64 * items.count + 32) { writer in
            writer.beginObject()
            writer.name("results")
            writer.beginArray()
            var next = appended.makeIterator()
            for item in items {
                switch item {
                case .failure(let problem): write(problem, to: &writer)
                case .success(let event): if let answer = next.next() { write(answer, event, to: &writer) }
                }
            }
            writer.endArray()
            writer.endObject()
        }
    }

    private static func write(_ answer: Appended, _ event: NewEvent, to writer: inout JSONWriter) {
        switch answer {
        case .refused(let error): write(Problem(error), to: &writer)
        case .at(let sequence):
            writer.beginObject()
            writer.member("status", 201)
            writer.member("stream", event.stream)
            writer.member("seq", sequence)
            writer.endObject()
        }
    }

    private static func write(_ problem: Problem, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("status", problem.type.status)
        writer.name("problem")
        problem.write(to: &writer)
        writer.endObject()
    }
}
