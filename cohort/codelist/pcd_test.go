package codelist_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

const pcdHeader = "Cluster_Category,Cluster_ID,Cluster_Desc,Active_in_Refset,Refset_Status_Date,RefsetId,Refset_Description," +
	"ConceptId,ConceptId_Description,Active_Code_Status,Code_Status_Date,Type_of_Inclusion,Sensitive_Status,Sensitive_Status_Date\n"

// pcdRow is a row as the releases have it, with invented members.
func pcdRow(cluster, description, active, code, codeActive string) string {
	return fmt.Sprintf("Conditions,%s,%s,%s,20240401,999012891000230104,A reference set,%s,A concept,%s,20200101,PC refset,0,19000101\r\n",
		cluster, description, active, code, codeActive)
}

func pcdFile() string {
	return "\uFEFF" + pcdHeader +
		pcdRow("AST_COD", "Asthma diagnosis codes", "1", "195967001", "1") +
		pcdRow("HYP_COD", "Hypertension codes", "1", "38341003", "1") +
		pcdRow("AST_COD", "Asthma diagnosis codes", "1", "44054006", "0") + // no longer active in SNOMED CT
		pcdRow("AST_COD", "Asthma diagnosis codes", "0", "73211009", "1") + // withdrawn from the set
		pcdRow("OLD_COD", "Codes\xa0of\x96old", "0", "53741008", "1")
}

func pcdInfo() codelist.Info {
	return codelist.Info{ID: "pcd", Version: "20241205", System: codelist.SNOMEDCT, Release: "UK Edition 39", Source: "A file for this test."}
}

