package caas_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"html"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
)

// eachText calls f with every text of a value, which it may change.
func eachText(v reflect.Value, f func(reflect.Value)) {
	switch kind := v.Kind(); {
	case kind == reflect.String:
		f(v)
	case kind == reflect.Struct:
		for _, field := range v.Fields() {
			eachText(field, f)
		}
	case kind == reflect.Slice:
		for i := range v.Len() {
			eachText(v.Index(i), f)
		}
	case kind == reflect.Pointer && !v.IsNil():
		eachText(v.Elem(), f)
	}
}

// written is a request that says the same everywhere, with annexes.
func written(text string) *caas.Request {
	r := &caas.Request{
		Definition: &caas.RequestDefinition{
			Tables:    []caas.RequestTable{{Columns: []string{"", ""}}},
			CodeLists: []caas.RequestCodeList{{Codes: 7}},
		},
		Proposal: &caas.RequestProposal{DataSets: []caas.RequestDataSet{{MaxAgeHours: 48, RetentionDays: 90}}},
	}
	eachText(reflect.ValueOf(r), func(v reflect.Value) { v.SetString(text) })
	return r
}

// forms writes a request in its three forms.
func forms(t *testing.T, r *caas.Request) (markdown, page, document string) {
	t.Helper()
	var out [3]bytes.Buffer
	if err := errors.Join(r.WriteMarkdown(&out[0]), r.WriteHTML(&out[1]), r.WriteJSON(&out[2])); err != nil {
		t.Fatal(err)
	}
	return out[0].String(), out[1].String(), out[2].String()
}

// Every field is asked for once, by its name in the JSON form, until it says something
// more than space.
func TestRequest_Missing(t *testing.T) {
	t.Parallel()
	for _, nothing := range []string{"", " \n\t"} {
		r := &caas.Request{}
		eachText(reflect.ValueOf(r), func(v reflect.Value) { v.SetString(nothing) })
		missing := r.Missing()
		var fields []string
		for _, m := range missing {
			fields = append(fields, m.Field)
			if m.Ask == "" || m.Who == "" || m.Step < caas.StepAsk || m.Step > caas.StepDefine {
				t.Errorf("%+v", m)
			}
		}
		diff(t, append(paths(t, r), "definition"), fields)
	}
	if missing := written("None").Missing(); missing != nil {
		t.Errorf("missing %v", missing)
	}
	r := written("None")
	r.Funding = ""
	const want = "funding: the funds for building and running the cohort, secured before it is built (budget holder; step 1, asking about onboarding)"
	if missing := r.Missing(); len(missing) != 1 || missing[0].String() != want {
		t.Errorf("missing %v", missing)
	}
	if got := caas.OnboardingStep(9).String(); got != "step 9" {
		t.Error(got)
	}
}

// paths returns the paths of the texts in the JSON form of a request.
func paths(t *testing.T, r *caas.Request) []string {
	t.Helper()
	_, _, document := forms(t, r)
	var found []string
	var names []string
	d := json.NewDecoder(strings.NewReader(document))
	name := true // the next text is a name
	for {
		token, err := d.Token()
		if err != nil {
			return found
		}
		switch token := token.(type) {
		case json.Delim:
			if token == '{' {
				name = true
				continue
			}
			if len(names) > 0 {
				names = names[:len(names)-1]
			}
		case string:
			if name {
				names, name = append(names, token), false
				continue
			}
			found = append(found, strings.Join(names, "."))
			names, name = names[:len(names)-1], true
		}
	}
}

