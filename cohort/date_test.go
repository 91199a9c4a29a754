package cohort_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// oracle is a calendar that only knows how to go to the next day.
type oracle struct{ year, month, day int }

func (o oracle) monthLength() int {
	lengths := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	if o.month == 2 && (o.year%400 == 0 || o.year%4 == 0 && o.year%100 != 0) {
		return 29
	}
	return lengths[o.month-1]
}

func (o oracle) next() oracle {
	if o.day++; o.day > o.monthLength() {
		o.day = 1
		if o.month++; o.month > 12 {
			o.month = 1
			o.year++
		}
	}
	return o
}

func (o oracle) date(t *testing.T) cohort.Date {
	t.Helper()
	d, err := cohort.NewDate(o.year, time.Month(o.month), o.day)
	if err != nil {
		t.Fatalf("NewDate(%v): %v", o, err)
	}
	return d
}

// TestDateEveryDay walks the first 1,000 years, which hold every kind of year.
func TestDateEveryDay(t *testing.T) {
	t.Parallel()
	previous := cohort.Date{}
	days := 0
	for o := (oracle{1, 1, 1}); o.year <= 1000; o = o.next() {
		d := o.date(t)
		if year, month, day := d.Civil(); (oracle{year, int(month), day}) != o {
			t.Fatalf("Civil of %v = %d-%d-%d", o, year, month, day)
		}
		if days > 0 && (previous.AddDays(1) != d || d.AddDays(-1) != previous || previous.Compare(d) != -1) {
			t.Fatalf("%v is not the day after %v", d, previous)
		}
		previous = d
		days++
	}
	if first := cohort.MustDate("0001-01-01"); first.AddDays(days-1) != previous || previous.String() != "1000-12-31" {
		t.Errorf("%d days after the first is %v, want %v", days-1, first.AddDays(days-1), previous)
	}
}

func TestDateAgainstTime(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	origin := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	first := cohort.MustDate("0001-01-01")
	for range 20000 {
		n := random.IntN(3652058)
		want := origin.AddDate(0, 0, n).Format(time.DateOnly)
		if got := first.AddDays(n).String(); got != want {
			t.Fatalf("day %d = %s, want %s", n, got, want)
		}
	}
}

// TestDateAge counts birthdays by living through every day.
func TestDateAge(t *testing.T) {
	t.Parallel()
	for born := (oracle{1996, 2, 25}); born != (oracle{1996, 3, 4}); born = born.next() {
		livedAge(t, born)
	}
	livedAge(t, oracle{1999, 12, 31})
	livedAge(t, oracle{2000, 1, 1})
	livedAge(t, oracle{1899, 2, 28})
}

func livedAge(t *testing.T, born oracle) {
	t.Helper()
	bornDate, age := born.date(t), 0
	for today := born; today.year < born.year+30; today = today.next() {
		birthday := today.month == born.month && today.day == born.day
		if born.month == 2 && born.day == 29 && (oracle{year: today.year, month: 2}).monthLength() == 28 {
			birthday = today.month == 3 && today.day == 1
		}
		if birthday && today != born {
			age++
		}
		if got := bornDate.Age(today.date(t)); got != age {
			t.Fatalf("born %v, age on %v = %d, want %d", born, today, got, age)
		}
	}
	if got := bornDate.Age(bornDate.AddDays(-1)); got != -1 {
		t.Errorf("age on the day before birth = %d, want -1", got)
	}
}

// TestDateAgeInMonths counts months by living through every day.
func TestDateAgeInMonths(t *testing.T) {
	t.Parallel()
	for born := (oracle{2023, 12, 25}); born != (oracle{2024, 4, 5}); born = born.next() {
		livedMonths(t, born)
	}
	livedMonths(t, oracle{2023, 8, 31})
	livedMonths(t, oracle{1899, 12, 30})
}

func livedMonths(t *testing.T, born oracle) {
	t.Helper()
	bornDate, months := born.date(t), 0
	yesterday := born
	for today := born.next(); today.year < born.year+6; yesterday, today = today, today.next() {
		// The day of the month of birth has come or, today being the first, it was lacking in the month
		// that has just ended.
		if today.day == born.day || today.day == 1 && yesterday.monthLength() < born.day {
			months++
		}
		date := today.date(t)
		if got := bornDate.AgeInMonths(date); got != months {
			t.Fatalf("born %v, months on %v = %d, want %d", born, today, got, months)
		}
		if years := bornDate.Age(date); years != months/12 {
			t.Fatalf("born %v, on %v: %d years and %d months", born, today, years, months)
		}
		if date.AddMonths(-months).Compare(bornDate) < 0 || date.AddMonths(-months-1).Compare(bornDate) >= 0 {
			t.Fatalf("born %v, months on %v = %d is not AddMonths read backwards", born, today, months)
		}
	}
	if got := bornDate.AgeInMonths(bornDate); got != 0 {
		t.Errorf("months on the day of birth = %d, want 0", got)
	}
	if got := bornDate.AgeInMonths(bornDate.AddDays(-1)); got != -1 {
		t.Errorf("months on the day before birth = %d, want -1", got)
	}
}

