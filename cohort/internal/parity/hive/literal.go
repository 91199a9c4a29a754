package hive

import (
	"database/sql/driver"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// bound puts a query and its arguments into one statement.
func bound(query string, args []driver.NamedValue) (string, error) {
	if len(args) == 0 {
		return query, nil
	}
	var b strings.Builder
	b.WriteString("EXECUTE IMMEDIATE " + quote(query) + " USING ")
	for i, arg := range args {
		if i > 0 {
			b.WriteString(", ")
		}
		literal, err := literal(arg.Value)
		if err != nil {
			return "", fmt.Errorf("hive: argument %d: %w", arg.Ordinal, err)
		}
		b.WriteString(literal)
	}
	return b.String(), nil
}

// literal writes a value as Spark reads it.
func literal(v driver.Value) (string, error) {
	switch v := v.(type) {
	case nil:
		return "NULL", nil
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10) + "L", nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", fmt.Errorf("no literal for %v", v)
		}
		return strconv.FormatFloat(v, 'e', -1, 64) + "D", nil
	case string:
		return quote(v), nil
	case []byte:
		return fmt.Sprintf("X'%x'", v), nil
	case time.Time:
		if v.Hour() == 0 && v.Minute() == 0 && v.Second() == 0 && v.Nanosecond() == 0 {
			return v.Format("DATE '2006-01-02'"), nil
		}
		return v.Format("TIMESTAMP '2006-01-02 15:04:05.999999'"), nil
	default:
		return "", fmt.Errorf("no literal for %T", v)
	}
}

var escapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

func quote(text string) string { return "'" + escapes.Replace(text) + "'" }
