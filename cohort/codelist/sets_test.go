package codelist_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

func codes(list *codelist.List) string { return strings.Join(slices.Collect(list.Codes()), " ") }

func TestSets(t *testing.T) {
	t.Parallel()
	icd := info(codelist.ICD10)
	heart, stroke := make10(t, "I20-I25"), make10(t, "I61X", "I63*", "I64X")
	infarction := make10(t, "I210", "I219", "I22*")
	tests := []struct {
		name string
		make func() (*codelist.List, error)
		want string
	}{
		{"union", func() (*codelist.List, error) { return codelist.Union(icd, heart, stroke, infarction) }, "I20-I25 I61X I63* I64X"},
		{"union of one", func() (*codelist.List, error) { return codelist.Union(icd, stroke) }, "I61X I63* I64X"},
		{"union of codes", func() (*codelist.List, error) {
			return codelist.Union(icd, make10(t, "I64X", "I10X"), make10(t, "I10X", "E119"))
		}, "E119 I10X I64X"},
		{"intersection of patterns", func() (*codelist.List, error) { return codelist.Intersect(icd, heart, make10(t, "I10-I20", "I25.1*")) }, "I20* I251*"},
		{"intersection with codes", func() (*codelist.List, error) {
			return codelist.Intersect(icd, make10(t, "I10X", "I210", "I20"), heart)
		}, "I20 I210"},
		{"intersection, codes first", func() (*codelist.List, error) {
			return codelist.Intersect(icd, heart, make10(t, "I10X", "I210", "I20"))
		}, "I20 I210"},
		{"except a prefix", func() (*codelist.List, error) { return codelist.Except(icd, heart, make10(t, "I25.2*")) }, "I20-I24 I25 I250-I251 I253-I259 I25X*"},
		{"except several", func() (*codelist.List, error) {
			return codelist.Except(icd, heart, make10(t, "I19-I21"), make10(t, "I24-I30"))
		}, "I22-I23"},
		{"except a category alone", func() (*codelist.List, error) { return codelist.Except(icd, make10(t, "I20*"), make10(t, "I20")) }, "I200-I209 I20X*"},
		{"codes except patterns", func() (*codelist.List, error) { return codelist.Except(icd, make10(t, "I10X", "I210", "I20"), heart) }, "I10X"},
		{"except nothing", func() (*codelist.List, error) { return codelist.Except(icd, stroke) }, "I61X I63* I64X"},
		{"except a procedure", func() (*codelist.List, error) {
			opcs := info(codelist.OPCS4)
			return codelist.Except(opcs, codelist.Must(codelist.New(opcs, "K40-K41")), codelist.Must(codelist.New(opcs, "K40.4")))
		}, "K40 K400-K403 K405-K409 K41*"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list, err := test.make()
			if err != nil {
				t.Fatal(err)
			}
			if got := codes(list); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if list.ID() != "test/list" {
				t.Errorf("the list is called %s", list.ID())
			}
		})
	}
}

func TestSetsRefuse(t *testing.T) {
	t.Parallel()
	icd := info(codelist.ICD10)
	heart := make10(t, "I20-I25")
	tests := []struct {
		name string
		make func() (*codelist.List, error)
		want string
	}{
		{"no description", func() (*codelist.List, error) { return codelist.Union(codelist.Info{}, heart) }, "Info.ID"},
		{"no lists", func() (*codelist.List, error) { return codelist.Union(icd) }, "no codes"},
		{"nil", func() (*codelist.List, error) { return codelist.Union(icd, heart, nil) }, "nil"},
		{"another system", func() (*codelist.List, error) { return codelist.Union(info(codelist.OPCS4), heart) }, "is of ICD-10, not of OPCS-4"},
		{"nothing in both", func() (*codelist.List, error) { return codelist.Intersect(icd, heart, make10(t, "C*")) }, "no codes"},
		{"nothing left", func() (*codelist.List, error) { return codelist.Except(icd, heart, make10(t, "I*")) }, "no codes"},
		{"a code out of the middle", func() (*codelist.List, error) { return codelist.Except(icd, heart, make10(t, "I252")) }, "I252 alone cannot be left out, as codes below it would stay: leave out I252*"},
	}
	for _, test := range tests {
		if _, err := test.make(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

// TestSetLaws compares with the sets code by code.
func TestSetLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		system := rapid.SampledFrom([]codelist.System{codelist.ICD10, codelist.OPCS4}).Draw(t, "system")
		draw := func(name string) *codelist.List {
			return codelist.Must(codelist.New(info(system),
				rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return drawPattern(t, system) }), 1, 4).Draw(t, name)...))
		}
		a, b := draw("a"), draw("b")
		check := func(name string, list *codelist.List, err error, want func(code string) bool) {
			if err != nil && !strings.Contains(err.Error(), "no codes") {
				if name == "except" && strings.Contains(err.Error(), "alone cannot be left out") && system == codelist.ICD10 {
					return
				}
				t.Fatalf("%s: %v", name, err)
			}
			for _, code := range universe(system) {
				if got := err == nil && list.Contains(code); got != want(code) {
					t.Errorf("%s of %s and %s: %s is %v", name, codes(a), codes(b), code, got)
				}
			}
		}
		union, err := codelist.Union(info(system), a, b)
		check("union", union, err, func(c string) bool { return a.Contains(c) || b.Contains(c) })
		both, err := codelist.Intersect(info(system), a, b)
		check("intersection", both, err, func(c string) bool { return a.Contains(c) && b.Contains(c) })
		except, err := codelist.Except(info(system), a, b)
		check("except", except, err, func(c string) bool { return a.Contains(c) && !b.Contains(c) })
		if err == nil && both != nil {
			again := codelist.Must(codelist.Union(info(system), except, both))
			if d, err := codelist.Diff(a, again); err != nil || len(d.Added)+len(d.Removed) > 0 {
				t.Errorf("what is not in b and what is make another list: %v, %v", d, err)
			}
		}
	})
}

