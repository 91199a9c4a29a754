package parity_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/internal/calendar"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// writeParquet writes a file for each sheet, laid out as a store.
func (p *population) writeParquet(dir string) error {
	for _, s := range p.sheets {
		if err := s.writeParquet(s.file(dir)); err != nil {
			return err
		}
	}
	return nil
}

func (s *sheet) file(dir string) string { return filepath.Join(dir, s.table.Name(), "part-0.parquet") }

func (s *sheet) writeParquet(name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	columns := []flatfile.Column{{Name: s.key, Type: format.ByteArray, Logical: &format.StringType{}, Optional: true}}
	for _, c := range s.columns {
		column := flatfile.Column{Name: c.name, Type: format.ByteArray, Logical: &format.StringType{}, Optional: true}
		switch c.kind {
		case cohort.NumberKind:
			column.Type, column.Logical = format.Double, nil
		case cohort.DateKind:
			column.Type, column.Logical = format.Int32, &format.DateType{}
		}
		columns = append(columns, column)
	}
	// Small pages and row groups, so that the rows of a person lie in several.
	w, err := flatfile.NewColumnWriter(file, columns, flatfile.Layout{PageRows: 7, GroupRows: 40, Sorted: []string{s.key}, CreatedBy: "parity"})
	if err != nil {
		return err
	}
	for _, row := range s.rows {
		w.Columns[0].Text(row.person, 1)
		for i, c := range s.columns {
			switch cell := row.cells[c.name].(type) {
			case string:
				w.Columns[i+1].Text(cell, 1)
			case float64:
				w.Columns[i+1].Double(cell, 1)
			case calendar.Day:
				w.Columns[i+1].Integer(int64(cell-calendar.Epoch), 1)
			default:
				w.Columns[i+1].Null(1)
			}
		}
		if err := w.EndBatch(1); err != nil {
			return err
		}
	}
	return errors.Join(w.Close(), file.Close())
}

// viewParquet writes the files and makes a view of each, in DuckDB or Spark. Spark remembers files by name: each
// population is in a new folder.
func (p *population) viewParquet(ctx context.Context, db *sql.Conn, dir string, view func(s *sheet, file string) string) error {
	dir, err := os.MkdirTemp(dir, "population")
	if err != nil {
		return err
	}
	if err := p.writeParquet(dir); err != nil {
		return err
	}
	for _, s := range p.sheets {
		if _, err := db.ExecContext(ctx, view(s, s.file(dir))); err != nil {
			return err
		}
	}
	return nil
}

func duckDBTable(s *sheet, file string) string {
	return fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE "%s" AS SELECT * FROM read_parquet('%s')`, s.name, file)
}

// sparkView tells the columns, so that Spark need not run a job to find them.
func sparkView(s *sheet, file string) string {
	var columns strings.Builder
	columns.WriteString("`" + s.key + "` STRING")
	for _, c := range s.columns {
		kind := map[cohort.Kind]string{cohort.NumberKind: "DOUBLE", cohort.DateKind: "DATE"}[c.kind]
		columns.WriteString(", `" + c.name + "` " + cmp.Or(kind, "STRING"))
	}
	return fmt.Sprintf("CREATE OR REPLACE TEMP VIEW `%s` (%s) USING parquet OPTIONS (path '%s')", s.name, columns.String(), file)
}

// copyToPostgres makes a table of each sheet that lasts as long as the connection.
func (p *population) copyToPostgres(ctx context.Context, db *sql.Conn) error {
	for _, s := range p.sheets {
		names, types := []string{s.key}, []string{pgx.Identifier{s.key}.Sanitize() + " text"}
		for _, c := range s.columns {
			kind := "text"
			switch c.kind {
			case cohort.NumberKind:
				kind = "float8"
			case cohort.DateKind:
				kind = "date"
			}
			names, types = append(names, c.name), append(types, pgx.Identifier{c.name}.Sanitize()+" "+kind)
		}
		table := pgx.Identifier{s.name}
		if _, err := db.ExecContext(ctx, "DROP TABLE IF EXISTS "+table.Sanitize()); err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, "CREATE TEMP TABLE "+table.Sanitize()+" ("+strings.Join(types, ", ")+")"); err != nil {
			return err
		}
		err := db.Raw(func(driver any) error {
			_, err := driver.(*stdlib.Conn).Conn().CopyFrom(ctx, table, names, pgx.CopyFromSlice(len(s.rows), s.postgresRow))
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if _, err := db.ExecContext(ctx, "ANALYZE "+table.Sanitize()); err != nil {
			return err
		}
	}
	return nil
}

func (s *sheet) postgresRow(i int) ([]any, error) {
	row := []any{s.rows[i].person}
	for _, c := range s.columns {
		cell := s.rows[i].cells[c.name]
		if day, ok := cell.(calendar.Day); ok {
			cell = time.Date(1970, 1, 1+int(day-calendar.Epoch), 0, 0, 0, 0, time.UTC)
		}
		row = append(row, cell)
	}
	return row, nil
}
