package codelist_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

func make10(tb testing.TB, codes ...string) *codelist.List {
	tb.Helper()
	list, err := codelist.New(info(codelist.ICD10), codes...)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		system   codelist.System
		pattern  string
		in, out  []string
		spelling []string // others for the same
	}{
		{codelist.ICD10, "I10X", []string{"I10X"}, []string{"I10", "I10X2", "I100", ""}, []string{"i10.X", " I10X "}},
		{codelist.ICD10, "I10", []string{"I10"}, []string{"I10X", "I100", "I1"}, nil},
		{
			codelist.ICD10, "I10*",
			[]string{"I10", "I10X", "I10X2", "I10XD", "I100", "I1099", "I109A"},
			[]string{"I1", "I09", "I09X", "I099", "I11", "I110", "i10", " I10", ""},
			[]string{"I10%", "i10.*", "I10-I10", "I10 *", "I10–I10"},
		},
		{codelist.ICD10, "E11.9*", []string{"E119", "E1190", "E119D"}, []string{"E11", "E118", "E1189", "E11X", "E12"}, []string{"E119%", "E119-E119"}},
		{codelist.ICD10, "I2*", []string{"I20", "I299", "I25X"}, []string{"I2", "I19", "I199", "I30", "I300"}, []string{"I20-I29"}},
		{codelist.ICD10, "C*", []string{"C00", "C97", "C999", "C80X"}, []string{"C", "B99", "B999", "D00", "D000"}, []string{"C00-C99"}},
		{codelist.ICD10, "Z*", []string{"Z00", "Z99", "Z999"}, []string{"Y99", "Z"}, []string{"Z00-Z99"}},
		{
			codelist.ICD10, "I20-I25",
			[]string{"I20", "I200", "I20X", "I21", "I25", "I250", "I259", "I25X", "I25X9"},
			[]string{"I19", "I199", "I19X9", "I26", "I260", "I2"},
			[]string{"I20–I25", " i20 - i25 "},
		},
		{codelist.ICD10, "V01-Y98", []string{"V01", "V010", "V99", "W00", "X599", "Y98", "Y98X"}, []string{"V00", "V009", "U99", "Y99", "Y990", "Z00"}, nil},
		{codelist.ICD10, "I20.1-I20.4", []string{"I201", "I2019", "I204", "I2049", "I204D"}, []string{"I20", "I20X", "I200", "I2009", "I205", "I21"}, nil},
		{codelist.ICD10, "M45X2*", []string{"M45X2", "M45X2D"}, []string{"M45X", "M45X1", "M45X3"}, nil},
		{codelist.ICD10, "A17.0†", []string{"A170"}, []string{"A17", "A170D"}, []string{"A170"}},
		{codelist.OPCS4, "K40*", []string{"K40", "K401", "K409"}, []string{"K4", "K39", "K399", "K41", "K410"}, []string{"K40%", "K40-K40"}},
		{codelist.OPCS4, "H55-J05", []string{"H55", "H999", "J00", "J059"}, []string{"H549", "J06"}, nil},
		{codelist.OPCS4, "K40.1-K40.4", []string{"K401", "K404"}, []string{"K40", "K400", "K405"}, nil},
		{codelist.OPCS4, "K401*", []string{"K401"}, []string{"K40", "K402"}, []string{"K401", "K401-K401"}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.system, " ", test.pattern), func(t *testing.T) {
			t.Parallel()
			list, err := codelist.New(info(test.system), test.pattern)
			if err != nil {
				t.Fatal(err)
			}
			for _, code := range test.in {
				if !list.Contains(code) {
					t.Errorf("%q is not in it", code)
				}
			}
			for _, code := range test.out {
				if list.Contains(code) {
					t.Errorf("%q is in it", code)
				}
			}
			for _, other := range test.spelling {
				if same, err := codelist.New(info(test.system), other); err != nil || same.Hash() != list.Hash() {
					t.Errorf("%q is another list: %v", other, err)
				}
			}
		})
	}
}