func TestReadPCD(t *testing.T) {
	t.Parallel()
	type got struct{ id, codes, source string }
	read := func(options ...codelist.CSVOption) map[string]got {
		lists, err := codelist.ReadPCD(strings.NewReader(pcdFile()), pcdInfo(), options...)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]got{}
		for id, l := range lists {
			all[id] = got{l.ID(), codes(l), l.Source()}
			if l.Release() != "UK Edition 39" || l.Version() != "20241205" {
				t.Errorf("%s: release %q, version %q", id, l.Release(), l.Version())
			}
		}
		return all
	}
	want := map[string]got{
		"AST_COD": {"pcd/ast_cod", "195967001 44054006", "A file for this test. Asthma diagnosis codes."},
		"HYP_COD": {"pcd/hyp_cod", "38341003", "A file for this test. Hypertension codes."},
	}
	if diff := cmp.Diff(want, read(), cmp.AllowUnexported(got{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want["AST_COD"] = got{"pcd/ast_cod", "195967001 44054006 73211009", want["AST_COD"].source}
	want["OLD_COD"] = got{"pcd/old_cod", "53741008", "A file for this test. Codes?of?old."}
	if diff := cmp.Diff(want, read(codelist.WithWithdrawn()), cmp.AllowUnexported(got{})); diff != "" {
		t.Errorf("with those withdrawn (-want +got):\n%s", diff)
	}
	only := read(codelist.Only("Cluster_Category", "Conditions"), codelist.Only("Active_Code_Status", "1"), codelist.CodeColumn("conceptid"))
	if only["AST_COD"].codes != "195967001" {
		t.Errorf("only some rows: %v", only)
	}
}

func TestReadPCDCluster(t *testing.T) {
	t.Parallel()
	list, err := codelist.ReadPCDCluster(strings.NewReader(pcdFile()), "ast_cod", pcdInfo())
	if err != nil {
		t.Fatal(err)
	}
	if list.ID() != "pcd" || codes(list) != "195967001 44054006" || list.Source() != "A file for this test. Asthma diagnosis codes." {
		t.Errorf("%s: %s, %s", list.ID(), codes(list), list.Source())
	}
	all, err := codelist.ReadPCD(strings.NewReader(pcdFile()), pcdInfo())
	if err != nil || all["AST_COD"].Hash() != list.Hash() {
		t.Errorf("among all the list is another: %v", err)
	}
	// What is wrong in other clusters does not matter.
	damaged := pcdFile() + pcdRow("HYP_COD", "Hypertension codes", "1", "38341004", "1")
	if _, err := codelist.ReadPCDCluster(strings.NewReader(damaged), "AST_COD", pcdInfo()); err != nil {
		t.Error(err)
	}
	for cluster, want := range map[string]string{
		"":         "no cluster id",
		"ASTT_COD": `none of the 2 clusters in the file is "ASTT_COD"; with the same first letter there are [AST_COD]`,
		"OLD_COD":  `is "OLD_COD"`,
		"é":        "there are []",
	} {
		if _, err := codelist.ReadPCDCluster(strings.NewReader(pcdFile()), cluster, pcdInfo()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", cluster, err, want)
		}
	}
}

func TestReadPCDInvalid(t *testing.T) {
	t.Parallel()
	damaged := pcdFile() + pcdRow("HYP_COD", "Hypertension codes", "1", "530558861000132000", "1") + pcdRow("NEW_COD", "New codes", "1", "x", "1")
	_, err := codelist.ReadPCD(strings.NewReader(damaged), pcdInfo())
	for _, want := range []string{`line 7: "530558861000132000": the check digit`, `line 8: "x": not 6 to 18 digits`} {
		if !errors.Is(err, codelist.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	var lines []int
	lists, err := codelist.ReadPCD(strings.NewReader(damaged), pcdInfo(), codelist.ReportInvalid(func(p codelist.Problem) { lines = append(lines, p.Line) }))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{7, 8}, lines); diff != "" {
		t.Errorf("reported (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"AST_COD", "HYP_COD"}, slices.Sorted(maps.Keys(lists))); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
	if _, err := codelist.ReadPCDCluster(strings.NewReader(damaged), "NEW_COD", pcdInfo(), codelist.ReportInvalid(func(codelist.Problem) {})); err == nil || !strings.Contains(err.Error(), "no codes") {
		t.Errorf("a cluster of nothing valid: %v", err)
	}
}

func TestReadPCDRefuses(t *testing.T) {
	t.Parallel()
	fault := errors.New("reading failed")
	nameless, icd := pcdInfo(), pcdInfo()
	nameless.ID, icd.System = "", codelist.ICD10
	row := pcdRow("AST_COD", "Asthma", "1", "195967001", "1")
	tests := []struct {
		name    string
		file    io.Reader
		info    codelist.Info
		options []codelist.CSVOption
		want    string
	}{
		{"no description", strings.NewReader(pcdFile()), nameless, nil, "Info.ID"},
		{"another system", strings.NewReader(pcdFile()), icd, nil, "reference sets are of SNOMED CT, not of ICD-10"},
		{"empty", strings.NewReader(""), pcdInfo(), nil, "line 1: the file is empty"},
		{"a list", strings.NewReader("code,term\n195967001,Asthma\n"), pcdInfo(), nil, "line 1: no column named ConceptId"},
		{"no clusters", strings.NewReader("ConceptId\n195967001\n"), pcdInfo(), nil, "line 1: no column named Cluster_ID"},
		{"no members", strings.NewReader(pcdHeader), pcdInfo(), nil, "no members"},
		{"no cluster", strings.NewReader(pcdHeader + row + pcdRow("", "Asthma", "1", "195967001", "1")), pcdInfo(), nil, "line 3: no Cluster_ID"},
		{"active", strings.NewReader(pcdHeader + row + pcdRow("AST_COD", "Asthma", "yes", "195967001", "1")), pcdInfo(), nil, `line 3: Active_in_Refset is "yes"`},
		{"prefixes", strings.NewReader(pcdFile()), pcdInfo(), []codelist.CSVOption{codelist.AsPrefixes()}, "has no prefixes"},
		{"no such column", strings.NewReader(pcdFile()), pcdInfo(), []codelist.CSVOption{codelist.Only("Kind", "x")}, "line 1: no column named Kind"},
		{"broken", io.MultiReader(strings.NewReader(pcdHeader+row), iotest.ErrReader(fault)), pcdInfo(), nil, "after line 2: reading failed"},
	}
	for _, test := range tests {
		if _, err := codelist.ReadPCD(test.file, test.info, test.options...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

func FuzzReadPCD(f *testing.F) {
	f.Add(pcdFile())
	f.Add(pcdHeader)
	f.Add("Cluster_ID,Cluster_Desc,Active_in_Refset,ConceptId\nA,\"\n")
	f.Fuzz(func(t *testing.T, file string) {
		lists, err := codelist.ReadPCD(strings.NewReader(file), pcdInfo())
		if err != nil {
			return
		}
		for id, list := range lists {
			one, err := codelist.ReadPCDCluster(strings.NewReader(file), id, pcdInfo())
			if err != nil || one.Hash() != list.Hash() {
				t.Fatalf("%q by itself is %v, %v", id, one, err)
			}
		}
	})
}

func ExampleReadPCD() {
	file := strings.NewReader(`Cluster_Category,Cluster_ID,Cluster_Desc,Active_in_Refset,ConceptId
Conditions,AST_COD,Asthma diagnosis codes,1,195967001
Conditions,HYP_COD,Hypertension diagnosis codes,1,38341003
Conditions,HYP_COD,Hypertension diagnosis codes,1,59621000
Conditions,HYP_COD,Hypertension diagnosis codes,0,73211009
`)
	lists, err := codelist.ReadPCD(file, codelist.Info{
		ID: "example", Version: "20241205", System: codelist.SNOMEDCT, Source: "Rows in the form of the releases, made up for this example.",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(lists["AST_COD"])
	fmt.Println(lists["HYP_COD"], slices.Collect(lists["HYP_COD"].Codes()))
	// Output:
	// example/ast_cod 20241205 (1 SNOMED CT codes)
	// example/hyp_cod 20241205 (2 SNOMED CT codes) [38341003 59621000]
}
