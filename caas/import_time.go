package caas

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/person"
)

// band is a range of ages in completed months: from the least on, below the greatest.
// Zero is no limit.
type band struct{ least, below int }

// band reads age limits. A remedy says that they make no sense.
func (im *importer) band(p place, c PatientAgeConstraint, remedies []Remedy) (band, Remedy) {
	var b band
	if c.MinMonths != nil {
		b.least = *c.MinMonths
	}
	if c.MaxMonths != nil {
		b.below = *c.MaxMonths
	}
	if b.least < 0 || b.below < 0 || b.below > 0 && b.least >= b.below {
		what := fmt.Sprintf("ages from %d months to below %d months fit nobody", b.least, b.below)
		return band{}, im.lost(p, UnclearAge, what, "ask CaaS which ages are meant", AddsPeople, remedies, "minAgeMonths", "maxAgeMonths")
	}
	done := "ages are in completed months on the reference; the least is included, the greatest is not, 0 is no limit"
	im.note(p, Assumed, b.String(), done, "minAgeMonths", "maxAgeMonths")
	return b, ""
}

func (b band) none() bool { return b == band{} }

func (b band) criterion(on cohort.Operand[cohort.Date]) cohort.Criterion {
	age := person.AgeInMonthsOn(on)
	switch {
	case b.below == 0:
		return age.AtLeast(float64(b.least))
	case b.least == 0:
		return age.Below(float64(b.below))
	default:
		return cohort.All(age.AtLeast(float64(b.least)), age.Below(float64(b.below)))
	}
}

// String says the band in years and in months.
func (b band) String() string {
	switch {
	case b.none():
		return "of any age"
	case b.below == 0:
		return "aged " + inYears(b.least) + " or more"
	case b.least == 0:
		return "aged less than " + inYears(b.below)
	default:
		return "aged " + inYears(b.least) + " or more and less than " + inYears(b.below)
	}
}

