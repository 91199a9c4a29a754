package governance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/governance"
)

// leaves calls visit for every value inside v, with its path.
func leaves(path string, v reflect.Value, visit func(path string, v reflect.Value)) {
	switch v.Interface().(type) {
	case time.Time, governance.Digest:
		visit(path, v)
		return
	}
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			leaves(path+"."+v.Type().Field(i).Name, v.Field(i), visit)
		}
		return
	}
	if v.Kind() != reflect.Slice {
		visit(path, v)
		return
	}
	for i := range v.Len() {
		leaves(fmt.Sprintf("%s[%d]", path, i), v.Index(i), visit)
	}
	if v.Len() > 0 {
		visit(path+" without its last", v)
	}
}

// change makes a value another one.
func change(tb testing.TB, v reflect.Value) {
	tb.Helper()
	switch x := v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(x.Add(time.Second)))
		return
	case governance.Digest:
		x[31] ^= 1
		v.Set(reflect.ValueOf(x))
		return
	}
	switch kind := v.Kind(); {
	case kind == reflect.String:
		v.SetString(v.String() + "x")
	case v.CanInt():
		v.SetInt(v.Int() + 1)
	case kind == reflect.Bool:
		v.SetBool(!v.Bool())
	case kind == reflect.Slice:
		v.Set(v.Slice(0, v.Len()-1))
	default:
		tb.Fatalf("cannot change a %s", v.Type())
	}
}

// TestAnyChangeVoidsExactlyTheRightGates changes every value of every facet, one at a time.
func TestAnyChangeVoidsExactlyTheRightGates(t *testing.T) {
	t.Parallel()
	gates := governance.DefaultGates()
	before := newProposal()
	tried := 0
	for _, facet := range governance.AllFacets() {
		field := strings.ToUpper(string(facet[:1])) + string(facet[1:])
		var paths []string
		leaves(field, reflect.ValueOf(before).FieldByName(field), func(path string, _ reflect.Value) {
			paths = append(paths, path)
		})
		for _, path := range paths {
			after := newProposal()
			leaves(field, reflect.ValueOf(&after).Elem().FieldByName(field), func(p string, v reflect.Value) {
				if p == path {
					change(t, v)
				}
			})
			tried++
			for i, impact := range governance.Impact(before, after, gates) {
				want := slices.Contains(gates[i].Covers, facet)
				if impact.Void != want || want && !cmp.Equal(impact.Facets, []governance.Facet{facet}) {
					t.Errorf("%s changed: %s, want void %t", path, impact, want)
				}
			}
			if before.Root() == after.Root() {
				t.Errorf("%s changed and the root did not", path)
			}
		}
	}
	if tried < 90 {
		t.Errorf("only %d values were changed", tried)
	}
}

// TestVoidGates makes one lawful change to each facet and asks the authority.
func TestVoidGates(t *testing.T) {
	t.Parallel()
	cases := map[governance.Facet]func(*governance.Proposal){
		governance.FacetCohort:  func(p *governance.Proposal) { p.Cohort.CodeLists[0].Codes = digest("one more code") },
		governance.FacetData:    func(p *governance.Proposal) { p.Data.Sets[0].RetentionDays++ },
		governance.FacetPurpose: func(p *governance.Proposal) { p.Purpose.OptOut.Reason += ", as agreed" },
		governance.FacetMessage: func(p *governance.Proposal) { p.Message.Templates[1].Text = digest("typo corrected") },
		governance.FacetVolume:  func(p *governance.Proposal) { p.Volume.DailyCap-- },
		governance.FacetSafety:  func(p *governance.Proposal) { p.Safety.HazardLog.Content = digest("another hazard") },
		governance.FacetWindow:  func(p *governance.Proposal) { p.Window.Hours.To = "17:00" },
		"author":                func(p *governance.Proposal) { p.Author = "somebody-else" },
		"manifest":              func(*governance.Proposal) {},
	}
	for facet, edit := range cases {
		t.Run(string(facet), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, new(governance.MemoryStorage))
			w.built()
			w.approve("summary", "release")
			edit(&w.proposal)
			if facet == "manifest" {
				w.manifest.Exclusions[0].Count++
				w.manifest.Segments[0].Exclusions[0].Count++
			}
			r, err := w.authority.Check(t.Context(), w.proposal, &w.manifest, governance.Synthetic)
			if err != nil {
				t.Fatal(err)
			}
			for i, g := range r.Gates {
				void := facet == "author" || slices.Contains(w.gates[i].Covers, facet) || facet == "manifest" && w.gates[i].Manifest
				want := governance.StatusMet
				if void {
					want = governance.StatusVoid
				}
				if g.Status != want || void && !slices.Equal(g.Changed, []string{string(facet)}) {
					t.Errorf("got %+v, want %s", g, want)
				}
			}
			if r.Approved() {
				t.Error("still approved")
			}
		})
	}
}

