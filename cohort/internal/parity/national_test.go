package parity_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	cohorts "github.com/personalised-prevention/nhs/cohort/library"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
)

// TestNational runs examples/national as a user does, asks DuckDB what it has written as SQL over the files that it has
// written, and holds that against what it printed, the members it wrote and what cohort/columnar counts.
func TestNational(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "it's national")
	command := exec.CommandContext(t.Context(), "go", "run", "./examples/national", "-people", "4000", "-rows", "0.05", "-check", "100", "-out", dir)
	command.Dir, command.Env = filepath.Join("..", "..", ".."), append(os.Environ(), "GOFLAGS=-buildvcs=false", "CGO_ENABLED=0")
	printed, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	store, err := columnar.Open(filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, entry := range cohorts.Catalogue() {
		file := filepath.Join(dir, entry.ID+".DuckDB.sql")
		if _, err := os.Stat(file); err != nil {
			continue
		}
		asked++
		plan, err := entry.Plan(cohort.MustDate("2026-11-01"))
		if err != nil {
			t.Fatal(err)
		}
		query, err := sqlengine.Compile(plan, sqlengine.DuckDB)
		if err != nil {
			t.Fatal(err)
		}
		db := engines.DuckDB(t)
		attrition, err := query.Run(t.Context(), script{db, file})
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		got := attrition.Raw()
		result, err := columnar.Run(t.Context(), plan, store)
		if err != nil {
			t.Fatal(err)
		}
		if want := result.Attrition().Raw(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: DuckDB counts %+v\nand columnar %+v", entry.ID, got, want)
		}
		if got.People != 4000 || got.Members+got.Referred == 0 {
			t.Errorf("%s: %d members and %d referred of %d people", entry.ID, got.Members, got.Referred, got.People)
		}
		published, err := attrition.Publish(cohort.HES())
		if err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprintf("== %s ==\n\n%v\n", entry.ID, published); !strings.Contains(string(printed), text) {
			t.Errorf("this was not printed:\n%s\nbut this:\n%s", text, printed)
		}
		var members int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM read_parquet($1)", filepath.Join(dir, entry.ID+".members.parquet")).Scan(&members); err != nil {
			t.Fatal(err)
		}
		if members != got.Members+got.Referred {
			t.Errorf("%s: %d are in the file, want %d members and %d referred", entry.ID, members, got.Members, got.Referred)
		}
	}
	if want := fmt.Sprintf("\npeople=4000 cohorts=%d differences=0\n", asked); asked < 3 || !strings.HasSuffix(string(printed), want) {
		t.Errorf("DuckDB was asked about %d cohorts; printed was\n%s", asked, printed)
	}
}

// script is a database that runs a file instead of what it is asked.
type script struct {
	db   *sql.DB
	file string
}

func (s script) QueryContext(ctx context.Context, _ string, _ ...any) (*sql.Rows, error) {
	text, err := os.ReadFile(s.file)
	if err != nil {
		return nil, err
	}
	return s.db.QueryContext(ctx, string(text))
}
