package caas_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

// lookups are reference data in memory.
type lookups struct {
	practices, excluded, outcodes map[string]bool
	postings                      map[string]string
	fails                         error
}

func (l lookups) Practice(_ context.Context, code string) (bool, error) {
	return l.practices[code], l.fails
}

func (l lookups) ExcludedPractice(_ context.Context, code string) (bool, error) {
	return l.excluded[code], l.fails
}

func (l lookups) PostingCategory(_ context.Context, posting string) (string, error) {
	return l.postings[posting], l.fails
}

func (l lookups) Outcode(_ context.Context, code string) (bool, error) {
	return l.outcodes[code], l.fails
}

func someLookups() lookups {
	return lookups{
		practices: map[string]bool{"G82650": true},
		excluded:  map[string]bool{"A91180": true},
		outcodes:  map[string]bool{"LS1": true},
		postings:  map[string]string{"BAA": "ENGLAND", "CYM": "WALES", "DMS": "DMS"},
	}
}

// breastFindings returns what the rules of breast screening find, as "id: outcome".
func breastFindings(t *testing.T, c caas.RuleCase) []string {
	t.Helper()
	if c.Today.IsZero() {
		c.Today = day(t, "2026-01-31")
	}
	c.Record.Number = number(0)
	findings, err := caas.BreastScreeningRules().Check(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range findings {
		out = append(out, f.Rule+": "+string(f.Outcome))
	}
	return out
}

// flawless is a record of a type that breaks no rule.
func flawless(t *testing.T, of caas.RecordType) caas.Record {
	t.Helper()
	return caas.Record{
		Type: of, PrimaryCareProvider: "G82650", CurrentPosting: "BAA", GivenName: "Ann", FamilyName: "Example",
		BirthDate: day(t, "1960-01-11"), AddressLines: [5]string{"", "1 Spaight Road"}, Postcode: "LS1 6AE",
	}
}

// Their public ids, in their order.
func TestBreastScreeningRules_ids(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, r := range caas.BreastScreeningRules().Rules {
		ids = append(ids, r.ID())
		if r.Asks == "" || r.Fatal {
			t.Errorf("%s asks %q", r.ID(), r.Asks)
		}
	}
	diff(t, []string{
		"8.RecordType.CaaS.NonFatal", "30.Postcode.NBO.NonFatal", "17.DateOfBirth.NBO.NonFatal", "39.FamilyName.NBO.NonFatal",
		"40.FirstName.NBO.NonFatal", "18.DateOfDeath.NBO.NonFatal", "49.InterpreterCheck.NBO.NonFatal",
		"3.PrimaryCareProviderAndReasonForRemoval.NBO.NonFatal", "97.NoDummyGPorPCP.NBO.NonFatal", "98.ManualAddWithBlockingRFR.NBO.NonFatal",
		"71.NewParticipantWithNoAddress.NBO.NonFatal", "53.CurrentPostingAndPrimaryCareProvider.Non.NonFatal", "66.DeathStatus.NBO.NonFatal",
		"45.GPPracticeCodeDoesNotExist.NBO.NonFatal", "54.ValidateBsoCode.Non.NonFatal",
		"71.AddressLinesNullAndPostcodeDoesNotMatchExisting.NBO.NonFatal",
		"51.ParticipantLocationRemainingOutsideOfCohort.ParticipantLocationRemainingOutsideOfCohort.NonFatal",
		"3601.ValidatePrimaryCareProvider.NBO.NonFatal",
	}, ids)
	for category, want := range map[caas.RuleCategory]string{
		0: "Non", 1: "BSSelect", 2: "CaaS", 3: "NBO", 5: "File", 7: "NilReturnFile", 8: "DeleteRecord",
		9: "ParticipantLocationRemainingOutsideOfCohort", 10: "Schema", 11: "TransformExecuted", 12: "Confusion", 13: "Superseded", 4: "4",
	} {
		if category.String() != want {
			t.Errorf("category %d is %s", int(category), category)
		}
	}
	if id := (caas.RecordRule{Number: 1, Name: "Other", Fatal: true}).ID(); id != "1.Other.Non.Fatal" {
		t.Error(id)
	}
}

// Each rule at its edges. A case changes a record that breaks no rule, and says which
// rules the result breaks; rules not named are not broken.
func TestBreastScreeningRules(t *testing.T) {
	t.Parallel()
	type edit func(*caas.RuleCase)
	set := func(f func(r *caas.Record)) edit { return func(c *caas.RuleCase) { f(&c.Record) } }
	postcode := func(s string) edit { return set(func(r *caas.Record) { r.Postcode = s }) }
	born := func(s string) edit { return set(func(r *caas.Record) { r.BirthDate = day(t, s) }) }
	died := func(s string) edit { return set(func(r *caas.Record) { r.DeathDate = day(t, s) }) }
	removed := func(practice, reason string) edit {
		return set(func(r *caas.Record) { r.PrimaryCareProvider, r.ReasonForRemoval = practice, reason })
	}
	byHand := func(f edit) edit { return func(c *caas.RuleCase) { c.ManualAdd = true; f(c) } }
	existing := func(f func(r *caas.Record)) edit { return func(c *caas.RuleCase) { f(c.Existing) } }
	both := func(edits ...edit) edit {
		return func(c *caas.RuleCase) {
			for _, f := range edits {
				f(c)
			}
		}
	}
	noAddress := set(func(r *caas.Record) { r.AddressLines = [5]string{} })
	posting := func(now, before string) edit {
		return both(set(func(r *caas.Record) { r.CurrentPosting = now }), existing(func(r *caas.Record) { r.CurrentPosting = before }))
	}
	const (
		rule8, rule30    = "8.RecordType.CaaS.NonFatal", "30.Postcode.NBO.NonFatal"
		rule17, rule18   = "17.DateOfBirth.NBO.NonFatal", "18.DateOfDeath.NBO.NonFatal"
		rule39, rule40   = "39.FamilyName.NBO.NonFatal", "40.FirstName.NBO.NonFatal"
		rule3            = "3.PrimaryCareProviderAndReasonForRemoval.NBO.NonFatal"
		rule97, rule98   = "97.NoDummyGPorPCP.NBO.NonFatal", "98.ManualAddWithBlockingRFR.NBO.NonFatal"
		rule71, rule71b  = "71.NewParticipantWithNoAddress.NBO.NonFatal", "71.AddressLinesNullAndPostcodeDoesNotMatchExisting.NBO.NonFatal"
		rule53, rule66   = "53.CurrentPostingAndPrimaryCareProvider.Non.NonFatal", "66.DeathStatus.NBO.NonFatal"
		rule45, rule54   = "45.GPPracticeCodeDoesNotExist.NBO.NonFatal", "54.ValidateBsoCode.Non.NonFatal"
		rule51, rule3601 = "51.ParticipantLocationRemainingOutsideOfCohort.ParticipantLocationRemainingOutsideOfCohort.NonFatal", "3601.ValidatePrimaryCareProvider.NBO.NonFatal"
	)
	for name, tt := range map[string]struct {
		of   caas.RecordType
		edit edit
		want []string
	}{
		"an addition":                        {caas.Add, both(), nil},
		"an amendment":                       {caas.Amend, both(), nil},
		"a deletion of nothing but a number": {caas.Delete, set(func(r *caas.Record) { *r = caas.Record{Type: caas.Delete, BirthDate: day(t, "2030"), Postcode: "?"} }), nil},
		"8: another type":                    {"DELETE", both(), []string{rule8}},
		"8: no type":                         {"", both(), []string{rule8}},

		"30: none":              {caas.Add, postcode(""), nil},
		"30: no gap":            {caas.Add, postcode("LS16AE"), nil},
		"30: lower case":        {caas.Add, postcode("ls1 6ae"), nil},
		"30: one letter":        {caas.Add, postcode("M1 1AE"), nil},
		"30: letter in the end": {caas.Add, postcode("EC1A 1BB"), nil},
		"30: girobank":          {caas.Add, postcode("GIR 0AA"), nil},
		"30: dummy":             {caas.Add, postcode("ZZ99 3CZ"), nil},
		"30: dummy, no gap":     {caas.Add, postcode("zz993cz"), nil},
		"30: secure":            {caas.Add, postcode("ZZZSECUR"), nil},
		"30: not known":         {caas.Add, postcode("ANK"), nil},
		"30: short dummy":       {caas.Add, postcode("ZZ99"), nil},
		"30: no fixed abode":    {caas.Add, postcode("NFA"), nil},
		"30: dummy in lower":    {caas.Add, postcode("nfa"), []string{rule30}},
		"30: second letter":     {caas.Add, postcode("LI1 6AE"), []string{rule30}},
		"30: half":              {caas.Add, postcode("LS1"), []string{rule30}},
		"30: two gaps":          {caas.Add, postcode("LS1  6AE"), []string{rule30}},
		"30: something behind":  {caas.Add, postcode("LS1 6AEX"), []string{rule30}},
		"30: amended":           {caas.Amend, postcode("?"), []string{rule30}},

		"17: none":                {caas.Add, set(func(r *caas.Record) { r.BirthDate = nhs.Date{} }), []string{rule17}},
		"17: amended, none":       {caas.Amend, set(func(r *caas.Record) { r.BirthDate = nhs.Date{} }), []string{rule17}},
		"17: today":               {caas.Add, born("2026-01-31"), nil},
		"17: tomorrow":            {caas.Add, born("2026-02-01"), []string{rule17}},
		"17: this year":           {caas.Add, born("2026"), nil},
		"17: next year":           {caas.Add, born("2027"), []string{rule17}},
		"17: this month":          {caas.Add, born("2026-01"), nil},
		"17: next month":          {caas.Add, born("2026-02"), []string{rule17}},
		"18: today":               {caas.Add, died("2026-01-31"), nil},
		"18: tomorrow":            {caas.Add, died("2026-02-01"), []string{rule18}},
		"39, 40: no names":        {caas.Add, set(func(r *caas.Record) { r.FamilyName, r.GivenName = "", "" }), []string{rule39, rule40}},
		"39, 40: of an amendment": {caas.Amend, set(func(r *caas.Record) { r.FamilyName, r.GivenName = "", "" }), nil},
		"49: required":            {caas.Add, set(func(r *caas.Record) { r.InterpreterRequired = new(true) }), nil},
		"49: nothing":             {caas.Add, set(func(r *caas.Record) { r.InterpreterRequired = nil }), nil},

		"3: removal alone":         {caas.Add, removed("", "SCT"), nil},
		"3: both":                  {caas.Add, removed("G82650", "SCT"), []string{rule3}},
		"3: neither":               {caas.Add, removed("", ""), []string{rule3}},
		"3: both, by hand":         {caas.Add, byHand(removed("G82650", "SCT")), nil},
		"97: neither, by hand":     {caas.Add, byHand(removed("", "")), []string{rule97}},
		"97: RDR":                  {caas.Add, byHand(removed("", "RDR")), nil},
		"97: RPR":                  {caas.Add, byHand(removed("", "RPR")), nil},
		"97: RDI":                  {caas.Add, byHand(removed("", "RDI")), nil},
		"97: SCT":                  {caas.Add, byHand(removed("", "SCT")), []string{rule97}},
		"97: as it is written":     {caas.Add, byHand(removed("", "rdi")), []string{rule97}},
		"97: of a deletion":        {caas.Delete, byHand(removed("", "")), []string{rule97}},
		"98: death":                {caas.Add, byHand(removed("G82650", "DEA")), []string{rule98}},
		"98: in lower case":        {caas.Add, byHand(removed("G82650", "sdl")), []string{rule98}},
		"98: out of area":          {caas.Add, byHand(removed("G82650", "OPA")), nil},
		"98: not by hand":          {caas.Add, removed("", "DEA"), nil},
		"71: new, no address":      {caas.Add, noAddress, []string{rule71}},
		"71: new, the fifth line":  {caas.Add, set(func(r *caas.Record) { r.AddressLines = [5]string{4: "Leeds"} }), nil},
		"71: amended, same":        {caas.Amend, both(noAddress, postcode("ls1 6ae")), nil},
		"71: amended, other":       {caas.Amend, both(noAddress, postcode("LS1 6AF")), []string{rule71b}},
		"71: amended, no postcode": {caas.Amend, both(noAddress, postcode("")), []string{rule71b}},
		"71: amended, second line": {caas.Amend, postcode(""), nil},

		"53: practice alone":        {caas.Amend, set(func(r *caas.Record) { r.CurrentPosting = "" }), []string{rule53}},
		"53: neither":               {caas.Amend, both(removed("", "SCT"), set(func(r *caas.Record) { r.CurrentPosting = "" })), nil},
		"53: of an addition":        {caas.Add, set(func(r *caas.Record) { r.CurrentPosting = "" }), nil},
		"66: formal":                {caas.Amend, set(func(r *caas.Record) { r.DeathStatus = caas.DeathFormal }), []string{rule66}},
		"66: formal, other":         {caas.Amend, both(removed("", "SCT"), set(func(r *caas.Record) { r.DeathStatus = caas.DeathFormal })), []string{rule66}},
		"66: formal, DEA":           {caas.Amend, both(removed("", "DEA"), set(func(r *caas.Record) { r.DeathStatus = caas.DeathFormal })), nil},
		"66: informal":              {caas.Amend, set(func(r *caas.Record) { r.DeathStatus = caas.DeathInformal }), nil},
		"66: of an addition":        {caas.Add, set(func(r *caas.Record) { r.DeathStatus = caas.DeathFormal }), nil},
		"45: unknown":               {caas.Add, removed("X99999", ""), []string{rule45}},
		"45: none":                  {caas.Add, removed("", "SCT"), nil},
		"45: excluded":              {caas.Add, removed("A91180", ""), nil},
		"45: Wales":                 {caas.Add, both(removed("X99999", ""), posting("CYM", "BAA")), nil},
		"45: no posting":            {caas.Add, both(removed("X99999", ""), posting("", "BAA")), []string{rule45}},
		"3601: unknown":             {caas.Add, byHand(removed("X99999", "")), []string{rule45, rule3601}},
		"3601: none":                {caas.Add, byHand(removed("", "RDI")), nil},
		"54: known outcode":         {caas.Amend, both(removed("", "RDI"), existing(func(r *caas.Record) { r.PrimaryCareProvider = "" })), nil},
		"54: known practice":        {caas.Amend, both(removed("", "RDI"), postcode("")), nil},
		"54: dummy practice":        {caas.Amend, both(removed("", "RPR"), postcode(""), existing(func(r *caas.Record) { r.PrimaryCareProvider = "ZZZLEE" })), nil},
		"54: no practice":           {caas.Amend, both(removed("", "RDR"), postcode(""), existing(func(r *caas.Record) { r.PrimaryCareProvider = "" })), []string{rule54}},
		"54: unknown practice":      {caas.Amend, both(removed("", "rdi"), postcode("ZZ99 3CZ"), existing(func(r *caas.Record) { r.PrimaryCareProvider = "X99999" })), []string{rule54}},
		"54: no outcode":            {caas.Amend, both(removed("", "RDI"), postcode("NFA"), existing(func(r *caas.Record) { r.PrimaryCareProvider = "" })), []string{rule54}},
		"54: another reason":        {caas.Amend, both(removed("", "SCT"), postcode(""), existing(func(r *caas.Record) { r.PrimaryCareProvider = "" })), nil},
		"54: of an addition":        {caas.Add, both(removed("", "RDI"), postcode(""), existing(func(r *caas.Record) { r.PrimaryCareProvider = "" })), nil},
		"51: stays in Wales":        {caas.Amend, posting("CYM", "CYM"), []string{rule51}},
		"51: comes from Wales":      {caas.Amend, posting("BAA", "CYM"), nil},
		"51: goes to Wales":         {caas.Amend, posting("CYM", "BAA"), nil},
		"51: from nowhere":          {caas.Amend, posting("CYM", ""), nil},
		"51: forces, not outside":   {caas.Amend, posting("dms", "CYM"), nil},
		"51: forces to Wales":       {caas.Amend, both(posting("CYM", "DMS"), existing(func(r *caas.Record) { r.PrimaryCareProvider = "A91180" })), []string{rule51}},
		"51: stays with the forces": {caas.Amend, both(posting("DMS", "dms"), removed("A91180", ""), existing(func(r *caas.Record) { r.PrimaryCareProvider = "A91180" })), []string{rule51}},
		"51: of an addition":        {caas.Add, posting("CYM", "CYM"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := flawless(t, caas.Add)
			c := caas.RuleCase{Record: flawless(t, tt.of), Existing: &before, Reference: someLookups()}
			tt.edit(&c)
			var want []string
			for _, id := range tt.want {
				want = append(want, id+": broken")
			}
			diff(t, want, breastFindings(t, c))
		})
	}
}

// Without reference data, or without what was held before, a rule that needs them
// says so; one that does not need them for this record is checked.
func TestBreastScreeningRules_notChecked(t *testing.T) {
	t.Parallel()
	r := flawless(t, caas.Amend)
	r.ReasonForRemoval, r.PrimaryCareProvider, r.AddressLines, r.CurrentPosting = "RDI", "G82650", [5]string{}, "CYM"
	c := caas.RuleCase{Record: r, ManualAdd: true}
	const noReference, noExisting = ": not checked: there are no reference data", ": not checked: what was held before is not known"
	diff(t, []string{
		"45.GPPracticeCodeDoesNotExist.NBO.NonFatal" + noReference,
		"54.ValidateBsoCode.Non.NonFatal" + noReference,
		"71.AddressLinesNullAndPostcodeDoesNotMatchExisting.NBO.NonFatal" + noExisting,
		"51.ParticipantLocationRemainingOutsideOfCohort.ParticipantLocationRemainingOutsideOfCohort.NonFatal" + noExisting,
		"3601.ValidatePrimaryCareProvider.NBO.NonFatal" + noReference,
	}, breastFindings(t, c))
	c.Reference = someLookups()
	c.Record.Postcode = "ZZ99 3CZ"
	diff(t, []string{
		"54.ValidateBsoCode.Non.NonFatal" + noExisting,
		"71.AddressLinesNullAndPostcodeDoesNotMatchExisting.NBO.NonFatal" + noExisting,
		"51.ParticipantLocationRemainingOutsideOfCohort.ParticipantLocationRemainingOutsideOfCohort.NonFatal" + noExisting,
	}, breastFindings(t, c))
	diff(t, []string(nil), breastFindings(t, caas.RuleCase{Record: caas.Record{Type: caas.Delete}}))
	if caas.RuleNoReference.Checked() || caas.RuleNoExisting.Checked() || !caas.RuleBroken.Checked() || !caas.RulePassed.Checked() {
		t.Error("what is checked")
	}
}

func TestRecordRules_errors(t *testing.T) {
	t.Parallel()
	rules, today := caas.BreastScreeningRules(), day(t, "2026-01-31")
	r := flawless(t, caas.Amend)
	r.Number = number(0)
	for name, c := range map[string]caas.RuleCase{
		"no day":       {Record: r},
		"partial day":  {Record: r, Today: day(t, "2026-01")},
		"a nil return": {Today: today},
	} {
		if findings, err := rules.Check(t.Context(), c); !errors.Is(err, nhs.ErrInvalid) || findings != nil {
			t.Errorf("%s: %v, %v", name, findings, err)
		}
	}
	down := errors.New("the database is down")
	broken := someLookups()
	broken.fails = down
	r.ReasonForRemoval = "RDI"
	before := flawless(t, caas.Add)
	for i := range rules.Rules { // each that looks something up passes the failure on
		one := caas.RecordRules{Rules: rules.Rules[i : i+1]}
		c := caas.RuleCase{Record: r, Existing: &before, Reference: broken, Today: today, ManualAdd: true}
		c.Record.CurrentPosting, before.CurrentPosting = "DMS", "DMS"
		findings, err := one.Check(t.Context(), c)
		switch n := one.Rules[0].Number; {
		case n == 45 || n == 54 || n == 51 || n == 3601:
			if !errors.Is(err, down) || findings != nil || !strings.HasPrefix(err.Error(), "caas: rule "+one.Rules[0].ID()+": ") {
				t.Errorf("%d: %v, %v", n, findings, err)
			}
		case err != nil:
			t.Errorf("%d: %v", n, err)
		}
	}
}

// A row that cannot be read breaks the rules about the value that stands in the way,
// unless they are not for its type.
func TestRecordRules_Refused(t *testing.T) {
	t.Parallel()
	type row struct {
		Type       string `parquet:"record_type,plain"`
		Number     int64  `parquet:"nhs_number"`
		Born       string `parquet:"date_of_birth,plain"`
		Died       string `parquet:"date_of_death,plain"`
		Interprets string `parquet:"is_interpreter_required,plain"`
		Gender     string `parquet:"gender,plain"`
	}
	n := number(0)
	_, errs := read(open(t, parquetFile(t, nil,
		row{"DELETE", n.Int(), "", "", "", ""}, row{"ADD", n.Int(), n.Reveal(), "", "", ""}, row{"ADD", n.Int(), "", "soon", "", ""},
		row{"ADD", n.Int(), "", "", "perhaps", ""}, row{"ADD", n.Int(), "", "", "", "F"}, row{"DEL", n.Int(), "never", "", "", ""},
		row{"AMENDED", 1, "", "", "", ""},
	)))
	var got []string
	for _, err := range errs {
		e, ok := errors.AsType[*caas.RowError](err)
		if !ok {
			t.Fatal(err)
		}
		findings := caas.BreastScreeningRules().Refused(e)
		for _, f := range findings {
			got = append(got, f.String())
			assertMasked(t, f.String(), n)
		}
		if len(findings) == 0 {
			got = append(got, fmt.Sprintf("row %d of type %q: no rule", e.Row, e.Type))
		}
	}
	diff(t, []string{
		"row 1: 8.RecordType.CaaS.NonFatal broken (record type is ADD, AMENDED or DEL)",
		"row 2: 17.DateOfBirth.NBO.NonFatal broken (date of birth is there, valid and not in the future)",
		"row 3: 18.DateOfDeath.NBO.NonFatal broken (date of death is empty, or valid and not in the future)",
		"row 4: 49.InterpreterCheck.NBO.NonFatal broken (interpreter required is a number, whichever)",
		`row 5 of type "ADD": no rule`,
		`row 6 of type "DEL": no rule`,
		`row 7 of type "AMENDED": no rule`,
	}, got)
}

// Findings hold nothing of the record.
func TestFindingsHoldNoValues(t *testing.T) {
	t.Parallel()
	n := number(0)
	secret := "Houlaghan" + n.Reveal()
	r := caas.Record{
		Row: 7, Type: caas.RecordType(secret), Number: n, Postcode: secret, PrimaryCareProvider: secret, ReasonForRemoval: secret,
		CurrentPosting: secret, BirthDate: day(t, "2031-05-17"), DeathDate: day(t, "2031-05-17"),
	}
	findings, err := caas.BreastScreeningRules().Check(t.Context(), caas.RuleCase{Record: r, Today: day(t, "2026-01-31"), ManualAdd: true, Reference: someLookups()})
	if err != nil || len(findings) < 5 {
		t.Fatalf("%d findings, %v", len(findings), err)
	}
	text := fmt.Sprintf("%v %+v %#v", findings, findings, findings)
	assertMasked(t, text, n)
	if strings.Contains(text, "Houlaghan") || strings.Contains(text, "2031") {
		t.Errorf("findings show the record: %s", text)
	}
}

// Another programme has rules of its own.
func TestRulesOfAnotherProgramme(t *testing.T) {
	t.Parallel()
	rules := caas.RecordRules{Name: "Eyes", Rules: []caas.RecordRule{{
		Number: 1, Name: "MobileTelephone", Category: caas.CategoryNon, Fatal: true, Asks: "there is a mobile telephone number",
		Check: func(_ context.Context, c caas.RuleCase) (caas.RuleOutcome, error) {
			if c.Record.MobileTelephone == "" {
				return caas.RuleBroken, nil
			}
			return caas.RulePassed, nil
		},
	}}}
	findings, err := rules.Check(t.Context(), caas.RuleCase{Record: caas.Record{Row: 1, Type: caas.Delete, Number: number(0)}, Today: day(t, "2026-01-31")})
	if err != nil || len(findings) != 1 || findings[0].String() != "row 1: 1.MobileTelephone.Non.Fatal broken (there is a mobile telephone number)" {
		t.Errorf("%v, %v", findings, err)
	}
}