// TestCanonical: one set, however it is written, is one list.
func TestCanonical(t *testing.T) {
	t.Parallel()
	tests := []struct {
		system codelist.System
		codes  string
		want   string
	}{
		{codelist.ICD10, "I25*, I20-I22, I23*, I24*", "I20-I25"},
		{codelist.ICD10, "I20-I24, I22-I25, I21X, I22*", "I20-I25"},
		{codelist.ICD10, "I29*, I30*", "I29-I30"},
		{codelist.ICD10, "B99*, C00*", "B99-C00"},
		{codelist.ICD10, "I2*, I30-I39", "I20-I39"},
		{codelist.ICD10, "C0*, C1*, C2*, C3*, C4*, C5*, C6*, C7*, C8*, C9*", "C*"},
		{codelist.ICD10, "A00-Z99", "A00-Z99"},
		{codelist.ICD10, "I20, I20.0-I20.9, I20X*", "I20*"},
		{codelist.ICD10, "I20.0-I20.9, I20X*", "I200-I209, I20X*"},
		{codelist.ICD10, "I19*, I20, I200", "I19*, I20, I200"},
		{codelist.ICD10, "I2091, I209*", "I209*"},
		{codelist.ICD10, "I2090*, I2091*, I10X", "I10X, I2090*, I2091*"},
		{codelist.ICD10, "I209*, I21*", "I209*, I21*"}, // not I20X
		{codelist.ICD10, "I20X*, I21*", "I20X*, I21*"},
		{codelist.OPCS4, "K40.9, K41*", "K409, K41*"},
		{codelist.OPCS4, "K40, K40.0-K40.9", "K40*"},
		{codelist.OPCS4, "H99*, J00*", "H99-J00"},
		// Without any pattern a list stays what it is.
		{codelist.OPCS4, "K40, K400, K401, K402, K403, K404, K405, K406, K407, K408, K409", "K40, K400, K401, K402, K403, K404, K405, K406, K407, K408, K409"},
	}
	for _, test := range tests {
		t.Run(test.codes, func(t *testing.T) {
			t.Parallel()
			list, err := codelist.New(info(test.system), strings.Split(test.codes, ",")...)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(slices.Collect(list.Codes()), ", "); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestPatternsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		system      codelist.System
		codes, want string
	}{
		{codelist.ICD10, "*", "not a prefix"},
		{codelist.ICD10, "%", "not a prefix"},
		{codelist.ICD10, "2*", "not a prefix"},
		{codelist.ICD10, "IX*", "not a prefix"},
		{codelist.ICD10, "I2*5", "not a prefix"},
		{codelist.ICD10, "I20**", "not a prefix"},
		{codelist.ICD10, "I10Y*", "not a prefix"},
		{codelist.ICD10, "I20-", "not a range"},
		{codelist.ICD10, "E11.-", "not a range"},
		{codelist.ICD10, "-I20", "not a range"},
		{codelist.ICD10, "-", "not a range"},
		{codelist.ICD10, "I20-I25-I30", "not a range"},
		{codelist.ICD10, "I20-I25*", "not a range"},
		{codelist.ICD10, "I2-I3", "not a range"},
		{codelist.ICD10, "I20X-I20Y", "not a range"},
		{codelist.ICD10, "I200-I20X", "not a range"},
		{codelist.ICD10, "I25-I20", "ends before it begins"},
		{codelist.ICD10, "I20-I20.4", "one end"},
		{codelist.ICD10, "I20.1-I21.4", "one category"},
		{codelist.OPCS4, "I*", "not a prefix of OPCS-4 codes"},
		{codelist.OPCS4, "H99-I05", "not a range of OPCS-4"},
		{codelist.OPCS4, "K4011*", "not a prefix"},
		{codelist.SNOMEDCT, "3834100*", "SNOMED CT has no prefixes or ranges"},
		{codelist.DMD, "322236009-322236010", "dm+d has no prefixes or ranges"},
		{codelist.AEDiagnosis, "20*", "has no prefixes or ranges"},
	}
	for _, test := range tests {
		if _, err := codelist.New(info(test.system), test.codes); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %q: got %v, want %q", test.system, test.codes, err, test.want)
		}
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	list := make10(t, "I20-I25", "I10X", "C*", "I64", "Z99*", "I209")
	var ranges [][2]string
	for from, before := range list.Ranges() {
		ranges = append(ranges, [2]string{from, before})
	}
	if diff := cmp.Diff([][2]string{{"C00", "D00"}, {"I20", "I26"}, {"Z99", "["}}, ranges); diff != "" {
		t.Errorf("ranges (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"I10X", "I64"}, slices.Collect(list.Exact())); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if got := list.String(); list.Len() != 5 || got != "test/list 1 (5 ICD-10 codes and patterns)" {
		t.Errorf("the list prints as %q", got)
	}
	for range list.Ranges() {
		break
	}
	for range list.Exact() {
		break
	}
	for range list.Codes() {
		break
	}
}

// universe is every code of a few categories, at the edges of decades and letters, as the data write them.
func universe(system codelist.System) []string {
	categories, fourth, fifth := []string{"A00", "B99", "C00", "C09", "C10", "C11", "Z98", "Z99"}, "0189X", []string{"", "0", "9", "D"}
	if system == codelist.OPCS4 {
		categories, fourth, fifth = []string{"A00", "H98", "H99", "J00", "J01", "Z99"}, "0189", []string{""}
	}
	var all []string
	for _, category := range categories {
		all = append(all, category)
		for _, c := range fourth {
			for _, rest := range fifth {
				all = append(all, category+string(c)+rest)
			}
		}
	}
	return all
}

func drawPattern(t *rapid.T, system codelist.System) string {
	all := universe(system)
	code := func() string {
		return rapid.SampledFrom(all).Filter(func(c string) bool { return system.Check(c) == nil }).Draw(t, "code")
	}
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return code()
	case 1:
		c := code()
		return c[:rapid.IntRange(1, len(c)).Draw(t, "length")] + "*"
	case 2:
		a, b := code()[:3], code()[:3]
		return min(a, b) + "-" + max(a, b)
	default:
		category := code()[:3]
		a, b := rapid.IntRange(0, 9).Draw(t, "from"), rapid.IntRange(0, 9).Draw(t, "to")
		return fmt.Sprintf("%s.%d-%s.%d", category, min(a, b), category, max(a, b))
	}
}

// matches says by the letter of the documentation whether a pattern holds a code.
func matches(pattern, code string) bool {
	pattern = strings.ReplaceAll(pattern, ".", "")
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(code, prefix)
	}
	low, high, ok := strings.Cut(pattern, "-")
	if !ok {
		return code == pattern
	}
	return len(code) >= len(low) && low <= code[:len(low)] && code[:len(low)] <= high
}

// TestPatternLaws: a list holds what its patterns say, its codes and ranges say the same, and what it
// yields makes it again. Lists that hold the same have one hash.
func TestPatternLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		system := rapid.SampledFrom([]codelist.System{codelist.ICD10, codelist.OPCS4}).Draw(t, "system")
		patterns := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return drawPattern(t, system) }), 1, 6).Draw(t, "patterns")
		list, err := codelist.New(info(system), patterns...)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range universe(system) {
			want := slices.ContainsFunc(patterns, func(p string) bool { return matches(p, code) })
			if got := list.Contains(code); got != want {
				t.Errorf("Contains(%s) is %v", code, got)
			}
			in := slices.Contains(slices.Collect(list.Exact()), code)
			for from, before := range list.Ranges() {
				in = in || from <= code && code < before
			}
			if in != want {
				t.Errorf("the codes and ranges hold %s: %v", code, in)
			}
		}
		again, err := codelist.New(info(system), slices.Collect(list.Codes())...)
		if err != nil || again.Hash() != list.Hash() {
			t.Fatalf("%v makes another list: %v", slices.Collect(list.Codes()), err)
		}
		// Any order, and with repeats.
		mixed := rapid.Permutation(append(slices.Clone(patterns), patterns[0])).Draw(t, "mixed")
		if other := codelist.Must(codelist.New(info(system), mixed...)); other.Hash() != list.Hash() {
			t.Errorf("%v and %v make different lists", patterns, mixed)
		}
	})
}

