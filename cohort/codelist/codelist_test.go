package codelist_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

func info(system codelist.System) codelist.Info {
	return codelist.Info{ID: "test/list", Version: "1", System: system, Source: "written for this test"}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		system       codelist.System
		valid, wrong []string
	}{
		{
			codelist.SNOMEDCT,
			// The last one is of an extension: its identifiers are long.
			[]string{"38341003", "44054006", "195967001", "396275006", "53741008", "22298006", "75367002", "530558861000132104"},
			// Rounded by a spreadsheet; too short; too long; leading zero; not digits; check digit; a description.
			[]string{"530558861000132000", "10006", "1234567890123456789", "038341003", "Y2f27", "38341004", "", " 38341003", "38341003.0", "754786014"},
		},
		{codelist.DMD, []string{"322236009"}, []string{"322236008", "abc"}},
		{codelist.ICD10, []string{"I10", "I10X", "E119", "M45X2", "C50", "C5091"}, []string{"I1", "10I", "I10.9", "i10", "I10Y", "I10XX", "IX0", ""}},
		{codelist.OPCS4, []string{"K40", "K401", "X998", "Z15"}, []string{"I40", "K4", "K4011", "k401", "-", "&", ""}},
		{codelist.AEDiagnosis, []string{"20", "201"}, []string{"2", "2011", "I21", "20 ", ""}},
		{codelist.AEInvestigation, []string{"02"}, []string{"2", "X1"}},
		{codelist.AETreatment, []string{"25", "281"}, []string{"", "a1"}},
		{codelist.CriticalCareActivity, []string{"05"}, []string{"5", "050"}},
		{"Read", nil, []string{"H33.."}},
	}
	for _, test := range tests {
		for _, code := range test.valid {
			if err := test.system.Check(code); err != nil {
				t.Errorf("%s %q: %v", test.system, code, err)
			}
		}
		for _, code := range test.wrong {
			if test.system.Check(code) == nil {
				t.Errorf("%s %q passes", test.system, code)
			}
		}
	}
}

// TestVerhoeff uses what the scheme promises: it finds every wrong digit and every exchange of neighbours.
func TestVerhoeff(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"38341003", "44054006", "195967001", "530558861000132104"} {
		for i := range code {
			for d := byte('0'); d <= '9'; d++ {
				wrong := []byte(code)
				wrong[i] = d
				if string(wrong) != code && codelist.DMD.Check(string(wrong)) == nil {
					t.Errorf("%s passes for %s", wrong, code)
				}
			}
			if i+1 < len(code) && code[i] != code[i+1] {
				wrong := []byte(code)
				wrong[i], wrong[i+1] = wrong[i+1], wrong[i]
				if codelist.DMD.Check(string(wrong)) == nil {
					t.Errorf("%s passes for %s", wrong, code)
				}
			}
		}
	}
}

func TestNewTakesEverySystem(t *testing.T) {
	t.Parallel()
	for system, code := range map[codelist.System]string{
		codelist.SNOMEDCT: "38341003", codelist.DMD: "322236009", codelist.ICD10: "I10X", codelist.OPCS4: "K401",
		codelist.AEDiagnosis: "20", codelist.AEInvestigation: "02", codelist.AETreatment: "25", codelist.CriticalCareActivity: "05",
	} {
		if list, err := codelist.New(info(system), code); err != nil || !list.Contains(code) {
			t.Errorf("%s: %v", system, err)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	list, err := codelist.New(info(codelist.ICD10), " i10.x", "E11.9", "I10X")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"E119", "I10X"}, slices.Collect(list.Codes())); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if !list.Contains("I10X") || list.Contains("I10") || list.Contains("") || list.Len() != 2 {
		t.Error("the list does not hold exactly its codes")
	}
	if list.ID() != "test/list" || list.Version() != "1" || list.System() != codelist.ICD10 || list.Source() != "written for this test" {
		t.Error("the list does not keep its description")
	}
	if got := list.String(); got != "test/list 1 (2 ICD-10 codes)" {
		t.Errorf("the list prints as %q", got)
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	hash := func(info codelist.Info, codes ...string) string {
		return codelist.Must(codelist.New(info, codes...)).Hash()
	}
	first := hash(info(codelist.SNOMEDCT), "38341003", "44054006")
	other := codelist.Info{ID: "other", Version: "2", System: codelist.SNOMEDCT, Release: "another", Source: "another"}
	if hash(other, "44054006", "38341003", "44054006") != first {
		t.Error("names or order count")
	}
	if hash(info(codelist.SNOMEDCT), "38341003") == first || hash(info(codelist.DMD), "38341003", "44054006") == first {
		t.Error("codes or the coding system do not count")
	}
	if first != "722255dfb8b199efca2b20da97bc011743769c4d93a1e3052062524f92b267c5" {
		t.Errorf("the hash of a list has changed: %s", first)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := info(codelist.SNOMEDCT)
	without := func(change func(*codelist.Info)) codelist.Info {
		i := good
		change(&i)
		return i
	}
	tests := []struct {
		name  string
		info  codelist.Info
		codes []string
		want  string
	}{
		{"no id", without(func(i *codelist.Info) { i.ID = "" }), []string{"38341003"}, "Info.ID"},
		{"no version", without(func(i *codelist.Info) { i.Version = " " }), []string{"38341003"}, "Info.Version"},
		{"unprintable", without(func(i *codelist.Info) { i.ID = "a\nb" }), []string{"38341003"}, "Info.ID"},
		{"no system", without(func(i *codelist.Info) { i.System = "" }), []string{"38341003"}, "Info.System"},
		{"no source", without(func(i *codelist.Info) { i.Source = "" }), []string{"38341003"}, "Info.Source"},
		{"unprintable release", without(func(i *codelist.Info) { i.Release = "39\n" }), []string{"38341003"}, "Info.Release"},
		{"no codes", good, nil, "no codes"},
		{"invalid code", good, []string{"38341003", "38341004"}, `code 2 ("38341004")`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := codelist.New(test.info, test.codes...); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("New: got %v, want %q", err, test.want)
			}
		})
	}
	if _, err := codelist.New(good, "1"); !errors.Is(err, codelist.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
}

func TestMustPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("Must does not panic")
		}
	}()
	codelist.Must(codelist.New(info(codelist.SNOMEDCT)))
}