// The hash is of everything, and of nothing else.
func TestRequest_Hash(t *testing.T) {
	t.Parallel()
	first := written("None").Hash()
	if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(first) || first != written("None").Hash() {
		t.Errorf("hash %q", first)
	}
	r := written("None")
	seen := map[string]bool{first: true}
	changes := 0
	eachText(reflect.ValueOf(r), func(v reflect.Value) {
		v.SetString("Some")
		if seen[r.Hash()] {
			t.Error("a change does not show in the hash")
		}
		seen[r.Hash()] = true
		changes++
	})
	if changes != 42 {
		t.Errorf("%d texts in a request, want 42: does the document have them all?", changes)
	}
	markdown, page, _ := forms(t, r)
	if !strings.Contains(markdown, r.Hash()) || !strings.Contains(page, r.Hash()) {
		t.Error("the hash is not in the document")
	}
}

func TestRequest_roundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r := written("")
		if rapid.Bool().Draw(rt, "without annexes") {
			r.Definition, r.Proposal = nil, nil
		}
		eachText(reflect.ValueOf(r), func(v reflect.Value) { v.SetString(rapid.String().Draw(rt, "text")) })
		_, _, document := forms(t, r)
		again, err := caas.ParseRequest([]byte(document))
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(r, again); d != "" || again.Hash() != r.Hash() {
			rt.Fatalf("(-written +read)\n%s", d)
		}
	})
}

func TestParseRequest_refuses(t *testing.T) {
	t.Parallel()
	secret := number(0).Reveal()
	for name, document := range map[string]string{
		"nothing":      "",
		"text":         secret,
		"unknown name": `{"` + secret + `":1}`,
		"another kind": `{"dpia":["` + secret + `"]}`,
		"more":         `{"dpia":"none"} {"dpia":"` + secret + `"}`,
		"cut off":      `{"dpia":"none"`,
	} {
		_, err := caas.ParseRequest([]byte(document))
		assertArgument(t, name, err, "request")
		if err != nil {
			assertMasked(t, err.Error(), number(0))
		}
	}
	_, err := caas.ParseRequest([]byte(`{"dataRequirements":{"clinical":{"diagnosis":7}}}`))
	if err == nil || !strings.Contains(err.Error(), "dataRequirements.clinical.diagnosis") {
		t.Errorf("got %v", err)
	}
}

func FuzzParseRequest(f *testing.F) {
	var out bytes.Buffer
	if err := written("None").WriteJSON(&out); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Add([]byte(`{"cohortDetails":{"goals":"<b>"}}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		r, err := caas.ParseRequest(document)
		if err != nil {
			if _, ok := errors.AsType[*nhs.ArgumentError](err); !ok {
				t.Errorf("unexpected %v", err)
			}
			return
		}
		_, _, first := forms(t, r)
		again, err := caas.ParseRequest([]byte(first))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, second := forms(t, again); first != second {
			t.Errorf("written %s and then %s", first, second)
		}
	})
}

// hostile are texts that would mean something in one of the forms.
func hostile() []string {
	return []string{
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "javascript:alert(1)", "{{.Hash}}", "</dd></dl></section>",
		"# heading", "> quote", "- item", "+ item", "1. item", "12) item", "= \n===", "text\n---", "| a | b |\n| - | - |", "a\n:-:",
		"[link](https://example.org)", "![image](x)", "<https://example.org>", "https://example.org", "www.example.org", "*em* _em_ **b**",
		"`code`", "```\nfence\n```\n# heading", "````", "    indented\n# heading", "  \tindented `` ``` code", "~~gone~~", "&lt;b&gt;", "$x$", `back\slash\`, "[^1]: note",
		"line one\nline two\n\n\nparagraph\r\nend", "\u202etxet", "zero\u200bwidth", "bell\a", "\xff\xfe", "tab\there", "line\u2028separator",
	}
}

var tag = regexp.MustCompile(`<[^<>]*>`)

// Nothing that somebody writes changes the structure of the document.
func TestRequest_hostileTexts(t *testing.T) {
	t.Parallel()
	plainMarkdown, plainHTML, _ := forms(t, written("None"))
	for _, text := range hostile() {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			markdown, page, document := forms(t, written(text))
			if want, got := tag.FindAllString(plainHTML, -1), tag.FindAllString(page, -1); !slices.Equal(want, got) {
				t.Errorf("other tags: %s", cmp.Diff(want, got))
			}
			if want, got := structure(plainMarkdown), structure(markdown); !slices.Equal(want, got) {
				t.Errorf("another structure: %s", cmp.Diff(want, got))
			}
			for name, form := range map[string]string{"markdown": markdown, "HTML": page, "JSON": document} {
				for _, odd := range []string{"\u202e", "\u200b", "\a", "\xff", "\u2028"} {
					if strings.Contains(form, odd) && name != "JSON" {
						t.Errorf("%s holds %q", name, odd)
					}
				}
			}
			if text := strings.Trim(text, "\n"); plain.MatchString(text) && !strings.Contains(html.UnescapeString(page), text) {
				t.Errorf("the page does not show %q", text)
			}
		})
	}
}

