package codelist_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

func TestReadCSV(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file string
		options    []codelist.CSVOption
	}{
		{"OpenCodelists", "code,term\n38341003,Hypertensive disorder\n195967001,Asthma\n", nil},
		{"mark, spaces, capitals, line ends", "\uFEFFCode , Term\r\n 38341003 ,\"Hypertensive, disorder\"\r\n195967001,Asthma\r\n", nil},
		{"empty and repeated codes", "code,term\n38341003,a\n,b\n195967001\n38341003,c\n\n", nil},
		{"code column last, short rows", "term,snomedcode\na,38341003\nb\nc,195967001\n", nil},
		{"first known column wins", "id,code\n1,38341003\n2,195967001\n", nil},
		{"named column", "code,conceptid\n1,38341003\n2,195967001\n", []codelist.CSVOption{codelist.CodeColumn(" ConceptId")}},
		{"two columns", "now,before\n38341003,\n195967001,38341003\n", []codelist.CSVOption{codelist.CodeColumn("now", "before")}},
		{"medicines", "VPID,VTMID,NM\n38341003,1,a\n195967001,1,b\n", nil},
		{"packs before medicines", "APPID,VPPID,APID,NM\n38341003,1,1,a\n195967001,1,1,b\n", nil},
		{"rows of a category", "code,group\n38341003,1\n44054006,2\n195967001, 3 \nx,4\n73211009\n", []codelist.CSVOption{codelist.Only("Group", "1", "3")}},
		{"rows of two conditions", "code,a,b\n38341003,1,x\n44054006,1,y\n195967001,1,x\n73211009,2,x\n", []codelist.CSVOption{codelist.Only("a", "1"), codelist.Only("b", "x")}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list, err := codelist.ReadCSV(strings.NewReader(test.file), info(codelist.SNOMEDCT), test.options...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"195967001", "38341003"}, slices.Collect(list.Codes())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadCSVInvalid(t *testing.T) {
	t.Parallel()
	const file = "code,term\n38341003,good\n530558861000132000,rounded\n\"195967001\",good\nY2f27,local\n"
	_, err := codelist.ReadCSV(strings.NewReader(file), info(codelist.SNOMEDCT))
	if !errors.Is(err, codelist.ErrInvalid) {
		t.Fatalf("got %v, want ErrInvalid", err)
	}
	for _, want := range []string{`line 3: "530558861000132000": the check digit is wrong`, `line 5: "Y2f27": not 6 to 18 digits`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}

	var problems []codelist.Problem
	list, err := codelist.ReadCSV(strings.NewReader(file), info(codelist.SNOMEDCT),
		codelist.ReportInvalid(func(p codelist.Problem) { problems = append(problems, p) }))
	if err != nil || list.Len() != 2 {
		t.Errorf("reporting: got %v, %v; want two codes", list, err)
	}
	if len(problems) != 2 || problems[0].Line != 3 || problems[0].Code != "530558861000132000" || problems[1].Line != 5 {
		t.Errorf("problems: %v", problems)
	}
}

func TestReadCSVRefuses(t *testing.T) {
	t.Parallel()
	fault := errors.New("reading failed")
	tests := []struct {
		name string
		file io.Reader
		want string
	}{
		{"empty", strings.NewReader(""), "line 1: the file is empty"},
		{"no code column", strings.NewReader("term\nasthma\n"), "line 1: no column named code"},
		{"a definition", strings.NewReader("code,term,is_included\n38341003,a,+\n"), "line 1: there is a column is_included, so"},
		{"reference sets", strings.NewReader(pcdFile()), "line 1: there is a column Cluster_ID, so"},
		{"broken in the middle", io.MultiReader(strings.NewReader("code\n38341003\n"), iotest.ErrReader(fault)), "after line 2: reading failed"},
		{"no header", strings.NewReader("38341003,Hypertension\n"), "line 1: no column named code"},
		{"only a header", strings.NewReader("code,term\n"), "no codes"},
		{"bad quotes", strings.NewReader("code,term\n\"38341003,x\n"), "line 2"},
		{"bad quotes in the header", strings.NewReader("co\"de,term\n"), "line 1"},
		{"broken reader", iotest.ErrReader(fault), fault.Error()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := codelist.ReadCSV(test.file, info(codelist.SNOMEDCT)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	for want, option := range map[string]codelist.CSVOption{
		"line 1: no column named b": codelist.CodeColumn("code", "b"),
		"line 1: no column named a": codelist.Only("a", "1"),
		"see ReadPCD":               codelist.WithWithdrawn(),
		"SNOMED CT has no prefixes": codelist.AsPrefixes(),
		"no codes":                  codelist.Only("term", "x"),
	} {
		if _, err := codelist.ReadCSV(strings.NewReader("code,term\n38341003,y\n"), info(codelist.SNOMEDCT), option); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := codelist.ReadCSV(strings.NewReader("code\n"), codelist.Info{}); err == nil || !strings.Contains(err.Error(), "Info.ID") {
		t.Errorf("without a description: %v", err)
	}
}

func TestReadCSVPatterns(t *testing.T) {
	t.Parallel()
	const file = "icd,term\nI20-I22,a\nI25.2,b\nI64%,c\ni10.X,d\n"
	list, err := codelist.ReadCSV(strings.NewReader(file), info(codelist.ICD10))
	if err != nil || codes(list) != "I10X I20-I22 I252 I64*" {
		t.Errorf("got %v, %v", list, err)
	}
	list, err = codelist.ReadCSV(strings.NewReader(file), info(codelist.ICD10), codelist.AsPrefixes())
	if err != nil || codes(list) != "I10X* I20-I22 I252* I64*" {
		t.Errorf("as prefixes: got %v, %v", codes(list), err)
	}
	_, err = codelist.ReadCSV(strings.NewReader(file+"I25-I20,e\nI,f\n"), info(codelist.ICD10))
	for _, want := range []string{`line 6: "I25-I20": the range ends before it begins`, `line 7: "I": not an ICD-10 code`} {
		if !errors.Is(err, codelist.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("code,term\n38341003,Hypertension\n")
	f.Add("\uFEFFterm,dmd_id\n\"a\nb\",322236009\n")
	f.Add("code\n\"\n")
	f.Add("code\nI20-I25\nC*\n")
	f.Fuzz(func(t *testing.T, file string) {
		for _, system := range []codelist.System{codelist.SNOMEDCT, codelist.ICD10, codelist.OPCS4} {
			fuzzReadCSV(t, file, system)
		}
	})
}

func fuzzReadCSV(t *testing.T, file string, system codelist.System) {
	t.Helper()
	strict, err := codelist.ReadCSV(strings.NewReader(file), info(system))
	problems := 0
	lenient, lenientErr := codelist.ReadCSV(strings.NewReader(file), info(system), codelist.ReportInvalid(func(p codelist.Problem) {
		if p.Line < 2 || p.Reason == "" {
			t.Fatalf("problem %+v", p)
		}
		problems++
	}))
	if err == nil && (problems > 0 || lenientErr != nil || lenient.Hash() != strict.Hash()) {
		t.Fatalf("refusing and reporting disagree: %d problems, %v", problems, lenientErr)
	}
	if lenientErr == nil {
		again, err := codelist.New(info(system), slices.Collect(lenient.Codes())...)
		if err != nil || again.Hash() != lenient.Hash() {
			t.Fatalf("the codes of a list do not make the list: %v", err)
		}
	}
}

func ExampleReadCSV() {
	file := strings.NewReader("code,term\n195967001,Asthma\n38341003,Hypertensive disorder\n530558861000132000,Damaged\n")
	list, err := codelist.ReadCSV(file, codelist.Info{
		ID: "example", Version: "20241205", System: codelist.SNOMEDCT, Source: "Written for this example.",
	}, codelist.ReportInvalid(func(p codelist.Problem) { fmt.Println(p) }))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(list)
	fmt.Println(list.Contains("195967001"), list.Hash()[:12])
	// Output:
	// line 4: "530558861000132000": the check digit is wrong; spreadsheets damage long identifiers, so load them as text
	// example 20241205 (2 SNOMED CT codes)
	// true b8dcbb5ce60e
}
