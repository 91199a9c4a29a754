package cohort_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
)

func TestVerdict(t *testing.T) {
	t.Parallel()
	const u, n, y = cohort.Unknown, cohort.No, cohort.Yes
	tests := []struct{ a, b, and, or cohort.Verdict }{
		{y, y, y, y},
		{y, n, n, y},
		{y, u, u, y},
		{n, y, n, y},
		{n, n, n, n},
		{n, u, n, u},
		{u, y, u, y},
		{u, n, n, u},
		{u, u, u, u},
	}
	for _, test := range tests {
		if got := test.a.And(test.b); got != test.and {
			t.Errorf("%v and %v = %v, want %v", test.a, test.b, got, test.and)
		}
		if got := test.a.Or(test.b); got != test.or {
			t.Errorf("%v or %v = %v, want %v", test.a, test.b, got, test.or)
		}
	}
	for v, want := range map[cohort.Verdict]cohort.Verdict{y: n, n: y, u: u} {
		if got := v.Not(); got != want {
			t.Errorf("not %v = %v, want %v", v, got, want)
		}
	}
	var zero cohort.Verdict
	if zero != cohort.Unknown || zero.String() != "unknown" {
		t.Errorf("the zero verdict is %v, want unknown", zero)
	}
	if cohort.VerdictOf(true) != y || cohort.VerdictOf(false) != n {
		t.Error("VerdictOf does not give yes and no")
	}
}
