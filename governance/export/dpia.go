package export

import (
	"strconv"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// DPIAAnnex is the part of a data protection impact assessment that the software knows: every field and the
// rule that needs it, flows and retention, the legal basis, and how opt-outs follow from it.
type DPIAAnnex struct {
	Stamp

	Purpose governance.PurposeFacet `json:"purpose"`
	// Derived is what the legal basis asks for; the decision is in Purpose.
	Derived governance.OptOutRule   `json:"derived"`
	Data    governance.DataFacet    `json:"data"`
	Needs   []Need                  `json:"needs"`
	Message governance.MessageFacet `json:"message"`
	Volume  governance.VolumeFacet  `json:"volume"`
	Safety  governance.SafetyFacet  `json:"safety"`
	Window  governance.WindowFacet  `json:"window"`
}

// NewDPIAAnnex makes the annex of the definition, which must be the approved one and need every field of
// the proposal.
func NewDPIAAnnex(p governance.Proposal, d Definition, at time.Time) (*DPIAAnnex, error) {
	s, err := stamp(p, at)
	if err != nil {
		return nil, err
	}
	if err := d.check(p); err != nil {
		return nil, err
	}
	if err := d.checkNeeds(p); err != nil {
		return nil, err
	}
	gp := false
	for _, set := range p.Data.Sets {
		gp = gp || set.GPRecords
	}
	return &DPIAAnnex{
		Stamp: s, Purpose: p.Purpose, Derived: governance.DeriveOptOut(p.Purpose.Basis.Confidentiality, p.Purpose.SecondaryUse, gp),
		Data: p.Data, Needs: d.Needs, Message: p.Message, Volume: p.Volume, Safety: p.Safety, Window: p.Window,
	}, nil
}

// Document makes the annex ready to be written.
func (a *DPIAAnnex) Document() *Document {
	return &Document{title: "DPIA annex: " + a.Proposal, stamp: a.Stamp, data: a, sections: []section{
		{"Purpose and legal basis", []block{text("%s", a.Purpose.Text), basis(a.Purpose)}},
		{"Opt-outs", []block{a.optOuts()}},
		{"Data and flows", []block{flows(a.Data)}},
		{"Each field and the rules that need it", []block{
			text("The list of fields comes from the definition that runs, and is compared with what is approved before any record is read. A field that no rule needs cannot be approved."),
			a.needs(),
		}},
		{"Who is kept out of the final list", []block{keptOut(a.Safety.Suppressions, a.Safety.MinimumAge)}},
		{"What people are sent", []block{a.message(), a.templates()}},
		{"How many people, and when", []block{stages(a.Volume), a.window()}},
		{"Disclosure", []block{disclosure(a.Safety.Disclosure)}},
	}}
}

// basis lists the whole tuple.
func basis(p governance.PurposeFacet) block {
	b := p.Basis
	return facts(
		[2]string{"Purpose code", p.Code},
		[2]string{"Controllers", strings.Join(p.Controllers, ", ")},
		[2]string{"UK GDPR Article 6", string(b.Article6)},
		[2]string{"UK GDPR Article 9", string(b.Article9)},
		[2]string{"Duty of confidentiality", string(b.Confidentiality)},
		[2]string{"Vehicle", b.Vehicle},
		[2]string{"Reference", b.Reference},
		[2]string{"Ends or is reviewed", day(b.Expires)},
		[2]string{"Covers the data sets", strings.Join(b.DataSets, ", ")},
		[2]string{"Conditions", list(b.Conditions)},
		[2]string{"Used beyond care", yesNo(p.SecondaryUse)},
		[2]string{"Class of message", string(p.Class)},
	)
}

func (a *DPIAAnnex) optOuts() block {
	decided := a.Purpose.OptOut
	rows := [][]string{
		{"National data opt-out", string(a.Derived.NationalDataOptOut), yesNo(decided.NationalDataOptOut)},
		{"Type 1 opt-out", string(a.Derived.Type1), yesNo(decided.Type1)},
		{"Objection to the programme or a channel", "applies", "yes"},
	}
	caption := "Derived: " + a.Derived.Reason + ". Decided: " + decided.Reason + "."
	if decided.Disapplied != "" {
		caption += " Set aside by: " + decided.Disapplied + "."
	}
	return grid(caption, []string{"Opt-out", "By the legal basis", "Honoured"}, rows)
}

func flows(d governance.DataFacet) block {
	rows := make([][]string, len(d.Sets))
	for i, s := range d.Sets {
		from := "everything held"
		if s.Earliest != "" {
			from = "from " + s.Earliest
		}
		rows[i] = []string{s.Name, s.Controller, yesNo(s.GPRecords), from, hours(s.MaxAgeHours), strconv.Itoa(s.RetentionDays) + " days"}
	}
	return grid("", []string{"Data set", "Controller", "GP records", "Read", "#Snapshot at most", "#Kept"}, rows)
}

func (a *DPIAAnnex) needs() block {
	rows := make([][]string, len(a.Needs))
	for i, n := range a.Needs {
		rows[i] = []string{n.DataSet + "." + n.Field, strings.Join(n.Rules, "; ")}
	}
	return grid("", []string{"Field", "Needed by"}, rows)
}

func (a *DPIAAnnex) message() block {
	return facts(
		[2]string{"Routing plan", a.Message.RoutingPlan.ID + ", version " + a.Message.RoutingPlan.Version},
		[2]string{"Personal values filled in", list(a.Message.PersonalisationKeys)},
		[2]string{"Any text may be sent", yesNo(a.Message.AllowFreeText)},
	)
}

func (a *DPIAAnnex) templates() block {
	rows := make([][]string, len(a.Message.Templates))
	for i, t := range a.Message.Templates {
		rows[i] = []string{string(t.Channel), t.Language, t.Format, t.Text.String(), t.Sample.String()}
	}
	return grid("", []string{"Channel", "Language", "Format", "Digest of the text", "Digest of the sample"}, rows)
}

func (a *DPIAAnnex) window() block {
	h := a.Window.Hours
	days := make([]string, len(h.Days))
	for i, d := range h.Days {
		days[i] = d.String()
	}
	return facts(
		[2]string{"From", day(a.Window.NotBefore)},
		[2]string{"Until", day(a.Window.NotAfter)},
		[2]string{"Hours in London", h.From + " to " + h.To},
		[2]string{"Days", strings.Join(days, ", ")},
	)
}

func disclosure(d governance.DisclosurePolicy) block {
	return text("Counts that leave the programme follow the policy %s: those from 1 to %d are hidden, and the others are rounded to the nearest %d.",
		d.Name, d.SuppressUpTo, d.RoundTo)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// list joins texts, and says so when there is none.
func list(texts []string) string {
	if len(texts) == 0 {
		return "none"
	}
	return strings.Join(texts, "; ")
}
