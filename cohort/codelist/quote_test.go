package codelist_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// TestNoNumbersInErrors takes files of people for lists.
func TestNoNumbersInErrors(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"9990000018", "999 000 0018", "999-000-0018"} {
		reported := ""
		report := codelist.ReportInvalid(func(p codelist.Problem) { reported += p.String() + p.Code })
		from := func(file string) *strings.Reader { return strings.NewReader(strings.ReplaceAll(file, "N", number)) }
		rf2 := func(row string) string { return strings.NewReplacer(" ", "\t", ",", "\t").Replace(row) }
		var builds [6]codelist.GraphBuilder
		_, err := codelist.New(info(codelist.SNOMEDCT), number)
		errs := []error{
			err,
			builds[0].Relationships(from(relationshipHeader + rf2("1 N 1 m N,N 0 116680003 c m"))),
			builds[1].Relationships(from(relationshipHeader + rf2("N 20250101 N m N,N 0 116680003 c m"))),
			builds[2].Relationships(from(relationshipHeader + rf2("1 20250101 1 m N,N 0 116680003 c m"))),
			builds[3].Refsets(from(refsetHeader + rf2("N,N,N m N,N"))),
			builds[4].Refsets(from(refsetHeader + rf2("00000000-0000-0000-0000-000000000001 20250101 1 m N,N"))),
			builds[5].Edges(from("child,parent\nN,\n")),
		}
		for _, read := range []func() error{
			func() error { _, err := codelist.ReadCSV(from("id,name\nN,x\n"), info(codelist.SNOMEDCT)); return err },
			func() error { _, err := codelist.ReadCSV(from("id,name\nN,x\n"), info(codelist.ICD10)); return err },
			func() error {
				_, err := codelist.ReadCSV(from("id,name\nN,x\n"), info(codelist.SNOMEDCT), report)
				return err
			},
			func() error {
				_, err := codelist.ReadDefinition(from("code,is_included\nN,+\n"), codelist.SNOMEDCT)
				return err
			},
			func() error {
				_, err := codelist.ReadDefinition(from("code,is_included\n38341003,N\n"), codelist.SNOMEDCT)
				return err
			},
			func() error {
				_, err := codelist.ReadPCD(from(pcdHeader+pcdRow("A_COD", "A", "N", "N", "1")), pcdInfo())
				return err
			},
			func() error {
				_, err := codelist.ReadPCD(from(pcdHeader+pcdRow("A_COD", "A", "1", "N", "1")), pcdInfo())
				return err
			},
			func() error { _, err := codelist.ParseExpression(number); return err },
		} {
			errs = append(errs, read())
		}
		for i, err := range errs {
			if err == nil {
				t.Errorf("error %d is missing", i)
			}
		}
		if text := errors.Join(errs...).Error() + reported; strings.Contains(text, number) || reported == "" {
			t.Errorf("%s is shown:\n%s", number, text)
		}
	}
	// Damaged codes are shown: somebody has to find them.
	for _, code := range []string{"530558861000132000", "9990000019", "12345", "999000001X"} {
		if _, err := codelist.New(info(codelist.SNOMEDCT), code); err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("got %v", err)
		}
	}
}