// respell writes a pattern in another way.
func respell(t *rapid.T, system codelist.System, pattern string) []string {
	if low, high, ok := strings.Cut(pattern, "-"); ok {
		if low == high || strings.Contains(low, ".") {
			return []string{strings.ReplaceAll(pattern, ".", "")}
		}
		// One end and the rest, which begins with the next category.
		next := map[string]string{"A00": "A01", "B99": "C00", "C00": "C01", "C09": "C10", "C10": "C11", "C11": "C12", "H98": "H99", "H99": "J00", "J00": "J01", "J01": "J02", "Z98": "Z99"}[low]
		return []string{low + "*", next + "-" + high}
	}
	prefix, ok := strings.CutSuffix(pattern, "*")
	if !ok || len(prefix) > 3 {
		return []string{pattern}
	}
	var all []string
	for d := range 10 {
		all = append(all, fmt.Sprintf("%s%d*", prefix, d))
	}
	if len(prefix) == 3 {
		all = append(all, prefix)
		if system == codelist.ICD10 {
			all = append(all, prefix+"X*")
		}
	}
	return rapid.Permutation(all).Draw(t, "order")
}

func TestSpelling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		system := rapid.SampledFrom([]codelist.System{codelist.ICD10, codelist.OPCS4}).Draw(t, "system")
		// A first pattern, so that neither spelling is of codes alone.
		one, other := []string{"Q*"}, []string{"Q00-Q99"}
		for range rapid.IntRange(1, 4).Draw(t, "patterns") {
			pattern := drawPattern(t, system)
			one, other = append(one, pattern), append(other, respell(t, system, pattern)...)
		}
		a, b := codelist.Must(codelist.New(info(system), one...)), codelist.Must(codelist.New(info(system), other...))
		if a.Hash() != b.Hash() {
			t.Errorf("%v makes %v, and %v makes %v", one, slices.Collect(a.Codes()), other, slices.Collect(b.Codes()))
		}
	})
}
