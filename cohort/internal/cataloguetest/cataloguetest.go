// Package cataloguetest checks catalogue entries for the tests of the packages that hold them.
package cataloguetest

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
)

// Variable is a variable whose fields are the columns of an event table.
type Variable struct {
	// Name is that of the variable.
	Name string
	// Value is a struct with the fields Rows and Table and one for every column.
	Value any
}

// Columns lists the columns of variables, one a line: name of the table, published name, kind and Go name, with
// tabs between.
func Columns(variables ...Variable) (string, error) {
	var lines strings.Builder
	for _, variable := range variables {
		v := reflect.ValueOf(variable.Value)
		names := map[string]string{}
		for i := range v.NumField() {
			field := v.Type().Field(i).Name
			if field == "Rows" || field == "Table" {
				continue
			}
			name, err := columnOf(v, v.Field(i))
			if err != nil {
				return "", fmt.Errorf("%s.%s: %w", variable.Name, field, err)
			}
			if other := names[name]; other != "" {
				return "", fmt.Errorf("%s.%s and %s are both column %s", variable.Name, field, other, name)
			}
			names[name] = field
		}
		table, ok := reflect.TypeAssert[*cohort.Table](v.FieldByName("Table"))
		if !ok {
			return "", fmt.Errorf("%s has no table", variable.Name)
		}
		for _, column := range table.Info().Columns {
			fmt.Fprintf(&lines, "%s\t%s\t%v\t%s.%s\n", table.Name(), column.Name, column.Kind, variable.Name, names[column.Name])
		}
	}
	return lines.String(), nil
}

// columnOf finds out which column a field is, from what a plan that asks about it reads.
func columnOf(table, field reflect.Value) (string, error) {
	known := field.MethodByName("Known").Call(nil)
	rows := table.FieldByName("Rows").MethodByName("Where").Call(known)[0]
	criterion, ok := reflect.TypeAssert[cohort.Criterion](rows.MethodByName("Exists").Call(nil)[0])
	if !ok {
		return "", fmt.Errorf("%v is not a column", field.Type())
	}
	definition, err := cohort.New("column", "1", cohort.Include("column", criterion))
	if err != nil {
		return "", err
	}
	plan, err := definition.Bind()
	if err != nil {
		return "", err
	}
	return plan.Uses().Tables[0].Columns[0], nil
}

// Published compares tables with a dictionary that lists the published fields in their order, one a line: name
// of the table, name of the field and its type, with tabs between. It returns what differs: fields that are
// not published, kinds that do not fit the type, and columns out of order.
func Published(tables []*cohort.Table, dictionary string) (faults []string) {
	type field struct {
		place int
		kind  string
	}
	published := map[string]field{}
	for i, line := range strings.Split(strings.TrimSpace(dictionary), "\n") {
		if parts := strings.Split(line, "\t"); len(parts) == 3 {
			published[parts[0]+" "+parts[1]] = field{i, parts[2]}
		}
	}
	fits := map[string][]cohort.Kind{
		"Date":      {cohort.DateKind},
		"Timestamp": {cohort.DateKind},
		"Time":      {cohort.TextKind},
		"Boolean":   {cohort.TextKind},
		"Integer":   {cohort.NumberKind, cohort.TextKind},
		"Float":     {cohort.NumberKind},
		"Unstated":  {cohort.TextKind, cohort.CodeKind, cohort.NumberKind, cohort.DateKind},
		"String":    {cohort.TextKind, cohort.CodeKind, cohort.CodesKind, cohort.NumberKind},
	}
	for _, table := range tables {
		last := -1
		for _, column := range table.Info().Columns {
			sources := column.Sources
			if len(sources) == 0 {
				sources = []string{column.Name}
			}
			for _, source := range sources {
				f, ok := published[table.Name()+" "+source]
				switch {
				case !ok:
					faults = append(faults, fmt.Sprintf("%s %s is not published", table.Name(), source))
				case !slices.Contains(fits[f.kind], column.Kind):
					faults = append(faults, fmt.Sprintf("%s %s is published as %s, not a %v", table.Name(), source, f.kind, column.Kind))
				}
			}
			if f := published[table.Name()+" "+sources[0]]; f.place < last {
				faults = append(faults, fmt.Sprintf("%s %s comes too late", table.Name(), sources[0]))
			} else {
				last = f.place
			}
		}
	}
	return faults
}

// Sentinels returns the columns in which a value declared as not known counts as known, or an ordinary one
// does not.
func Sentinels(table *cohort.Table) (faults []string, err error) {
	info := table.Info()
	for _, column := range info.Columns {
		for _, unknown := range append(column.Unknowns, "") {
			known, err := counts(info, column, unknown)
			if err != nil {
				return nil, err
			}
			if known {
				faults = append(faults, fmt.Sprintf("%s %s: %q counts as known", info.Name, column.Name, unknown))
			}
		}
		known, err := counts(info, column, ordinary(column.Kind))
		if err != nil {
			return nil, err
		}
		if !known {
			faults = append(faults, fmt.Sprintf("%s %s: an ordinary value does not count", info.Name, column.Name))
		}
	}
	return faults, nil
}

func ordinary(kind cohort.Kind) string {
	switch kind {
	case cohort.DateKind:
		return "2025-06-01"
	case cohort.NumberKind:
		return "0.5"
	case cohort.TextKind, cohort.CodeKind, cohort.CodesKind:
	}
	return "some other text"
}

// probe marks the rows of copies of tables.
type probe struct{}

// counts asks whether a value counts as known in a copy of the table.
func counts(info cohort.TableInfo, column cohort.ColumnInfo, text string) (bool, error) {
	if len(info.Order) == 0 { // a person table: ask the same of events
		info.Columns = append(info.Columns, cohort.ColumnInfo{Name: "day", Kind: cohort.DateKind})
		info.Order = []string{"day"}
	}
	schema := cohort.EventTable[probe](info)
	rows := cohort.RowsOf(schema)
	var known cohort.RowPred[probe]
	var cell cohort.Cell[cohort.RowPred[probe]]
	switch column.Kind {
	case cohort.DateKind:
		var day cohort.Date
		if err := day.UnmarshalText([]byte(text)); err != nil {
			return false, err
		}
		known, cell = schema.Date(column.Name).Known(), schema.Date(column.Name).Of(day)
	case cohort.NumberKind:
		known, cell = schema.Number(column.Name).Known(), schema.Number(column.Name).Of(number(text))
	case cohort.TextKind:
		known, cell = schema.Text(column.Name).Known(), schema.Text(column.Name).Of(text)
	case cohort.CodeKind:
		known, cell = schema.Code(column.Name).Known(), schema.Code(column.Name).Of(text)
	case cohort.CodesKind:
		known, cell = schema.Codes(column.Name).Known(), schema.Codes(column.Name).Of(text)
	}
	definition, err := cohort.New("known", "1", cohort.Include("known", rows.Where(known).Exists()))
	if err != nil {
		return false, err
	}
	plan, err := definition.Bind()
	if err != nil {
		return false, err
	}
	record := cohort.NewRecord("9990000018")
	cohort.Append(record, cell)
	return plan.Evaluate(record).Outcome == cohort.Member, nil
}

// number reads a number; an empty text is none.
func number(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return x
}
