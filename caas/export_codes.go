package caas

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// cluster is the name of a list that is one of the primary care reference sets.
var cluster = regexp.MustCompile(`^(?:.*/)?([A-Za-z0-9]+_(?i:cod))( \(\d+\))?$`)

// codeList writes a list in the published form.
func codeList(l *codelist.List) CodeList {
	system := CodeSystem{ID: string(l.System()), Name: map[codelist.System]string{codelist.SNOMEDCT: "SNOMED", codelist.OPCS4: "OPCS"}[l.System()]}
	if system.Name == "" {
		system.Name = string(l.System())
	}
	out := CodeList{ID: l.ID() + " " + l.Version(), ShortDescription: l.ID(), CodeSystem: &system}
	if found := cluster.FindStringSubmatch(l.ID()); found != nil {
		out.ClusterName = new(strings.ToUpper(found[1]))
	}
	codes, _ := publishedCodes(l)
	for _, code := range codes {
		out.Codes = append(out.Codes, Code{ID: code, Value: code, CodeSystem: system})
	}
	return out
}

// publishedCodes writes the codes of a list in the published form, where codes of three
// characters of hospital data stand for all that begin with them. Other codes than those
// of four characters, which are in no hospital data, are left out. It is false for a list
// with other patterns, or with nothing left.
func publishedCodes(l *codelist.List) ([]string, bool) {
	var out []string
	for code := range l.Exact() {
		if !hospital(l.System()) || len(code) == 4 {
			out = append(out, code)
		}
	}
	for first, after := range l.Ranges() {
		if len(first) > 3 || len(after) > 3 {
			return nil, false
		}
		for n := range 26 * 100 {
			category := fmt.Sprintf("%c%02d", 'A'+n/100, n%100)
			if category >= first && category < after && l.System().Check(category) == nil {
				out = append(out, category)
			}
		}
	}
	return out, len(out) > 0
}
