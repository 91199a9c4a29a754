package caas

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs/cohort"
)

// Explanation tells, in the words of the publication, why an imported definition
// decides as it does about one person. It is worked out here, from the records at
// hand: it is not what CaaS would answer, of which nothing is public. Except for the
// key, which stays masked, it is personal data: keep it out of logs.
type Explanation struct {
	Key cohort.Key
	// Cohort is the name of the published cohort; Definition and Version name the
	// imported definition.
	Cohort, Definition, Version string
	Outcome                     cohort.Outcome
	// Steps are what the definition asks beside the groups, such as an age.
	Steps []cohort.StepExplanation
	// Groups are the condition groups that can find somebody.
	Groups []Reason
}

// Reason is the answer of a condition group, a condition, a rule set or a rule.
type Reason struct {
	// Title has kind, number and name, such as: group 1 "Asthma".
	Title   string
	Verdict cohort.Verdict
	// All reports whether the parts must all hold; otherwise one is enough.
	All bool
	// Of are the parts, of all but rules.
	Of []Reason
	// Asked is what a rule asks.
	Asked []Asked
}

// Asked is one thing that a rule asks: a code, that it is not resolved, an age or a
// special case.
type Asked struct {
	What    string
	Verdict cohort.Verdict
	// Entries are those that were found, of the resolving codes where it asks for these.
	Entries []FoundEntry
}

// FoundEntry is an entry in a record with a code that a rule looks for.
type FoundEntry struct {
	Code, Term string // the published meaning; empty for codes of a list that the caller gave
	List       string // the cluster or the name of the list
	Date       string // in ISO form
	Table      string // in which it was found
	Datasets   []string
}

// Explain tells an explanation, which a plan bound from Definition gave, in the words
// of the publication. It refuses an explanation of anything else.
func (im *Imported) Explain(x *cohort.Explanation) (*Explanation, error) {
	const op = "caas.Explain"
	if x == nil || x.Definition != im.Definition.ID() || x.Version != im.Definition.Version() {
		return nil, fmt.Errorf("%s: %w: pass what a plan bound from Definition explains", op, errOther)
	}
	out := &Explanation{
		Key: x.Key, Cohort: im.source.Name, Definition: x.Definition, Version: x.Version, Outcome: x.Outcome,
	}
	for _, step := range x.Steps {
		if step.Label != im.label {
			out.Steps = append(out.Steps, step)
			continue
		}
		reasons, err := tell(im.told, step.Finding)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: pass what a plan bound from Definition explains", op, err)
		}
		out.Groups = reasons
	}
	return out, nil
}

var errOther = errors.New("an explanation of another definition")