func TestDiff(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		older, newer   *codelist.List
		added, removed []string
	}{
		{"codes", make10(t, "I10X", "I64X"), make10(t, "I10X", "E119"), []string{"E119"}, []string{"I64X"}},
		{"a longer range", make10(t, "I20-I25"), make10(t, "I20-I26"), []string{"I26*"}, nil},
		{"a spelling", make10(t, "I20*", "I21*"), make10(t, "I20-I21"), nil, nil},
		{"a code in a prefix", make10(t, "I200", "I64X"), make10(t, "I20*"), []string{"I20", "after I200, before I201", "I201-I209", "I20X*"}, []string{"I64X"}},
		{"all but a code", make10(t, "I20*"), make10(t, "I200*", "I2010"), nil, []string{
			"I20", "I201", "after I201, before I2010", "after I2010, before I2011", "I2011*", "I2012*", "I2013*",
			"I2014*", "I2015*", "I2016*", "I2017*", "I2018*", "I2019*", "from I201A, before I202", "I202-I209", "I20X*",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := codelist.Diff(test.older, test.newer)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got.Added) != fmt.Sprint(test.added) || fmt.Sprint(got.Removed) != fmt.Sprint(test.removed) {
				t.Errorf("added %q, removed %q", got.Added, got.Removed)
			}
		})
	}
	if _, err := codelist.Diff(nil, make10(t, "I10X")); err == nil {
		t.Error("nil is compared")
	}
	if _, err := codelist.Diff(make10(t, "I10X"), codelist.Must(codelist.New(info(codelist.OPCS4), "K40"))); err == nil {
		t.Error("codes of two systems are compared")
	}
}

func ExampleExcept() {
	info := codelist.Info{ID: "example", Version: "1", System: codelist.ICD10, Source: "Written for this example."}
	heart := codelist.Must(codelist.New(info, "I20-I25"))
	old := codelist.Must(codelist.New(info, "I25.2*"))
	list := codelist.Must(codelist.Except(info, heart, old))
	fmt.Println(slices.Collect(list.Codes()))
	for from, before := range list.Ranges() {
		fmt.Printf("%s <= code < %s\n", from, before)
	}
	fmt.Println(list.Contains("I25X"), list.Contains("I252"))
	// Output:
	// [I20-I24 I25 I250-I251 I253-I259 I25X*]
	// I20 <= code < I25
	// I250 <= code < I252
	// I253 <= code < I26
	// true false
}

func ExampleDiff() {
	info := codelist.Info{ID: "example", Version: "1", System: codelist.ICD10, Source: "Written for this example."}
	older := codelist.Must(codelist.New(info, "I20-I25", "I64X"))
	newer := codelist.Must(codelist.New(info, "I20-I24", "I61X", "I64X"))
	changes, err := codelist.Diff(older, newer)
	if err != nil {
		panic(err)
	}
	fmt.Println(changes)
	// Output:
	// 1 added, 1 removed
	// + I61X
	// - I25*
}
