import MartletCore
import Testing

@Suite struct CivilDateTests {
    @Test func `days run on without a gap through eight centuries`() {
        var date = CivilDate(year: 1600, month: 1, day: 1)
        var number = date.daysSinceEpoch
        var weekday = date.weekday
        while date.year < 2400 {
            #expect(date.isValid)
            number += 1
            weekday = (weekday + 1) % 7
            let next = CivilDate(daysSinceEpoch: number)
            let isNewMonth = date.day == CivilDate.days(inMonth: date.month, of: date.year)
            let isNewYear = isNewMonth && date.month == 12
            guard next.day == (isNewMonth ? 1 : date.day + 1), next.month == (isNewYear ? 1 : date.month + (isNewMonth ? 1 : 0)),
                next.year == date.year + (isNewYear ? 1 : 0), next.daysSinceEpoch == number, next.weekday == weekday
            else {
                Issue.record("\(next) does not follow \(date)")
                return
            }
            date = next
        }
    }

    @Test func `a leap year is every fourth but three centuries of four`() {
        #expect([1996, 2000, 2024, 2400].allSatisfy { CivilDate.isLeap($0) })
        #expect([1900, 2023, 2100, 2200].allSatisfy { !CivilDate.isLeap($0) })
        #expect(CivilDate(year: 2024, month: 2, day: 29).isValid)
        #expect(!CivilDate(year: 2100, month: 2, day: 29).isValid)
        #expect(!CivilDate(year: 2024, month: 13, day: 1).isValid)
        #expect(!CivilDate(year: 2024, month: 4, day: 31).isValid)
    }

    @Test func `known days have their known weekday`() {
        #expect(CivilDate(year: 1970, month: 1, day: 1).weekday == 4)
        #expect(CivilDate(year: 2000, month: 1, day: 1).weekday == 6)
        #expect(CivilDate(year: 1969, month: 7, day: 20).weekday == 0)
    }
}
