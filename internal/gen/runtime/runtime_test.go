package runtime_test

import (
	"testing"

	"github.com/personalised-prevention/nhs/internal/gen/runtime"
)

func TestStyleParam(t *testing.T) {
	t.Parallel()
	type status string
	tests := []struct {
		name, style string
		explode     bool
		value       any
		in          runtime.ParamLocation
		want        string // "" means refused
	}{
		{"path segment", "simple", false, "a/b c", runtime.ParamLocationPath, "a%2Fb%20c"},
		{"header", "simple", false, `W/"2"`, runtime.ParamLocationHeader, `W/"2"`},
		{"query text", "form", true, "Sm*th & Co", runtime.ParamLocationQuery, "p=Sm%2Ath+%26+Co"},
		{"query pointer", "form", true, new("x"), runtime.ParamLocationQuery, "p=x"},
		{"query number", "form", true, 50, runtime.ParamLocationQuery, "p=50"},
		{"query boolean", "form", true, true, runtime.ParamLocationQuery, "p=true"},
		{"named type", "form", true, status("done"), runtime.ParamLocationQuery, "p=done"},
		{"list exploded", "form", true, []string{"ge2020-01-01", "le2020-12-31"}, runtime.ParamLocationQuery, "p=ge2020-01-01&p=le2020-12-31"},
		{"list joined", "form", false, []int{1, 2}, runtime.ParamLocationQuery, "p=1,2"},
		{"other style", "deepObject", true, "x", runtime.ParamLocationQuery, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := runtime.StyleParamWithOptions(tt.style, tt.explode, "p", tt.value, runtime.StyleParamOptions{ParamLocation: tt.in})
			if (err != nil) != (tt.want == "") || got != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}