// TestDateAddMonths steps month by month and then takes the last day that exists.
func TestDateAddMonths(t *testing.T) {
	t.Parallel()
	for start := (oracle{2023, 1, 1}); start.year < 2025; start = start.next() {
		date := start.date(t)
		for n := -30; n <= 30; n++ {
			want := start
			for range max(n, -n) {
				if n > 0 {
					want.month++
				} else {
					want.month--
				}
				if want.month == 13 {
					want.year, want.month = want.year+1, 1
				}
				if want.month == 0 {
					want.year, want.month = want.year-1, 12
				}
			}
			want.day = min(start.day, want.monthLength())
			if got := date.AddMonths(n); got != want.date(t) {
				t.Fatalf("%v plus %d months = %v, want %v", date, n, got, want)
			}
		}
	}
}

// TestDateYears walks through years and notes when each kind of year begins and ends.
func TestDateYears(t *testing.T) {
	t.Parallel()
	begins := map[cohort.Year]int{cohort.CalendarYear: 1, cohort.FinancialYear: 4, cohort.AcademicYear: 9}
	for year, month := range begins {
		var days []cohort.Date // of the year so far
		for today := (oracle{1895, month, 1}); today.year < 1906; today = today.next() {
			if today.day == 1 && today.month == month && len(days) > 0 {
				for _, day := range days {
					if day.StartOf(year) != days[0] || day.EndOf(year) != days[len(days)-1] {
						t.Fatalf("the %v year of %v is %v to %v, want %v to %v", year, day, day.StartOf(year), day.EndOf(year), days[0], days[len(days)-1])
					}
				}
				days = nil
			}
			days = append(days, today.date(t))
		}
	}
	first, last := cohort.MustDate("0001-01-01"), cohort.MustDate("9999-12-31")
	for _, year := range []cohort.Year{cohort.CalendarYear, cohort.FinancialYear, cohort.AcademicYear} {
		if first.StartOf(year) != first || last.EndOf(year) != last {
			t.Errorf("the %v year leaves the calendar: %v, %v", year, first.StartOf(year), last.EndOf(year))
		}
		if none := (cohort.Date{}); none.StartOf(year) != none || none.EndOf(year) != none {
			t.Errorf("the %v year of no date is a date", year)
		}
	}
	if none := (cohort.Date{}); day.StartOf(0) != none || day.EndOf(9) != none {
		t.Error("no kind of year gives a date")
	}
}

// TestSpansBothWays counts days, months and years between days by taking one step at a time.
func TestSpansBothWays(t *testing.T) {
	t.Parallel()
	var near []oracle
	for _, from := range []oracle{{2023, 12, 28}, {2024, 2, 26}, {2025, 2, 26}, {2026, 2, 26}, {2026, 3, 28}} {
		for range 7 {
			near = append(near, from)
			from = from.next()
		}
	}
	plans := map[int]*cohort.Plan{} // that ask for so many days
	for _, from := range near {
		for _, to := range near {
			days := 0
			for step := from; step != to && days < 5000; step = step.next() {
				days++
			}
			if days == 5000 { // to is earlier
				days = 0
				for step := to; step != from; step = step.next() {
					days--
				}
			}
			months := completed(from, to, 1)
			years := completed(from, to, 12)
			a, b := from.date(t), to.date(t)
			if got := a.AgeInMonths(b); got != months {
				t.Fatalf("months from %v to %v = %d, want %d", from, to, got, months)
			}
			if got := a.Age(b); got != years {
				t.Fatalf("years from %v to %v = %d, want %d", from, to, got, years)
			}
			if plans[days] == nil {
				plans[days] = planOf(t, cohort.DaysBetween(person.DateOfBirth, person.DateOfDeath).Is(float64(days)))
			}
			if plans[days].Evaluate(record(person.DateOfBirth.Of(a), person.DateOfDeath.Of(b))).Steps[1].Verdict != yes {
				t.Fatalf("days from %v to %v are not %d", from, to, days)
			}
		}
	}
}

