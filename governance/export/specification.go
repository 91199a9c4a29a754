package export

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// Specification is the cohort as a clinician reads it: the definition in plain English, every code of every
// list, who is kept out whatever the definition says, and how many people are expected.
type Specification struct {
	Stamp

	Purpose    string                   `json:"purpose"`
	Definition string                   `json:"definition"`
	Version    string                   `json:"version"`
	Meaning    governance.Digest        `json:"meaning"`
	English    string                   `json:"english"`
	CodeLists  []CodeList               `json:"codeLists"`
	MinimumAge int                      `json:"minimumAge"`
	KeptOut    []governance.Suppression `json:"keptOut"`
	Volume     governance.VolumeFacet   `json:"volume"`
}

// NewSpecification makes the specification of the definition, which must be the approved one.
func NewSpecification(p governance.Proposal, d Definition, at time.Time) (*Specification, error) {
	s, err := stamp(p, at)
	if err != nil {
		return nil, err
	}
	if err := d.check(p); err != nil {
		return nil, err
	}
	return &Specification{
		Stamp: s, Purpose: p.Purpose.Text, Definition: p.Cohort.Definition, Version: p.Cohort.Version,
		Meaning: p.Cohort.Meaning, English: d.English, CodeLists: d.CodeLists, MinimumAge: p.Safety.MinimumAge,
		KeptOut: p.Safety.Suppressions, Volume: p.Volume,
	}, nil
}

// Document makes the specification ready to be written.
func (s *Specification) Document() *Document {
	d := &Document{title: "Cohort specification: " + s.Definition, stamp: s.Stamp, data: s}
	d.sections = append(
		d.sections,
		section{"Purpose", []block{text("%s", s.Purpose), facts(
			[2]string{"Definition", s.Definition + ", version " + s.Version},
			[2]string{"Digest of its meaning", s.Meaning.String()},
		)}},
		section{"The definition in words", []block{verbatim(s.English)}},
		section{"Who is kept out of the final list", []block{keptOut(s.KeptOut, s.MinimumAge)}},
		section{"How many people", []block{stages(s.Volume)}},
	)
	for _, l := range s.CodeLists {
		d.sections = append(d.sections, section{"Code list " + l.ID + " " + l.Version, []block{
			facts(
				[2]string{"System", l.System}, [2]string{"Codes", strconv.Itoa(len(l.Codes))},
				[2]string{"Source", l.Source}, [2]string{"Digest of the codes", l.Digest.String()},
			),
			verbatim(strings.Join(l.Codes, "\n")),
		}})
	}
	return d
}

// keptOut lists the suppressions.
func keptOut(list []governance.Suppression, minimumAge int) block {
	rows := make([][]string, len(list))
	for i, s := range list {
		rule := ruleOf(s.Name)
		says := rule.Says
		if s.Name == governance.SuppressUnderAge {
			says += fmt.Sprintf(" (%d)", minimumAge)
		}
		advised := "-"
		if rule.AdvisedHours > 0 {
			advised = hours(rule.AdvisedHours)
		}
		rows[i] = []string{says, s.Name, hours(s.MaxAgeHours), advised}
	}
	return grid("Checked after all parts of the cohort are put together, for everybody.",
		[]string{"Nobody is messaged who", "Name", "#Checked at most before sending", "#Advised"}, rows)
}

// ruleOf returns the row of a suppression; one of the programme's own has only its name.
func ruleOf(name string) governance.SuppressionRule {
	for _, r := range governance.SuppressionRules() {
		if r.Name == name {
			return r
		}
	}
	return governance.SuppressionRule{Name: name, Says: "is found by the programme's own check"}
}

func hours(n int) string {
	if n%24 == 0 && n > 24 {
		return strconv.Itoa(n/24) + " days"
	}
	return strconv.Itoa(n) + " hours"
}

// stages lists how many people are expected, and how many each stage may reach.
func stages(v governance.VolumeFacet) block {
	rows := [][]string{
		{"Expected on the list", fmt.Sprintf("%s to %s", thousands(v.ExpectedMin), thousands(v.ExpectedMax))},
		{"At most ever", thousands(v.HardCap)},
		{"At most in a day", thousands(v.DailyCap)},
	}
	for _, s := range v.Stages {
		rows = append(rows, []string{"At most at stage " + string(s.Stage), thousands(s.Cap)})
	}
	return grid("", []string{"People", "#Number"}, rows)
}

func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// pounds writes an amount in pence.
func pounds(pence int) string { return fmt.Sprintf("£%s.%02d", thousands(pence/100), pence%100) }