// structure returns the lines of Markdown that are structure, and what of the others
// is not escaped.
func structure(markdown string) []string {
	var found []string
	fence := ""
	for line := range strings.SplitSeq(markdown, "\n") {
		switch {
		case fence != "":
			if line == fence {
				found, fence = append(found, "fence ends"), ""
			}
		case strings.HasPrefix(line, "```"):
			fence = strings.TrimSuffix(line, "text")
			found = append(found, "fence")
		case strings.HasPrefix(line, "#"):
			found = append(found, line)
		case strings.HasPrefix(line, "| "):
			found = append(found, strings.Repeat("|", strings.Count(unescaped(line), "|")))
		default:
			if rest := unescaped(line); strings.ContainsAny(rest, "`*_[]<>|~#&$") || strings.Contains(rest, "://") || bullet.MatchString(rest) {
				found = append(found, line)
			}
		}
	}
	// A text with indented lines is in a fence, which is no change of structure.
	return slices.DeleteFunc(found, func(s string) bool { return strings.HasPrefix(s, "fence") || strings.Contains(s, "Document hash") })
}

var (
	plain   = regexp.MustCompile(`^[ -~]*$`)
	bullet  = regexp.MustCompile(`^([-+=:]|\d+[.)]|\s{4})`)
	escaped = regexp.MustCompile("\\\\[!-/:-@\\[-`{-~]")
)

// unescaped returns what of a line is not escaped.
func unescaped(line string) string {
	return escaped.ReplaceAllString(strings.TrimSuffix(line, `\`), "x")
}

// A writer that fails is told of.
func TestRequest_writerFails(t *testing.T) {
	t.Parallel()
	for _, err := range []error{written("x").WriteMarkdown(failing{}), written("x").WriteHTML(failing{}), written("x").WriteJSON(failing{})} {
		if !errors.Is(err, errFull) {
			t.Errorf("got %v", err)
		}
	}
}

// The page loads nothing, and says what it is to a reader who cannot see it.
func TestRequest_page(t *testing.T) {
	t.Parallel()
	for _, r := range []*caas.Request{{}, written("None")} {
		_, page, _ := forms(t, r)
		for _, outside := range []string{"http://", "https://", "src=", "@import", "url("} {
			if strings.Contains(page, outside) {
				t.Errorf("the page refers to something outside: %s", outside)
			}
		}
		for _, part := range []string{`<html lang="en-GB">`, "<title>", "<main", "<h1>", `scope="col"`, `scope="row"`, "@media print"} {
			if !strings.Contains(page, part) && (r.Definition != nil || !strings.Contains(part, "row")) {
				t.Errorf("the page has no %s", part)
			}
		}
		ids := regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1)
		seen := map[string]bool{}
		for _, id := range ids {
			if seen[id[1]] {
				t.Errorf("the id %s comes twice", id[1])
			}
			seen[id[1]] = true
		}
		for _, ref := range regexp.MustCompile(`aria-labelledby="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if !seen[ref[1]] {
				t.Errorf("nothing has the id %s", ref[1])
			}
		}
	}
}
