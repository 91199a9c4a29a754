package governance_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/governance"
)

// conditional submits the approval of the legal gate on a condition.
func (w *world) conditional(conditions ...governance.Condition) int64 {
	w.Helper()
	a := w.approval("legal", "")
	a.Conditions = conditions
	return w.submit(a.Sign(w.keys[governance.RoleLegal]))
}

func TestConditionBlocksUntilDischarged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	const condition = governance.Condition("tell the practices first")
	index := w.conditional(condition)
	got := w.status("legal")
	want := []governance.OpenCondition{{Entry: index, By: "the-legal", Condition: condition}}
	if got.Status != governance.StatusConditional || !cmp.Equal(got.Conditions, want) {
		t.Fatalf("got %+v", got)
	}
	discharge := governance.Discharge{
		Proposal: w.proposal.ID, Approval: index, Condition: condition, Reason: "letters sent on 30 January", SignedAt: w.now,
	}
	for name, refused := range map[string]func() ([]byte, error){
		"by somebody without the role": func() ([]byte, error) { return discharge.Sign(w.keys[governance.RoleDPO]) },
		"by the author":                func() ([]byte, error) { return discharge.Sign(w.author) },
		"of another approval": func() ([]byte, error) {
			d := discharge
			d.Approval++
			return d.Sign(w.keys[governance.RoleLegal])
		},
		"of another proposal": func() ([]byte, error) {
			d := discharge
			d.Proposal = "another"
			return d.Sign(w.keys[governance.RoleLegal])
		},
		"of a condition nobody made": func() ([]byte, error) {
			d := discharge
			d.Condition = "tell the practices"
			return d.Sign(w.keys[governance.RoleLegal])
		},
		"from the future": func() ([]byte, error) {
			d := discharge
			d.SignedAt = w.now.Add(time.Hour)
			return d.Sign(w.keys[governance.RoleLegal])
		},
	} {
		if _, err := w.authority.Submit(t.Context(), must(refused())); err == nil {
			t.Errorf("discharged %s", name)
		}
	}
	w.submit(discharge.Sign(w.keys[governance.RoleLegal]))
	if got := w.status("legal"); got.Status != governance.StatusMet {
		t.Errorf("after the discharge: %+v", got)
	}
	w.open()
	if got := w.status("legal"); got.Status != governance.StatusMet {
		t.Errorf("after a restart: %+v", got)
	}
	// A new approval on the same words is a new condition.
	w.now = w.now.Add(time.Minute)
	w.conditional(condition)
	if got := w.status("legal"); got.Status != governance.StatusConditional {
		t.Errorf("an old discharge met a new condition: %+v", got)
	}
	register := w.authority.Register(w.proposal.ID).String()
	for _, want := range []string{"on condition: tell the practices first", "letters sent on 30 January"} {
		if !strings.Contains(register, want) {
			t.Errorf("no %q in the register:\n%s", want, register)
		}
	}
}

func TestEnforcedConditions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		condition governance.Condition
		stage     governance.Stage
		want      governance.GateStatus
	}{
		"a stage within":        {governance.MaxStage(governance.Pilot), governance.Pilot, governance.StatusMet},
		"a stage above":         {governance.MaxStage(governance.DryRun), governance.Pilot, governance.StatusConditional},
		"building":              {governance.MaxStage(governance.Synthetic), "", governance.StatusMet},
		"segments within":       {governance.OnlySegments("QZ1", "QZ2", "QZ3"), governance.Pilot, governance.StatusMet},
		"a segment outside":     {governance.OnlySegments("QZ1"), governance.Pilot, governance.StatusConditional},
		"something like a form": {"max-stage:pilot", governance.Synthetic, governance.StatusConditional},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, new(governance.MemoryStorage))
			index := w.conditional(tt.condition)
			r := must(w.authority.Check(t.Context(), w.proposal, &w.manifest, tt.stage))
			i := slices.IndexFunc(r.Gates, func(g governance.GateReport) bool { return g.Gate == "legal" })
			if got := r.Gates[i]; got.Status != tt.want {
				t.Errorf("got %+v, want %s", got, tt.want)
			}
			if _, err := w.authority.Submit(t.Context(), must(governance.Discharge{
				Proposal: w.proposal.ID, Approval: index, Condition: tt.condition, Reason: "we prefer not", SignedAt: w.now,
			}.Sign(w.keys[governance.RoleLegal]))); (err == nil) != (name == "something like a form") {
				t.Errorf("discharging what is enforced: %v", err)
			}
		})
	}
}

func TestConditionsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, new(governance.MemoryStorage))
	for name, edit := range map[string]func(*governance.Approval){
		"unknown stage": func(a *governance.Approval) { a.Conditions = []governance.Condition{governance.MaxStage("galaxy")} },
		"no segments":   func(a *governance.Approval) { a.Conditions = []governance.Condition{governance.OnlySegments()} },
		"two lines":     func(a *governance.Approval) { a.Conditions = []governance.Condition{"one\ntwo"} },
		"twice":         func(a *governance.Approval) { a.Conditions = []governance.Condition{"one", "one"} },
		"with a revocation": func(a *governance.Approval) {
			*a = governance.Revoke(w.proposal, w.gate("legal"), w.now, "no")
			a.Conditions = []governance.Condition{"x"}
		},
	} {
		a := w.approval("legal", "")
		edit(&a)
		if _, err := a.Sign(w.keys[governance.RoleLegal]); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

func TestDischargeText(t *testing.T) {
	t.Parallel()
	want := governance.Discharge{Proposal: "p", Approval: 7, Condition: "tell them", Reason: "told", SignedAt: start}
	got, err := governance.ParseDischarge(want.Text())
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}
