import MartletCore
import Testing

@Suite struct CronParsingTests {
    @Test(arguments: [
        ("", "must not be empty"), ("   ", "must not be empty"), ("* * * *", "has 4 fields"), ("* * * * * * *", "has 7 fields"),
        ("@reboot", "@daily"), ("@", "@daily"),
        ("@daily 5", "@daily"), ("61 * * * *", "minute '61' is out of range"), ("60 * * * *", "minute '60'"), ("* 24 * * *", "hour '24'"),
        ("* * 0 * *", "day of month '0'"), ("* * 32 * *", "day of month '32'"), ("* * * 0 *", "month '0'"), ("* * * 13 *", "month '13'"),
        ("* * * * 8", "day of week '8'"),
        ("60 * * * * *", "second '60'"), ("*/0 * * * *", "minute '*/0' has a step of 0"), ("*/60 * * * *", "longer than its range"),
        ("1-5/9 * * * *", "longer than its range"),
        ("*/ * * * *", "step that is not a number"), ("*/x * * * *", "step that is not a number"), ("*/5/5 * * * *", "more than one step"),
        ("5-1 * * * *", "runs backwards"),
        ("* 22-5 * * *", "runs backwards"), ("1-2-3 * * * *", "not a range"), ("-1 * * * *", "minute '-1'"), ("1- * * * *", "incomplete"),
        ("+1 * * * *", "not a number"),
        ("1, * * * *", "is empty"), (",1 * * * *", "is empty"), ("a * * * *", "not a number"), ("1.5 * * * *", "not a number"),
        ("٣ * * * *", "not a number"),
        ("? * * * *", "minute '?'"), ("* * * foo *", "month 'foo'"), ("* * * * mond", "day of week 'mond'"), ("* * jan * *", "day of month 'jan'"),
        ("* L * * *", "hour 'L'"),
        ("* * * * L", "day of week 'L'"), ("* * * * 5#6", "week of the month"), ("* * * * 5#0", "week of the month"),
        ("* * * * 5#", "week of the month"), ("* * * * 9#1", "out of range"),
        ("* * * * 9L", "out of range"), ("* * 5L * *", "day of month '5L'"), ("* * LW * *", "day of month 'LW'"),
        ("99999999999999999999 * * * *", "not a number"),
    ])
    func `an absurd expression is refused and the message names what is wrong`(text: String, message: String) {
        let error = #expect(throws: CronError.self) { try CronExpression(text) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: ["0 0 30 2 *", "0 0 31 2 *", "0 0 31 4,6,9,11 *", "0 0 30 2 ?", "0 0 0 30 feb *"])
    func `a date that never comes is refused`(text: String) {
        let error = #expect(throws: CronError.self) { try CronExpression(text) }
        #expect(error?.description.contains("never comes") == true)
    }

    @Test func `a message says what is allowed`() {
        let error = #expect(throws: CronError.self) { try CronExpression("0 25 * * *") }
        #expect(error?.description == "hour '25' is out of range; allowed are 0-23, and lists, ranges (a-b) and steps (*/n, a-b/n) of them")
    }

    @Test func `an expression too long to be meant is refused without being repeated`() {
        let error = #expect(throws: CronError.self) { try CronExpression(String(repeating: "1,", count: 200) + "1 * * * *") }
        #expect(error?.description == "a cron expression must not be longer than 255 bytes")
    }

    @Test(arguments: [
        ("0 0 * * 0", "0 0 * * 7"), ("@weekly", "0 0 * * sun"), ("@daily", "@midnight"), ("@yearly", "@annually"), ("@yearly", "0 0 1 jan *"),
        ("@hourly", "0 * * * *"),
        ("*/15 * * * *", "0,15,30,45 * * * *"), ("0 5 * * MON-Fri", "0  5\t* *  1-5 "), ("0 5 * * *", "0 0 5 * * *"), ("0 5 ? * *", "0 5 * * ?"),
        ("5/15 * * * *", "5-59/15 * * * *"),
        ("0 0 * * 5-7", "0 0 * * fri-sun"), ("@DAILY", "@daily"),
    ])
    func `expressions that mean the same are equal and keep their own text`(a: String, b: String) throws {
        let (first, second) = (try CronExpression(a), try CronExpression(b))
        #expect(first == second && first.hashValue == second.hashValue)
        #expect(first.text == a && second.description == b)
    }

    @Test(arguments: [
        ("0 5 * * *", "1 5 * * *"), ("0 5 * * *", "0 5 * * 1"), ("*/15 3 * * *", "0,15,30,45 3 * * *"), ("0 0 1 * *", "0 0 1 * 0-6"),
        ("0 0 L * *", "0 0 31 * *"),
        ("0 0 * * 5L", "0 0 * * 5#4"),
    ])
    func `expressions that mean different things are different`(a: String, b: String) throws {
        #expect(try CronExpression(a) != CronExpression(b))
    }
}
