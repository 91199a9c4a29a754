package sqlengine

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// Query is a plan as SQL. It does not change, and is safe for use by several goroutines.
type Query struct {
	plan       *cohort.Plan
	tree       *tree.Plan
	dialect    Dialect
	statements [3]statement
}

// Ask is what is asked of a query.
type Ask uint8

// The questions. Each is one statement; its columns are as said here.
const (
	// Counts is one row: for Run.
	Counts Ask = iota
	// Members is a row for every member and everybody who is referred: for Members. When people are repeated, every row
	// says so, and so does one more that is nobody's.
	Members
	// Verdicts is a row for everybody: for Verdicts. When people are repeated, it is as with Members.
	Verdicts
)

// SQL returns a statement, with markers for its arguments: $1 and so on, or ? for Spark.
func (q *Query) SQL(ask Ask) string {
	text, _ := q.statements[ask].render(q.dialect)
	return text
}

// Args returns the arguments of a statement, all of which are of type string.
func (q *Query) Args(ask Ask) []any {
	_, args := q.statements[ask].render(q.dialect)
	return args
}

// statement is the text of a query in which \x00n\x00 stands for the n-th argument. Nothing else in it can hold a NUL
// character: names with one are refused.
type statement struct {
	text     string
	args     []string
	literals bool
}

// render returns the text with the markers of the dialect, and the arguments in their order; or the text with the
// arguments in it.
func (s statement) render(d Dialect) (text string, args []any) {
	numbers := map[int]int{}
	parts := strings.Split(s.text, "\x00")
	for i := 1; i < len(parts); i += 2 {
		at, err := strconv.Atoi(parts[i])
		if err != nil {
			panic(fmt.Sprintf("sqlengine: argument %q", parts[i])) // only parameter writes NUL
		}
		if s.literals {
			parts[i] = d.literal(s.args[at])
			continue
		}
		if numbers[at] == 0 || d == Spark {
			args = append(args, s.args[at])
			numbers[at] = len(args)
		}
		parts[i] = "?"
		if d != Spark {
			parts[i] = "$" + strconv.Itoa(numbers[at])
		}
	}
	return strings.Join(parts, ""), args
}

// literal writes a text.
func (d Dialect) literal(text string) string {
	if plain(text) {
		return "'" + text + "'"
	}
	digits := hex.EncodeToString([]byte(text))
	switch d {
	case Spark:
		return "decode(X'" + digits + "', 'UTF-8')"
	case DuckDB:
		return "decode(unhex('" + digits + "'))"
	case PostgreSQL:
	}
	return "convert_from(decode('" + digits + "', 'hex'), 'UTF8')"
}

// plain reports whether a text is of letters, digits, line breaks, blanks, commas, points and underscores.
func plain(text string) bool {
	for _, c := range []byte(text) {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case c == ' ', c == '.', c == ',', c == '_', c == '\n':
		default:
			return false
		}
	}
	return true
}