// tell follows the finding of a join of named parts.
func tell(parts []told, joined cohort.Finding) ([]Reason, error) {
	findings := []cohort.Finding{joined}
	if len(parts) > 1 {
		findings = joined.Parts
	}
	if len(findings) != len(parts) {
		return nil, errOther
	}
	out := make([]Reason, len(parts))
	for i, t := range parts {
		// A named criterion has one part: what it names.
		if !strings.Contains(findings[i].Question, t.title) || len(findings[i].Parts) != 1 {
			return nil, errOther
		}
		out[i] = Reason{Title: t.title, Verdict: findings[i].Verdict, All: t.all}
		var err error
		if t.rule != nil {
			out[i].Asked, err = t.rule.tell(findings[i].Parts[0])
		} else {
			out[i].Of, err = tell(t.of, findings[i].Parts[0])
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// tell follows the finding of what a rule asks.
func (r *toldRule) tell(joined cohort.Finding) ([]Asked, error) {
	findings := []cohort.Finding{joined}
	if len(r.asks) > 1 {
		findings = joined.Parts
	}
	if len(findings) != len(r.asks) {
		return nil, errOther
	}
	out := make([]Asked, len(r.asks))
	for i, a := range r.asks {
		out[i] = Asked{What: a.what, Verdict: findings[i].Verdict}
		switch a.kind {
		case askEvents:
			out[i].Entries = r.found(findings[i], r.lists)
		case askUnresolved:
			out[i].Entries = r.found(findings[i], r.resolving)
		case askAge, askSpecialCase:
		}
	}
	return out, nil
}

// found collects the entries with a code of the lists, each once.
func (r *toldRule) found(f cohort.Finding, lists []listed) []FoundEntry {
	type row struct {
		table string
		n     int
	}
	seen := map[row]bool{}
	var out []FoundEntry
	var walk func(cohort.Finding)
	walk = func(f cohort.Finding) {
		for _, e := range f.Evidence {
			at := row{e.Table, e.Row}
			if e.Undecided || e.Row == 0 || seen[at] {
				continue
			}
			if entry, ok := r.entry(e, lists); ok {
				seen[at] = true
				out = append(out, entry)
			}
		}
		for _, part := range f.Parts {
			walk(part)
		}
	}
	walk(f)
	slices.SortStableFunc(out, func(a, b FoundEntry) int { return strings.Compare(b.Date, a.Date) })
	return out
}

func (r *toldRule) entry(e cohort.Evidence, lists []listed) (FoundEntry, bool) {
	out := FoundEntry{Table: e.Table, Datasets: r.datasets[e.Table]}
	for _, t := range tables() {
		for _, v := range e.Values {
			if t.name == e.Table && v.Name == t.date {
				out.Date = v.Value
			}
		}
	}
	for _, v := range e.Values {
		for code := range strings.SplitSeq(v.Value, ", ") {
			for _, l := range lists {
				if l.list.Contains(code) {
					category := code[:min(3, len(code))]
					out.Code, out.Term, out.List = code, cmp.Or(l.terms[code], l.terms[category]), l.label
					return out, true
				}
			}
		}
	}
	return out, false
}

// Text returns the explanation in lines: of groups that are not so, one line only. The
// person's key is masked; the rest is personal data.
func (x *Explanation) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v is %v: %s (%s, version %s).\n", x.Key, x.Outcome, line(x.Cohort, "the cohort"), x.Definition, x.Version)
	b.WriteString("Worked out here from the published definition and the records at hand: this is not CaaS's own answer.\n")
	for _, s := range x.Steps {
		verb := "Include"
		if s.Exclude {
			verb = "Exclude"
		}
		fmt.Fprintf(&b, "%s: %s. %s: %v.\n", verb, s.Label, capital(s.Verdict.String()), s.Effect)
	}
	for _, g := range x.Groups {
		g.write(&b, 0)
	}
	return b.String()
}

// Format writes a mask for every verb, so that an explanation is not logged by accident;
// use Text.
func (x *Explanation) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "explanation for %v: %v", x.Key, x.Outcome)
}

func (r Reason) write(b *strings.Builder, depth int) {
	indent := strings.Repeat("   ", depth)
	fmt.Fprintf(b, "%s%s: %v", indent, capital(r.Title), r.Verdict)
	switch {
	case depth == 0 && r.Verdict == cohort.No:
		b.WriteString(".\n")
		return
	case len(r.Of) > 1 && r.All:
		fmt.Fprintf(b, ", all of %d must hold", len(r.Of))
	case len(r.Of) > 1:
		fmt.Fprintf(b, ", any of %d is enough", len(r.Of))
	}
	b.WriteString(".\n")
	for _, part := range r.Of {
		part.write(b, depth+1)
	}
	for _, a := range r.Asked {
		fmt.Fprintf(b, "%s   %v: %s\n", indent, a.Verdict, a.What)
		for _, e := range a.Entries {
			fmt.Fprintf(b, "%s      - %v\n", indent, e)
		}
	}
}

// String says the entry in words.
func (e FoundEntry) String() string {
	code := e.Code
	if e.Term != "" {
		code += " (" + line(e.Term, "") + ")"
	}
	where := e.Table
	if len(e.Datasets) > 0 {
		where = fmt.Sprintf("%s, which stands for %s", e.Table, strings.Join(e.Datasets, ", "))
	}
	return fmt.Sprintf("%s of %s on %s, in %s", code, e.List, e.Date, where)
}