// completed counts how many steps of so many months can be taken back from a day without passing another,
// forward ones counting as negative. Each step is taken from the day itself and stops at the month's end.
func completed(from, to oracle, months int) int {
	n := 0
	for back(to, n*months).before(from) {
		n--
	}
	for !back(to, (n+1)*months).before(from) {
		n++
	}
	return n
}

func back(o oracle, months int) oracle {
	day := o.day
	for ; months > 0; months-- {
		if o.month--; o.month == 0 {
			o.year, o.month = o.year-1, 12
		}
	}
	for ; months < 0; months++ {
		if o.month++; o.month == 13 {
			o.year, o.month = o.year+1, 1
		}
	}
	o.day = min(day, o.monthLength())
	return o
}

func (o oracle) before(other oracle) bool {
	if o.year != other.year {
		return o.year < other.year
	}
	if o.month != other.month {
		return o.month < other.month
	}
	return o.day < other.day
}

func TestDateRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		got, want cohort.Date
	}{
		{"short month", cohort.MustDate("2003-01-31").AddMonths(1), cohort.MustDate("2003-02-28")},
		{"short month back", cohort.MustDate("2025-03-31").AddMonths(-1), cohort.MustDate("2025-02-28")},
		{"leap day plus a year", cohort.MustDate("2024-02-29").AddMonths(12), cohort.MustDate("2025-02-28")},
		{"leap day less a year", cohort.MustDate("2024-02-29").AddMonths(-12), cohort.MustDate("2023-02-28")},
		{"end of February stays the 28th", cohort.MustDate("2023-02-28").AddMonths(12), cohort.MustDate("2024-02-28")},
		{"stops at the first day", cohort.MustDate("0001-02-01").AddMonths(-2), cohort.MustDate("0001-01-01")},
		{"stops at the last day", cohort.MustDate("9999-12-01").AddMonths(1), cohort.MustDate("9999-12-31")},
		{"stops at the last day by days", cohort.MustDate("9999-12-01").AddDays(1 << 40), cohort.MustDate("9999-12-31")},
		{"stops at the first day by days", cohort.MustDate("0001-12-01").AddDays(-1 << 40), cohort.MustDate("0001-01-01")},
		{"no date plus days", cohort.Date{}.AddDays(3), cohort.Date{}},
		{"no date plus months", cohort.Date{}.AddMonths(3), cohort.Date{}},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, test.got, test.want)
		}
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"} {
		d, err := cohort.ParseDate(text)
		if err != nil || d.String() != text {
			t.Errorf("ParseDate(%q) = %v, %v", text, d, err)
		}
	}
	for _, text := range []string{
		"", "1932", "1932-05", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "2024-04-00",
		"0000-01-01", "2024-1-01", "2024/01/01", "20240101", "2024-01-01T00:00:00Z", "+024-01-01", " 2024-01-01",
	} {
		if d, err := cohort.ParseDate(text); !errors.Is(err, cohort.ErrDate) || !d.IsZero() {
			t.Errorf("ParseDate(%q) = %v, %v; want ErrDate", text, d, err)
		}
	}
	if got := (cohort.Date{}).String(); got != "no date" {
		t.Errorf("zero Date prints %q", got)
	}
}

func TestDateText(t *testing.T) {
	t.Parallel()
	for _, want := range []cohort.Date{{}, cohort.MustDate("2025-06-01")} {
		text, err := want.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		got := cohort.MustDate("1999-01-01")
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Errorf("round trip of %v gave %v, %v", want, got, err)
		}
	}
	var d cohort.Date
	if err := d.UnmarshalText([]byte("1932-05")); !errors.Is(err, cohort.ErrDate) {
		t.Errorf("a partial date gave %v, want ErrDate", err)
	}
}

func TestMustDatePanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("MustDate of a text that is no date did not panic")
		}
	}()
	cohort.MustDate("2023-02-29")
}

func FuzzParseDate(f *testing.F) {
	for _, text := range []string{"2024-02-29", "1932-05", "", "9999-99-99"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := cohort.ParseDate(text)
		if _, oracle := time.Parse(time.DateOnly, text); err == nil && oracle != nil {
			t.Fatalf("ParseDate(%q) = %v, but time.Parse refuses: %v", text, d, oracle)
		}
		if err == nil && d.String() != text {
			t.Fatalf("ParseDate(%q) prints as %v", text, d)
		}
	})
}
