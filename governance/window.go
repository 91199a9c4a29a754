package governance

import (
	"slices"
	"time"
)

// WindowFacet says when messages may leave.
type WindowFacet struct {
	// NotBefore is the first instant and NotAfter the first instant too late.
	NotBefore time.Time    `json:"notBefore"`
	NotAfter  time.Time    `json:"notAfter"`
	Hours     SendingHours `json:"hours"`
}

// SendingHours are hours of the day in Europe/London. NHS Notify has its own limits as well.
type SendingHours struct {
	// Days are the days of the week, Sunday being 0.
	Days []time.Weekday `json:"days"`
	// From and To are times such as "08:00"; To is the first minute too late and may be "24:00".
	From string `json:"from"`
	To   string `json:"to"`
}

func (f WindowFacet) check(c *checker) {
	c.time("window.notBefore", f.NotBefore)
	c.time("window.notAfter", f.NotAfter)
	c.require(f.NotBefore.Before(f.NotAfter), "window.notAfter", "must be later than notBefore")
	h := f.Hours
	c.require(len(h.Days) > 0, "window.hours.days", "must not be empty")
	for _, d := range h.Days {
		c.require(d >= time.Sunday && d <= time.Saturday, "window.hours.days", "must be between 0 and 6")
	}
	unique(c, "window.hours.days", h.Days)
	from, okFrom := minuteOfDay(h.From)
	to, okTo := minuteOfDay(h.To)
	c.require(okFrom, "window.hours.from", "must be a time such as 08:00")
	c.require(okTo, "window.hours.to", "must be a time such as 18:00")
	c.require(!okFrom || !okTo || from < to, "window.hours.to", "must be later than from")
}

// contains reports whether t, already in the zone of the sending hours, is within them.
func (h SendingHours) contains(t time.Time) bool {
	from, okFrom := minuteOfDay(h.From)
	to, okTo := minuteOfDay(h.To)
	minute := t.Hour()*60 + t.Minute()
	return okFrom && okTo && slices.Contains(h.Days, t.Weekday()) && minute >= from && minute < to
}

// minuteOfDay reads "08:00" as 480 and "24:00" as 1440.
func minuteOfDay(s string) (minute int, ok bool) {
	if s == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", s)
	if err != nil || t.Format("15:04") != s {
		return 0, false
	}
	return t.Hour()*60 + t.Minute(), true
}
