package parity_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/internal/drawing"
	"github.com/personalised-prevention/nhs/internal/calendar"
)

// TestEveryEngineHoldsTheSameRows: what is compared later is the answers, not how the rows came in.
func TestEveryEngineHoldsTheSameRows(t *testing.T) {
	t.Parallel()
	plan := drawing.Definition(1, drawing.Size{})
	p := layOut(drawing.Population(1, 40, drawing.Dirt{NotFinite: true, BeyondCalendar: true, Strangers: true, Many: 30}, plan), plan)
	for name, open := range map[string]func(testing.TB) *sql.DB{"duckdb": engines.DuckDB, "postgres": engines.PostgreSQL, "spark": engines.Spark} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			db, err := open(t).Conn(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			quote, days := `"`, `"%s" - DATE '1970-01-01'`
			switch name {
			case "duckdb":
				err = p.viewParquet(ctx, db, t.TempDir(), duckDBTable)
			case "postgres":
				err = p.copyToPostgres(ctx, db)
			case "spark":
				quote, days = "`", "datediff(`%s`, DATE '1970-01-01')"
				err = p.viewParquet(ctx, db, t.TempDir(), sparkView)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range p.sheets {
				var query strings.Builder
				query.WriteString("SELECT " + quote + s.key + quote)
				for _, c := range s.columns {
					if c.kind == cohort.DateKind {
						query.WriteString(", " + fmt.Sprintf(days, c.name))
					} else {
						query.WriteString(", " + quote + c.name + quote)
					}
				}
				got := map[string]int{}
				rows, err := db.QueryContext(ctx, query.String()+" FROM "+quote+s.name+quote)
				if err != nil {
					t.Fatal(err)
				}
				for rows.Next() {
					values, into := make([]any, len(s.columns)+1), make([]any, len(s.columns)+1)
					for i := range values {
						into[i] = &values[i]
					}
					if err := rows.Scan(into...); err != nil {
						t.Fatal(err)
					}
					got[fmt.Sprint(values...)]++
				}
				if err := rows.Err(); err != nil {
					t.Fatal(err)
				}
				for _, row := range s.rows {
					values := []any{row.person}
					for _, c := range s.columns {
						cell := row.cells[c.name]
						if day, ok := cell.(calendar.Day); ok {
							cell = int64(day - calendar.Epoch)
						}
						values = append(values, cell)
					}
					if text := fmt.Sprint(values...); got[text] == 0 {
						t.Errorf("%s: no row %s", s.name, text)
					} else {
						got[text]--
					}
				}
			}
		})
	}
}
