package sqlengine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Option changes how a plan is compiled.
type Option func(*settings) error

// settings is what the options say.
type settings struct {
	tables     map[string]Source
	population string // a published table; empty for the union of all
	textKeys   bool
	literals   bool
	unique     bool
}

// Source says where a published table is in the database. The zero value of each field means the published name.
type Source struct {
	// Name is the name of the table or view, part by part: "dars", "gdppr" is dars.gdppr. Empty means the published
	// name, split at its dots: gpes.journal is the table journal in the schema gpes.
	Name []string
	// Key is the column that says whose row it is. Empty means the first of the published ones.
	Key string
	// Columns gives the columns whose names are not the published ones, by published name.
	Columns map[string]string
	// Absent are the published names of columns that the table does not have. They are read as missing in every row.
	Absent []string
	// Days says how the table holds days.
	Days DayForm
}

// DayForm is how a table holds days.
type DayForm uint8

// The forms of days. A text that is not a day in the form given is read as missing.
const (
	Dates        DayForm = iota // DATE, or a type that a cast makes a DATE of without a time zone, such as TIMESTAMP_NTZ
	ISOTexts                    // text such as 2025-06-01
	CompactTexts                // text such as 20250601
)

// Table says where a published table, such as "gpes.journal", is. Tables that the plan does not read may be given.
func Table(published string, source Source) Option {
	return func(s *settings) error {
		names := slices.Concat(source.Name, slices.Collect(maps.Values(source.Columns)))
		if source.Key != "" {
			names = append(names, source.Key)
		}
		for _, name := range names {
			if err := checkName(name); err != nil {
				return fmt.Errorf("table %q: %w", published, err)
			}
		}
		if source.Days > CompactTexts {
			return fmt.Errorf("table %q: there is no form of days %d", published, source.Days)
		}
		if _, ok := s.tables[published]; ok {
			return fmt.Errorf("table %q is given twice", published)
		}
		for _, column := range source.Absent {
			if _, ok := source.Columns[column]; ok {
				return fmt.Errorf("table %q: column %q is absent and has a name", published, column)
			}
		}
		source.Name, source.Columns, source.Absent = slices.Clone(source.Name), maps.Clone(source.Columns), slices.Clone(source.Absent)
		s.tables[published] = source
		return nil
	}
}

// Population says in which published table everybody is, each person in one row or in many. Without it that is the
// person table.
func Population(published string) Option {
	return func(s *settings) error {
		if published == "" {
			return errors.New("Population needs the name of a published table, such as gpes.journal")
		}
		s.population = published
		return nil
	}
}

// Everybody takes for the population whoever has a row in any of the tables that the plan reads.
func Everybody() Option {
	return func(s *settings) error {
		s.population = ""
		return nil
	}
}

// TextKeys compares the keys of people as texts. It is for tables that hold them in columns of several types, such as
// BIGINT in one and VARCHAR in another; an empty text is then no key. Without it they are compared as they are, which
// is faster.
func TextKeys() Option {
	return func(s *settings) error {
		s.textKeys = true
		return nil
	}
}

// Unique leaves out the check that nobody is repeated in the tables that have one row a person. It is for tables with a
// key that the database enforces, and saves a tenth to a third of the time. Where somebody is repeated all the same, answers
// are wrong.
func Unique() Option {
	return func(s *settings) error {
		s.unique = true
		return nil
	}
}

// Literals writes the arguments into the statements, for a driver, a shell or a notebook that cannot bind them. A text
// that is not made of letters, digits, line breaks and a few harmless characters of ASCII is written as hexadecimal
// digits: whatever it holds is neither SQL, nor an escape, nor a variable of a shell.
func Literals() Option {
	return func(s *settings) error {
		s.literals = true
		return nil
	}
}

func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("a name is empty")
	case strings.ContainsRune(name, 0):
		return errors.New("a name holds a NUL character")
	case !utf8.ValidString(name):
		return errors.New("a name is not UTF-8")
	default:
		return nil
	}
}