func TestImpactOfIdentity(t *testing.T) {
	t.Parallel()
	after := newProposal()
	after.ID, after.Author = "another", "somebody-else"
	for _, i := range governance.Impact(newProposal(), after, governance.DefaultGates()) {
		if !i.Void || !slices.Equal(i.Changes, []string{"id", "author"}) {
			t.Error(i)
		}
	}
}

// TestImpactOfARebuild: a programme's own table may have a gate that covers the list and few facets. Any change
// needs another list.
func TestImpactOfARebuild(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	i := slices.IndexFunc(w.gates, func(g governance.Gate) bool { return g.Name == "summary" })
	w.gates[i].Covers = []governance.Facet{governance.FacetCohort}
	w.open()
	before := w.proposal
	w.permitted()
	w.proposal.Window.NotAfter = w.proposal.Window.NotAfter.Add(day)
	impact := governance.Impact(before, w.proposal, w.gates)[i]
	if !impact.Void || impact.String() != "summary is void: manifest changed" {
		t.Error(impact)
	}
	w.now = w.now.Add(time.Second)
	w.approve("assurance")
	if permit, err := w.authority.PermitBuild(t.Context(), w.proposal); err != nil {
		t.Error(err)
	} else {
		w.manifest = newManifest(w.proposal)
		w.authoriseBuild(permit)
	}
	if got := w.status("summary"); got.Status != governance.StatusVoid || !slices.Equal(got.Changed, impact.Changes) {
		t.Errorf("got %+v", got)
	}
}

