package nhs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs"
)

func TestParseNumber(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want, reason string
	}{
		{name: "ten digits", text: "9434765919", want: "9434765919"},
		{name: "spaces", text: "943 476 5919", want: "9434765919"},
		{name: "hyphens", text: "943-476-5919", want: "9434765919"},
		{name: "check digit 0 from remainder 11", text: "9000000009", want: "9000000009"},
		{name: "leading zero", text: "0000000108", want: "0000000108"},
		{name: "wrong check digit", text: "9434765918", reason: "check digit"},
		{name: "check value ten", text: "9000000000", reason: "check digit"},
		{name: "all zeros", text: "0000000000", reason: "all zeros"},
		{name: "letters", text: "94347659l9", reason: "digits only"},
		{name: "mixed separators", text: "943 476-5919", reason: "ten digits"},
		{name: "separator elsewhere", text: "9434 76 5919", reason: "ten digits"},
		{name: "short", text: "943476591", reason: "ten digits"},
		{name: "empty", text: "", reason: "ten digits"},
		{name: "surrounding space", text: " 9434765919 ", reason: "ten digits"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := nhs.ParseNumber(tt.text)
			if tt.reason != "" {
				if !errors.Is(err, nhs.ErrInvalid) || !strings.Contains(err.Error(), tt.reason) {
					t.Fatalf("error %v, want one about %q", err, tt.reason)
				}
				if tt.text != "" && strings.Contains(err.Error(), strings.TrimSpace(tt.text)) {
					t.Errorf("the error repeats the text: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Reveal() != tt.want {
				t.Errorf("got %s, want %s", got.Reveal(), tt.want)
			}
		})
	}
}

// checkDigit works a check digit out the way the NHS Data Dictionary words it, as
// an oracle for the parser, which folds the rule into one sum.
func checkDigit(nine string) (digit int, ok bool) {
	sum := 0
	for i, r := range nine {
		sum += int(r-'0') * (10 - i)
	}
	switch r := 11 - sum%11; r {
	case 11:
		return 0, true
	case 10:
		return 0, false
	default:
		return r, true
	}
}

func TestParseNumberAgreesWithTheDataDictionary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		nine := rapid.StringMatching(`[0-9]{9}`).Draw(t, "nine")
		last := rapid.IntRange(0, 9).Draw(t, "last")
		text := fmt.Sprintf("%s%d", nine, last)
		digit, issued := checkDigit(nine)
		want := issued && digit == last && text != "0000000000"
		n, err := nhs.ParseNumber(text)
		if (err == nil) != want {
			t.Fatalf("%s: error %v, want valid %v", text, err, want)
		}
		if err != nil {
			return
		}
		again, err := nhs.ParseNumber(n.Display())
		if err != nil || again != n || n.Reveal() != text {
			t.Fatalf("%s does not survive display: %v", text, err)
		}
		fromInt, err := nhs.NumberFromInt(n.Int())
		if err != nil || fromInt != n {
			t.Fatalf("%s does not survive an integer: %v", text, err)
		}
	})
}

func TestNumberHidesItself(t *testing.T) {
	t.Parallel()
	n := nhs.MustNumber("999 000 0018")
	type hidden struct{ number nhs.Number }
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	logger.Info("found", "number", n, "any", []any{n}, "nested", hidden{n})
	printed := []string{log.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%q", "%x", "%10.3v"} {
		printed = append(printed,
			fmt.Sprintf(verb, n), fmt.Sprintf(verb, &n), fmt.Sprintf(verb, []nhs.Number{n}),
			fmt.Sprintf(verb, hidden{n}), fmt.Sprintf(verb, map[nhs.Number]int{n: 1}))
	}
	for _, p := range printed {
		if strings.Contains(p, "9990000018") || strings.Contains(p, "999 000 0018") {
			t.Errorf("printed: %s", p)
		}
	}
	if got := fmt.Sprint(n, nhs.Number{}); got != "[NHS number] [no NHS number]" {
		t.Errorf("got %q", got)
	}
}

func TestMaskAttr(t *testing.T) {
	t.Parallel()
	n := nhs.MustNumber("999 000 0018")
	var log strings.Builder
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{ReplaceAttr: nhs.MaskAttr}))
	logger.Info("found", "list", []nhs.Number{n}, "struct", struct{ Number nhs.Number }{n}, "map", map[nhs.Number]int{n: 1},
		slog.Group("group", "inner", &struct{ Number nhs.Number }{n}), "count", 3, "error", errors.New("plain"))
	if strings.Contains(log.String(), "9990000018") {
		t.Errorf("logged: %s", &log)
	}
	for _, want := range []string{`"list":"[[NHS number]]"`, `"count":3`, `"error":"plain"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("logged: %s, want %s in it", &log, want)
		}
	}
}

func TestNumberMarshals(t *testing.T) {
	t.Parallel()
	type person struct {
		Number nhs.Number         `json:"number"`
		By     map[nhs.Number]int `json:"by"`
	}
	want := person{nhs.MustNumber("9990000018"), map[nhs.Number]int{nhs.MustNumber("9990000026"): 1}}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != `{"number":"9990000018","by":{"9990000026":1}}` {
		t.Errorf("got %s", text)
	}
	var got person
	if err := json.Unmarshal(text, &got); err != nil || got.Number != want.Number || len(got.By) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	for _, text := range []string{`9990000018`, `"9990000019"`, `{}`, `true`} {
		var n nhs.Number
		if err := json.Unmarshal([]byte(text), &n); err == nil || strings.Contains(err.Error(), "999000001") {
			t.Errorf("%s: error %v", text, err)
		}
	}
	for _, text := range []string{`null`, `""`} {
		n := nhs.MustNumber("9990000018")
		if err := json.Unmarshal([]byte(text), &n); err != nil || !n.IsZero() {
			t.Errorf("%s: got %v, %v", text, n, err)
		}
	}
}

func TestNumberOrderAndRange(t *testing.T) {
	t.Parallel()
	a, b := nhs.MustNumber("4010232137"), nhs.MustNumber("9990000018")
	got := []nhs.Number{b, a}
	slices.SortFunc(got, nhs.Number.Compare)
	if got[0] != a || !b.IsTest() || a.IsTest() {
		t.Errorf("order or range is wrong")
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"9434765919", "943 476 5919", "943-476-5919", "", "0000000000", "94347659\xff9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := nhs.ParseNumber(text)
		if err != nil {
			return
		}
		plain := strings.NewReplacer(" ", "", "-", "").Replace(text)
		if n.Reveal() != plain {
			t.Errorf("%q became %s", text, n.Reveal())
		}
	})
}

func BenchmarkParseNumber(b *testing.B) {
	b.Run("ParseNumber", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := nhs.ParseNumber("9434765919"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("hand-written loop", func(b *testing.B) {
		text, valid := "9434765919", 0
		for b.Loop() {
			sum := 0
			for i := range 10 {
				sum += int(text[i]-'0') * (10 - i)
			}
			if sum%11 == 0 {
				valid++
			}
		}
		if valid == 0 {
			b.Fatal("not valid")
		}
	})
}