// inYears says a number of months: 5 years (60 months).
func inYears(months int) string {
	inMonths := plural(months, "month")
	switch years, rest := months/12, months%12; {
	case years == 0:
		return inMonths
	case rest == 0:
		return plural(years, "year") + " (" + inMonths + ")"
	default:
		return plural(years, "year") + " " + plural(rest, "month") + " (" + inMonths + ")"
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// window is when an entry may lie; it ends on the reference at the latest.
type window struct {
	on            cohort.Operand[cohort.Date]
	months        int   // before the reference; zero is no limit
	from, through []end // included
}

// end is a day that a window begins or ends with: fixed, or relative to the reference.
type end struct {
	fixed        cohort.Date
	relative     bool
	days, months int // after the reference
}

// within asks whether a day lies in the window.
func within[E any](w window, day cohort.DateColumn[E]) []cohort.RowPred[E] {
	var asked []cohort.RowPred[E]
	if w.months > 0 {
		asked = append(asked, day.Within(cohort.Months(w.months), w.on))
	} else {
		asked = append(asked, day.NotAfter(w.on))
	}
	for _, e := range w.from {
		asked = append(asked, day.NotBefore(e.day(w.on)))
	}
	for _, e := range w.through {
		asked = append(asked, day.NotAfter(e.day(w.on)))
	}
	return asked
}

func (e end) day(on cohort.Operand[cohort.Date]) cohort.Operand[cohort.Date] {
	switch from := cohort.Day(on); {
	case !e.relative:
		return e.fixed
	case e.days > 0:
		return from.Plus(cohort.Days(e.days))
	case e.days < 0:
		return from.Minus(cohort.Days(-e.days))
	case e.months > 0:
		return from.Plus(cohort.Months(e.months))
	case e.months < 0:
		return from.Minus(cohort.Months(-e.months))
	default:
		return on
	}
}

// at works the end out for a reference.
func (e end) at(reference cohort.Date) cohort.Date {
	if !e.relative {
		return e.fixed
	}
	return reference.AddMonths(e.months).AddDays(e.days)
}

// longestWindow is how many months the language looks back or ahead.
const longestWindow = 12 * 200

// window reads the limits of date. It is false when a loss lets the rule find nobody.
func (im *importer) window(rule place, c *EventDateConstraint) (w window, ok bool) {
	w, ok = window{on: im.on}, true
	if c == nil {
		im.note(rule, Expressed, "no limits of date", "events of all time up to the reference", "eventDateConstraint")
		return w, ok
	}
	p := place{rule.path + ".eventDateConstraint", rule.where + ", dates"}
	lost := func(loss Loss, what, avoid, field string) {
		ok = im.lost(p, loss, what, avoid, AddsPeople, either(), field) == LeaveOut && ok
	}
	if n := c.WithinLastMonths; n == nil {
		im.note(p, Expressed, "no number of months", "not asked", "withinLastMonths")
	} else if *n < 1 || *n > longestWindow {
		lost(UnclearTime, fmt.Sprintf("within the last %d months is no window", *n), "ask CaaS what is meant", "withinLastMonths")
	} else {
		w.months = *n
		im.note(p, Expressed, fmt.Sprintf("within %s up to the reference", plural(*n, "month")), "both ends included", "withinLastMonths")
	}
	relative := func(field string, n *int) []end {
		e, good := im.relative(n)
		switch {
		case n == nil:
			im.note(p, Expressed, "no "+field, "not asked", field)
		case im.options.RelativeTimes == "":
			lost(RelativeTime, fmt.Sprintf("%s %d has no published unit", field, *n), "give ImportOptions.RelativeTimes", field)
		case !good:
			lost(UnclearTime, fmt.Sprintf("%s %d is too far away", field, *n), "ask CaaS what is meant", field)
		default:
			im.note(p, Given, fmt.Sprintf("%s %d", field, *n), "relative times are "+string(im.options.RelativeTimes)+" the reference", field)
			return []end{e}
		}
		return nil
	}
	fixed := func(field string, text *string) []end {
		if text == nil || line(*text, "") == "" {
			im.note(p, Expressed, "no "+field, "not asked", field)
			return nil
		}
		day, good := dayOf(*text)
		if !good {
			lost(UnclearTime, field+" is no day", "ask CaaS which day is meant", field)
			return nil
		}
		im.note(p, Expressed, field+" "+day.String(), "the day is included", field)
		return []end{{fixed: day}}
	}
	w.from = append(relative("relativeEarliestTime", c.RelativeEarliestTime), fixed("fixedEarliestDate", c.FixedEarliestDate)...)
	w.through = append(relative("relativeLatestTime", c.RelativeLatestTime), fixed("fixedLatestDate", c.FixedLatestDate)...)
	w.through = slices.DeleteFunc(w.through, func(e end) bool { // entries end there anyway
		return e == end{relative: true} || !e.relative && e.fixed == im.fixed
	})
	if w.empty(im.fixed) {
		im.lost(p, UnclearTime, "no day is between these dates", "ask CaaS what is meant", MissesPeople, []Remedy{FindNobody})
		ok = false
	}
	return w, ok
}

// relative reads a relative time. It is false for one that is farther away than the
// language looks.
func (im *importer) relative(n *int) (end, bool) {
	if n == nil {
		return end{}, false
	}
	e := end{relative: true}
	switch im.options.RelativeTimes {
	case DaysBefore:
		e.days = -*n
	case DaysAfter:
		e.days = *n
	case MonthsBefore:
		e.months = -*n
	case MonthsAfter:
		e.months = *n
	}
	far := func(x, most int) bool { return x < -most || x > most }
	return e, !far(e.days, longestWindow*30) && !far(e.months, longestWindow)
}

// empty reports whether no day can lie in the window, as far as that is known without
// the reference.
func (w window) empty(reference cohort.Date) bool {
	from, through := w.from, append(slices.Clip(w.through), end{relative: true})
	if w.months > 0 {
		from = append(slices.Clip(from), end{relative: true, months: -w.months})
	}
	for _, a := range from {
		for _, b := range through {
			on := reference
			if on.IsZero() {
				// Only ends of one kind lie alike from every reference: months differ in length.
				if a.relative != b.relative || a.days*b.months != 0 || a.months*b.days != 0 {
					continue
				}
				on = cohort.MustDate("2000-01-01")
			}
			if a.at(on).Compare(b.at(on)) > 0 {
				return true
			}
		}
	}
	return false
}

// dayOf reads a date, or a date and time that is midnight: as written, or in England,
// where it is an hour later than in UTC in summer. Another time of day is no day.
func dayOf(text string) (cohort.Date, bool) {
	text = strings.TrimSpace(text)
	if day, err := cohort.ParseDate(text); err == nil {
		return day, true
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return cohort.Date{}, false
	}
	if at.UTC().Hour() == 23 && summerTime(at.UTC()) {
		at = at.UTC().Add(time.Hour)
	}
	if hour, minute, second := at.Clock(); hour != 0 || minute != 0 || second != 0 || at.Nanosecond() != 0 {
		return cohort.Date{}, false
	}
	day, err := cohort.NewDate(at.Date())
	return day, err == nil
}

// summerTime reports whether clocks in England are an hour ahead of UTC: since 1996,
// from the last Sunday of March to that of October, at 01:00 UTC.
func summerTime(at time.Time) bool {
	change := func(month time.Month) time.Time {
		last := time.Date(at.Year(), month, 31, 1, 0, 0, 0, time.UTC)
		return last.AddDate(0, 0, -int(last.Weekday()))
	}
	return at.Year() >= 1996 && !at.Before(change(time.March)) && at.Before(change(time.October))
}
