package sqlengine

import "fmt"

// asDay reads a column of days. A text that is not a day is missing.
func (d Dialect) asDay(x string, form DayForm) string {
	if form == Dates || x == "NULL" {
		return "CAST(" + x + " AS DATE)"
	}
	x = d.asText(x)
	part := func(from, digits int) string { return fmt.Sprintf("substr(%s, %d, %d)", x, from, digits) }
	year, month, dayOfMonth, dash := part(1, 4), part(6, 2), part(9, 2), "-"
	if form == CompactTexts {
		month, dayOfMonth, dash = part(5, 2), part(7, 2), ""
	}
	pattern := "[0-9]{4}" + dash + "(0[1-9]|1[0-2])" + dash + "[0-3][0-9]"
	iso := x
	if form == CompactTexts {
		iso = fmt.Sprintf("concat(%s, '-', %s, '-', %s)", year, month, dayOfMonth)
	}
	switch d {
	case Spark:
		return fmt.Sprintf("CASE WHEN %s RLIKE '^%s$' AND length(%s) = %d THEN try_cast(%s AS DATE) END", x, pattern, x, 8+2*len(dash), iso)
	case DuckDB:
		return fmt.Sprintf("CASE WHEN regexp_full_match(%s, '%s') THEN TRY_CAST(%s AS DATE) END", x, pattern, iso)
	case PostgreSQL:
	}
	number := func(text string) string { return "CAST(" + text + " AS INTEGER)" }
	first := fmt.Sprintf("make_date(%s, %s, 1)", number(year), number(month))
	last := "EXTRACT(DAY FROM " + first + " + INTERVAL '1 month' - INTERVAL '1 day')"
	exists := fmt.Sprintf("CASE WHEN %s BETWEEN 1 AND %s THEN %s + (%s - 1) END", number(dayOfMonth), last, first, number(dayOfMonth))
	return fmt.Sprintf("CASE WHEN %s ~ '^%s$' AND %s <> '0000' THEN %s END", x, pattern, year, exists)
}
