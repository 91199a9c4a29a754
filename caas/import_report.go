package caas

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs"
)

// Standing says how a part of a definition was carried over.
type Standing string

// The standings.
const (
	Expressed    Standing = "expressed"           // means the same on both sides
	Assumed      Standing = "assumed"             // means the same if what Part.Done says is so
	Given        Standing = "given by the caller" // filled in from the options
	NotExpressed Standing = "not expressed"       // see Part.Loss
	InWords      Standing = "in words only"       // prose and identifiers: no rule, so nothing is lost
)

// Loss is a kind of thing that cannot be carried over. Each is refused unless the
// caller accepts it: see [Acceptance].
type Loss string

// What an import can lose. "Left out" says what [LeaveOut] does.
const (
	// ClusterNotGiven: a list names its cluster, of which published lists may hold a
	// few codes only. Left out: the codes that are published stand for the cluster.
	ClusterNotGiven Loss = "cluster not given"
	// NoCodes: a list has no codes, and none were given. Left out: the list.
	NoCodes Loss = "no codes"
	// UnsortedCode: a code is well formed in none of the coding systems, or not in its
	// own and in several others. Left out: the code.
	UnsortedCode Loss = "unsorted code"
	// UnlistedCode: a code is published in a list that the caller's list stands for, and
	// is not in it. Left out: the code.
	UnlistedCode Loss = "unlisted code"
	// UnreadCode: no data set of the rule, among those that can be read, records the
	// coding system. Left out: the codes.
	UnreadCode Loss = "unread code"
	// UnreadDataset: the language has no table for a data set. Left out: the data set.
	UnreadDataset Loss = "unread data set"
	// UnclearInclusion: datasetInclusion is not empty; nothing says what it means. Left
	// out: its content.
	UnclearInclusion Loss = "unclear data set inclusion"
	// UnclearAge: an age band is negative, or nobody fits it. Left out: the band.
	UnclearAge Loss = "unclear age"
	// UnclearTime: a date, a time of day or a window of time that is not one. Left out:
	// that end of the window. Ends that leave no day between them can only find nobody.
	UnclearTime Loss = "unclear time"
	// RelativeTime: a relative time, whose unit is not published. Left out: that end of
	// the window.
	RelativeTime Loss = "relative time"
	// UnclearCount: a number of events less than one. Left out: the number, so that one
	// event will do.
	UnclearCount Loss = "unclear count"
	// UnclearJoin: nothing says whether all rules of a set must hold or any. It cannot
	// be left out.
	UnclearJoin Loss = "unclear join"
	// SpecialCase: a pre-coordinated constraint, such as morbid obesity, which is
	// published in words. Left out: the constraint, if the rule has code lists; in an
	// export, all but its name.
	SpecialCase Loss = "special case"
	// NoEvents: dates, counts or resolving codes in a rule without code lists. Left
	// out: these.
	NoEvents Loss = "no events"
	// AgeOnly: a rule without code lists or special cases, by which everybody of an age
	// belongs. Left out: codes; the age alone is asked.
	AgeOnly Loss = "age only"
	// NoRules: a group, condition or rule set without content, or a rule that limits
	// nothing. Left out: all of it, as finding nobody.
	NoRules Loss = "no rules"
	// NothingLeft: a rule and what holds it find nobody because of losses in it that
	// were accepted. It needs no acceptance of its own.
	NothingLeft Loss = "nothing left"
)

// leftOut says what LeaveOut does about a loss.
func (l Loss) leftOut() string {
	words := map[Loss]string{
		ClusterNotGiven: "the published codes stand for the cluster",
		UnclearCount:    "one event is enough",
		AgeOnly:         "the age alone is asked",
		NoRules:         string(FindNobody),
	}
	return cmp.Or(words[l], string(LeaveOut))
}

// Remedy is what is done about a loss.
type Remedy string

// The remedies.
const (
	// LeaveOut goes on without the part; [Part.Effect] says which way that errs.
	LeaveOut Remedy = "left out"
	// FindNobody lets the whole rule, or for UnclearJoin the whole rule set, find nobody.
	FindNobody Remedy = "finds nobody"
)

// Acceptance says that one kind of loss is known and borne, and how.
type Acceptance struct {
	Loss   Loss
	Remedy Remedy
	// Within limits it to parts whose Path begins so, such as "conditionGroups[1]".
	// Empty means all.
	Within string
}

// Effect says which way a loss errs.
type Effect string

// The effects. A loss that cannot be weighed has none.
const (
	MissesPeople Effect = "may miss people"
	AddsPeople   Effect = "may find other people"
)

// check refuses an acceptance that accepts nothing.
func (a Acceptance) check() error {
	losses := []Loss{
		ClusterNotGiven, NoCodes, UnsortedCode, UnlistedCode, UnreadCode, UnreadDataset, UnclearInclusion, UnclearAge,
		UnclearTime, RelativeTime, UnclearCount, UnclearJoin, SpecialCase, NoEvents, AgeOnly, NoRules,
		UnheldStep, UnheldPart, OpenEnd,
	}
	switch {
	case !slices.Contains(losses, a.Loss):
		return &nhs.ArgumentError{Name: "Acceptance.Loss", Reason: "is none of the losses"}
	case a.Remedy != LeaveOut && a.Remedy != FindNobody:
		return &nhs.ArgumentError{Name: "Acceptance.Remedy", Reason: "must be LeaveOut or FindNobody"}
	case a.Loss == UnclearJoin && a.Remedy == LeaveOut:
		return &nhs.ArgumentError{Name: "Acceptance.Remedy", Reason: "cannot be LeaveOut for UnclearJoin: use FindNobody, or say the join"}
	}
	return nil
}