func TestProposalValidate(t *testing.T) {
	t.Parallel()
	if err := newProposal().Validate(); err != nil {
		t.Fatal(err)
	}
	cases := map[string]func(*governance.Proposal){
		"id":                       func(p *governance.Proposal) { p.ID = "" },
		"author":                   func(p *governance.Proposal) { p.Author = "two words" },
		"cohort.meaning":           func(p *governance.Proposal) { p.Cohort.Meaning = governance.Digest{} },
		"cohort.definition":        func(p *governance.Proposal) { p.Cohort.Definition = "line\nbreak" },
		"cohort.codeLists":         func(p *governance.Proposal) { p.Cohort.CodeLists[0] = p.Cohort.CodeLists[1] },
		"data.sets":                func(p *governance.Proposal) { p.Data.Sets = nil },
		"data.sets[0].fields":      func(p *governance.Proposal) { p.Data.Sets[0].Fields = []string{"a", "a"} },
		"data.sets[1].maxAgeHours": func(p *governance.Proposal) { p.Data.Sets[1].MaxAgeHours = 0 },
		"purpose.basis.dataSets":   func(p *governance.Proposal) { p.Purpose.Basis.DataSets = []string{"person"} },
		"purpose.basis.expires":    func(p *governance.Proposal) { p.Purpose.Basis.Expires = time.Time{} },
		"purpose.basis.article6":   func(p *governance.Proposal) { p.Purpose.Basis.Article6 = "6(1)(z)" },
		"purpose.optOut.nationalDataOptOut": func(p *governance.Proposal) {
			p.Purpose.Basis.Confidentiality = governance.Section251Regulation5
		},
		"purpose.class":                   func(p *governance.Proposal) { p.Purpose.Class = "" },
		"message.routingPlan.id":          func(p *governance.Proposal) { p.Message.RoutingPlan.ID = "00000000-0000-0000-0000-000000000003" },
		"message.templates":               func(p *governance.Proposal) { p.Message.Templates[1] = p.Message.Templates[0] },
		"message.templates[0].channel":    func(p *governance.Proposal) { p.Message.Templates[0].Channel = "pigeon" },
		"volume.expectedMin":              func(p *governance.Proposal) { p.Volume.ExpectedMin = 101 },
		"volume.stages":                   func(p *governance.Proposal) { p.Volume.Stages = p.Volume.Stages[1:] },
		"volume.stages.cap":               func(p *governance.Proposal) { p.Volume.Stages[0].Cap = 51 },
		"volume.unitCosts":                func(p *governance.Proposal) { p.Volume.UnitCosts = p.Volume.UnitCosts[:1] },
		"volume.budgetPence":              func(p *governance.Proposal) { p.Volume.BudgetPence-- },
		"safety.suppressions":             func(p *governance.Proposal) { p.Safety.Suppressions = nil },
		"safety.hazardLog.content":        func(p *governance.Proposal) { p.Safety.HazardLog.Content = governance.Digest{} },
		"safety.limits.failedPerThousand": func(p *governance.Proposal) { p.Safety.Limits.FailedPerThousand = 1001 },
		"data.sets[0].earliest":           func(p *governance.Proposal) { p.Data.Sets[0].Earliest = "2024-02-30" },
		"purpose.basis.conditions":        func(p *governance.Proposal) { p.Purpose.Basis.Conditions = []string{"a", "a"} },
		"message.templates[0].sample":     func(p *governance.Proposal) { p.Message.Templates[0].Sample = governance.Digest{} },
		"volume.purchaseOrder":            func(p *governance.Proposal) { p.Volume.PurchaseOrder = "" },
		"volume.unitCosts[1].perThousand": func(p *governance.Proposal) { p.Volume.UnitCosts[1].PerThousand = 1001 },
		"safety.minimumAge":               func(p *governance.Proposal) { p.Safety.MinimumAge = 15 },
		"safety.sentinels":                func(p *governance.Proposal) { p.Safety.Sentinels[0].Kind = "tea" },
		"safety.disclosure.roundTo":       func(p *governance.Proposal) { p.Safety.Disclosure.RoundTo = 1 },
		"safety.hazardLog.highestRisk":    func(p *governance.Proposal) { p.Safety.HazardLog.HighestRisk = 6 },
		"safety.hazardLog.acceptableRisk": func(p *governance.Proposal) { p.Safety.HazardLog.AcceptableRisk = 5 },
		"window.notAfter":                 func(p *governance.Proposal) { p.Window.NotAfter = p.Window.NotBefore },
		"window.hours.to":                 func(p *governance.Proposal) { p.Window.Hours.To = "07:00" },
		"window.hours.from":               func(p *governance.Proposal) { p.Window.Hours.From = "8 am" },
		"window.hours.days":               func(p *governance.Proposal) { p.Window.Hours.Days = []time.Weekday{7} },
	}
	for field, edit := range cases {
		p := newProposal()
		edit(&p)
		err := p.Validate()
		e, ok := errors.AsType[*governance.FieldError](err)
		if !ok || e.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}

func TestProposalValidateAllows(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*governance.Proposal){
		"a free-text plan knowingly": func(p *governance.Proposal) {
			p.Message.RoutingPlan.ID = "00000000-0000-0000-0000-000000000003"
			p.Message.AllowFreeText = true
		},
		"section 251 with the opt-out": func(p *governance.Proposal) {
			p.Purpose.Basis.Confidentiality = governance.Section251Regulation2
			p.Purpose.OptOut.NationalDataOptOut, p.Purpose.OptOut.Type1 = true, true
			suppress(p)
		},
		"more opt-outs than asked for": func(p *governance.Proposal) {
			p.Purpose.OptOut.NationalDataOptOut, p.Purpose.OptOut.Type1 = true, true
			suppress(p)
		},
		"section 251 with the opt-out set aside": func(p *governance.Proposal) {
			p.Purpose.Basis.Confidentiality = governance.Section251Regulation2
			p.Purpose.OptOut.Disapplied = "letter of 1 May 2026"
			p.Purpose.OptOut.Type1 = true
			suppress(p)
		},
	}
	for name, edit := range cases {
		p := newProposal()
		edit(&p)
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCost works out a campaign of 10,001 people at 2.88p by SMS and 70p by letter.
func TestCost(t *testing.T) {
	t.Parallel()
	v := governance.VolumeFacet{
		ExpectedMax: 10_001, HardCap: 12_000,
		UnitCosts: []governance.UnitCost{
			{Channel: governance.ChannelNHSApp, PerThousand: 1000},
			{Channel: governance.ChannelSMS, MilliPence: 2880, PerThousand: 400},
			{Channel: governance.ChannelLetter, MilliPence: 70_000, PerThousand: 25},
		},
	}
	if got, want := v.WorstCasePence(), 12_000*7288/100; got != want {
		t.Errorf("worst case %d, want %d", got, want)
	}
	if got, want := v.ExpectedPence(), (10_001*2902+999)/1000; got != want { // 1.152p + 1.75p each
		t.Errorf("expected %d, want %d", got, want)
	}
	v.HardCap = 100
	if got, want := v.ExpectedPence(), (100*2902+999)/1000; got != want {
		t.Errorf("expected under a lower cap %d, want %d", got, want)
	}
	p := newProposal()
	p.Volume.UnitCosts[0].PerThousand = 399 // with 600 by SMS, somebody would get nothing
	if e, ok := errors.AsType[*governance.FieldError](p.Validate()); !ok || e.Field != "volume.unitCosts" {
		t.Errorf("a mix that leaves people out: %v", e)
	}
}

func TestDirectMarketingIsNeverPermitted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	w.proposal.Purpose.Class = governance.DirectMarketing
	w.approve(beforeBuild...)
	if _, err := w.authority.PermitBuild(t.Context(), w.proposal); !errors.Is(err, governance.ErrNoBasis) {
		t.Error(err)
	}
}

func TestCheckUses(t *testing.T) {
	t.Parallel()
	data := newProposal().Data
	if err := data.CheckUses(uses()); err != nil {
		t.Fatal(err)
	}
	err := data.CheckUses([]governance.Use{
		{DataSet: "person", Fields: []string{"birthDate", "sex"}},
		{DataSet: "gpes.journal", Fields: []string{"date", "code"}}, // from the beginning
		{DataSet: "hes.apc", Fields: []string{"diagnosis"}},
	})
	e, ok := errors.AsType[*governance.UsesError](err)
	want := governance.UsesError{
		Extra: []string{"person.postcode"}, Missing: []string{"hes.apc.diagnosis", "person.sex"}, Reach: []string{"gpes.journal"},
	}
	if !ok || !cmp.Equal(*e, want) {
		t.Errorf("got %v, want %v", err, &want)
	}
}

func TestParseProposal(t *testing.T) {
	t.Parallel()
	want := newProposal()
	data := must(json.Marshal(want))
	got, err := governance.ParseProposal(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || got.Root() != want.Root() {
		t.Errorf("(-want +got)\n%s", diff)
	}
	text := string(data)
	for name, bad := range map[string]string{
		"empty":             "",
		"unknown name":      strings.Replace(text, `"id"`, `"idd"`, 1),
		"repeated name":     strings.Replace(text, `"hardCap":`, `"hardCap":1,"hardCap":`, 1),
		"repeated in case":  strings.Replace(text, `"hardCap":`, `"HARDCAP":1,"hardCap":`, 1),
		"text after":        text + "{}",
		"wrong type":        strings.Replace(text, `"hardCap":50`, `"hardCap":"50"`, 1),
		"fraction":          strings.Replace(text, `"hardCap":50`, `"hardCap":50.5`, 1),
		"upper-case digest": strings.Replace(text, `"sha256:`, `"SHA256:`, 1),
		"not UTF-8":         strings.Replace(text, `"NHS England"`, "\"NHS \xff\"", 1),
		"hidden direction":  strings.Replace(text, `"NHS England"`, "\"NHS \u202eEngland\"", 1),
		"invalid":           strings.Replace(text, `"hardCap":50`, `"hardCap":0`, 1),
	} {
		if _, err := governance.ParseProposal([]byte(bad)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestOrderMeansNothing shuffles every list of a proposal.
func TestOrderMeansNothing(t *testing.T) {
	t.Parallel()
	want := newProposal().Root()
	rapid.Check(t, func(t *rapid.T) {
		p := newProposal()
		p.Cohort.CodeLists = rapid.Permutation(p.Cohort.CodeLists).Draw(t, "code lists")
		p.Data.Sets = rapid.Permutation(p.Data.Sets).Draw(t, "sets")
		p.Data.Sets[0].Fields = rapid.Permutation(p.Data.Sets[0].Fields).Draw(t, "fields")
		p.Message.Templates = rapid.Permutation(p.Message.Templates).Draw(t, "templates")
		p.Volume.Stages = rapid.Permutation(p.Volume.Stages).Draw(t, "stages")
		p.Window.Hours.Days = rapid.Permutation(p.Window.Hours.Days).Draw(t, "days")
		p.Window.NotBefore = p.Window.NotBefore.In(time.FixedZone("elsewhere", 3600))
		if p.Root() != want {
			t.Fatal("the root depends on order or time zone")
		}
	})
}

// TestTextSurvivesJSON draws text of every kind: what is valid comes back with the same digests.
func TestTextSurvivesJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := newProposal()
		p.Purpose.Text = rapid.String().Draw(t, "text")
		p.Purpose.Controllers = rapid.SliceOfNDistinct(rapid.StringN(1, 8, -1), 1, 4, rapid.ID).Draw(t, "controllers")
		if p.Validate() != nil {
			t.Skip("not valid")
		}
		got, err := governance.ParseProposal(must(json.Marshal(p)))
		if err != nil || got.Root() != p.Root() {
			t.Fatalf("changed on the way: %v", err)
		}
	})
}

// TestGoldenRoot pins the digests: they are signed, so they may never change by accident.
func TestGoldenRoot(t *testing.T) {
	t.Parallel()
	if got, want := newProposal().Root().String(), "sha256:599c1fa21ddb1abca1a8bdebfedd7a5f66aa37bc55753788abb2a01bb509a56b"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := newManifest(newProposal()).Digest().String(), "sha256:09a0bb46200cd42cbe82a79149449203da336a2537131edbd04879a106ec167d"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