// Part is the account of one part of a definition.
type Part struct {
	// Path is where the part stands, as a path through the JSON form, such as
	// "conditionGroups[0].conditions[1].rulesets[0].rules[0]"; empty for the whole.
	Path string `json:"path"`
	// Fields are the fields below Path that this accounts for.
	Fields []string `json:"fields,omitempty"`
	// Where says it for people: group 1 "Asthma", condition 2, rule set 1, rule 1.
	Where string `json:"where"`
	// What is what stands there, in words.
	What     string   `json:"what"`
	Standing Standing `json:"standing"`
	// Done is what was made of it, what is assumed or, for a loss, how to avoid it.
	Done string `json:"done"`

	Loss   Loss   `json:"loss,omitempty"`
	Remedy Remedy `json:"remedy,omitempty"` // empty for a loss that is not accepted
	Effect Effect `json:"effect,omitempty"`
}

// Report accounts for every field of a definition that was carried over, in its
// order, for a clinician to check.
type Report struct {
	Parts []Part `json:"parts"`
}

// Losses returns the parts that were not expressed.
func (r Report) Losses() []Part {
	return slices.DeleteFunc(slices.Clone(r.Parts), func(p Part) bool { return p.Standing != NotExpressed })
}

// Exact reports whether nothing was lost. What is assumed may still be wrong.
func (r Report) Exact() bool { return len(r.Losses()) == 0 }

// String says it for people: what was not expressed part by part, what was given,
// what is assumed with the number of places, and what was expressed as a count.
func (r Report) String() string {
	var b strings.Builder
	by := map[Standing][]Part{}
	for _, p := range r.Parts {
		by[p.Standing] = append(by[p.Standing], p)
	}
	if losses := by[NotExpressed]; len(losses) > 0 {
		fmt.Fprintf(&b, "Not expressed (%d):\n", len(losses))
		for _, p := range losses {
			fmt.Fprintf(&b, "- %s: %s.\n  %s.\n", p.Where, p.What, p.verdict())
		}
	}
	for _, s := range []Standing{Given, Assumed} {
		if len(by[s]) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s (%d):\n", capital(string(s)), len(by[s]))
		for _, same := range gather(by[s]) {
			places := same.Where
			if same.more > 0 {
				places += fmt.Sprintf(" and %d more", same.more)
			}
			fmt.Fprintf(&b, "- %s.\n  At %s.\n", capital(same.Done), places)
		}
	}
	fmt.Fprintf(&b, "Expressed: %d parts. In words only: %d parts, to be read beside the rules.\n",
		len(by[Expressed]), len(by[InWords]))
	return b.String()
}

// verdict says what became of a loss.
func (p Part) verdict() string {
	text := capital(string(p.Loss)) + ", "
	switch {
	case p.Loss == NothingLeft:
		text += p.Done
	case p.Remedy == "":
		return text + "refused: " + p.Done
	case p.Remedy == LeaveOut:
		text += "accepted: " + p.Loss.leftOut()
	default:
		text += "accepted: " + string(p.Remedy)
	}
	if p.Effect != "" {
		text += ", which " + string(p.Effect)
	}
	return text
}

// gathered is parts with one account.
type gathered struct {
	Part

	more int
}

func gather(parts []Part) []gathered {
	var out []gathered
	for _, p := range parts {
		at := slices.IndexFunc(out, func(g gathered) bool { return g.Done == p.Done })
		if at < 0 {
			out = append(out, gathered{Part: p})
			continue
		}
		out[at].more++
	}
	return out
}

// InexactError refuses to carry a definition over because it would lose what the
// caller has not accepted. Its text holds nothing of the definition; the report
// tells every loss, and all the rest.
type InexactError struct {
	Op     string // "caas.Import" or "caas.Export"
	Report Report
}

// Error implements the error interface.
func (e *InexactError) Error() string {
	kinds := map[Loss]int{}
	var order []Loss
	for _, p := range e.Refused() {
		if kinds[p.Loss] == 0 {
			order = append(order, p.Loss)
		}
		kinds[p.Loss]++
	}
	texts := make([]string, len(order))
	for i, loss := range order {
		texts[i] = fmt.Sprintf("%d %s", kinds[loss], loss)
	}
	return fmt.Sprintf("%s: not exact, and not accepted: %s; the report of this error says where and what to do",
		e.Op, strings.Join(texts, ", "))
}

// Refused returns the losses that were not accepted.
func (e *InexactError) Refused() []Part {
	return slices.DeleteFunc(e.Report.Losses(), func(p Part) bool { return p.Remedy != "" })
}

// Unwrap returns [nhs.ErrInvalid].
func (e *InexactError) Unwrap() error { return nhs.ErrInvalid }

func capital(sentence string) string {
	if sentence == "" {
		return ""
	}
	return strings.ToUpper(sentence[:1]) + sentence[1:]
}
