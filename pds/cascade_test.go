package pds_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

const tooMany = `{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"multiple-matches","details":{"coding":[{"code":"TOO_MANY_MATCHES"}]}}]}`

func match(score float64) string {
	return fmt.Sprintf(`{"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"search":{"score":%v},"resource":%s}]}`, score, minimal)
}

func TestClient_Cascade(t *testing.T) {
	t.Parallel()
	query := pds.Query{Family: "Smith", Born: pds.On(date(t, "1990-05-17"))}
	step := func(name string) pds.Step { return pds.Step{Name: name, Query: query} }
	narrow := func(name string) pds.Step { return pds.Step{Name: name, Query: query, Narrows: true} }
	for name, test := range map[string]struct {
		steps   []pds.Step
		answers []string
		want    pds.Finding
		err     error
	}{
		"first":         {[]pds.Step{step("a"), step("b")}, []string{match(1)}, pds.Finding{Step: "a", Tried: []string{"a"}}, nil},
		"second":        {[]pds.Step{step("a"), step("b")}, []string{noMatch, match(1)}, pds.Finding{Step: "b", Tried: []string{"a", "b"}}, nil},
		"nobody":        {[]pds.Step{step("a"), step("b")}, []string{noMatch}, pds.Finding{Tried: []string{"a", "b"}}, nil},
		"too many":      {[]pds.Step{step("a"), step("b")}, []string{tooMany, match(1)}, pds.Finding{Tried: []string{"a"}}, pds.ErrTooManyMatches},
		"narrowed":      {[]pds.Step{step("a"), step("b"), narrow("c")}, []string{tooMany, match(1)}, pds.Finding{Step: "c", Tried: []string{"a", "c"}}, nil},
		"narrowed more": {[]pds.Step{step("a"), narrow("b"), narrow("c")}, []string{tooMany, tooMany, match(1)}, pds.Finding{Step: "c", Tried: []string{"a", "b", "c"}}, nil},
		"narrowed to nobody": {
			[]pds.Step{step("a"), narrow("b"), step("c")},
			[]string{tooMany, noMatch, match(1)},
			pds.Finding{Tried: []string{"a", "b"}},
			pds.ErrTooManyMatches,
		},
		"not narrowed": {[]pds.Step{step("a"), narrow("b"), step("c")}, []string{noMatch, match(1)}, pds.Finding{Step: "c", Tried: []string{"a", "c"}}, nil},
		"low score": {
			[]pds.Step{{Name: "a", Query: query, MinScore: 0.9}, {Name: "b", Query: query, MinScore: 0.8}},
			[]string{match(0.8)},
			pds.Finding{Step: "b", Tried: []string{"a", "b"}},
			nil,
		},
		"no answer": {[]pds.Step{step("a"), step("b")}, []string{noMatch, "{}"}, pds.Finding{Tried: []string{"a", "b"}}, nhs.ErrUnexpected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := play()
			for _, body := range test.answers {
				answers = append(answers, fhir(http.StatusOK, body))
			}
			b := setup(t, answers, quick())
			got, err := b.client.Cascade(t.Context(), test.steps...)
			if !errors.Is(err, test.err) {
				t.Errorf("got %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(pds.Finding{}, "Matches")); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
			if (len(got.Matches) == 1) != (test.want.Step != "") || len(b.requests()) != len(test.want.Tried) {
				t.Errorf("%d matches after %d requests", len(got.Matches), len(b.requests()))
			}
			if err != nil && !strings.Contains(err.Error(), `pds.Cascade: step "`) {
				t.Errorf("%v does not name the step", err)
			}
			silent(t, fmt.Sprintf("%+v", got))
		})
	}
}

func TestClient_Cascade_refuses(t *testing.T) {
	t.Parallel()
	good := pds.Step{Name: "good", Query: pds.Query{Family: "Smith", Born: pds.On(date(t, "1990-05-17"))}}
	for name, steps := range map[string][]pds.Step{
		"no steps":    nil,
		"no name":     {good, {Query: good.Query}},
		"same name":   {good, good},
		"bad score":   {good, {Name: "b", Query: good.Query, MinScore: 1.1}},
		"below zero":  {good, {Name: "b", Query: good.Query, MinScore: -0.1}},
		"not allowed": {good, {Name: "b", Query: pds.Query{Family: secret}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, play(fhir(http.StatusOK, noMatch)), quick())
			_, err := b.client.Cascade(t.Context(), steps...)
			if _, ok := errors.AsType[*nhs.ArgumentError](err); !ok || len(b.requests()) != 0 {
				t.Errorf("got %v after %d requests", err, len(b.requests()))
			}
			silent(t, err.Error())
		})
	}
}

func TestQuery_Alternates(t *testing.T) {
	t.Parallel()
	born := pds.On(date(t, "1990-05-17"))
	for name, test := range map[string]struct {
		query pds.Query
		want  map[string]url.Values // but for birthdate
	}{
		"all": {pds.Query{Family: "Smith", Given: []string{"Zoë", "Ann"}, Gender: pds.Female, Postcode: "LS1 6AE", Born: born}, map[string]url.Values{
			"as given":  {"family": {"Smith"}, "given": {"Zoë", "Ann"}, "gender": {"female"}, "address-postalcode": {"LS1 6AE"}},
			"history":   {"family": {"Smith"}, "given": {"Zoë", "Ann"}, "gender": {"female"}, "address-postalcode": {"LS1 6AE"}, "_history": {"true"}},
			"wildcards": {"family": {"Smith"}, "given": {"Zoë*"}, "gender": {"female"}, "address-postalcode": {"LS*"}, "_history": {"true"}},
			"fuzzy":     {"family": {"Smith"}, "given": {"Zoë", "Ann"}, "gender": {"female"}, "address-postalcode": {"LS1 6AE"}, "_fuzzy-match": {"true"}},
		}},
		"no given name": {pds.Query{Family: "Smith", Born: born}, map[string]url.Values{
			"as given": {"family": {"Smith"}},
			"history":  {"family": {"Smith"}, "_history": {"true"}},
		}},
		"exact": {pds.Query{Family: "Smith", Given: []string{"Jo"}, Born: born, Exact: true, History: true}, map[string]url.Values{
			"as given":  {"family": {"Smith"}, "given": {"Jo"}, "_exact-match": {"true"}, "_history": {"true"}},
			"wildcards": {"family": {"Smith"}, "given": {"Jo*"}, "_history": {"true"}},
			"fuzzy":     {"family": {"Smith"}, "given": {"Jo"}, "_fuzzy-match": {"true"}},
		}},
		"two words": {pds.Query{Family: "Smith", Given: []string{"Jo Anne"}, Postcode: "L 1AA", Born: born, History: true}, map[string]url.Values{
			"as given":  {"family": {"Smith"}, "given": {"Jo Anne"}, "address-postalcode": {"L 1AA"}, "_history": {"true"}},
			"wildcards": {"family": {"Smith"}, "given": {"Jo*"}, "address-postalcode": {"L 1AA"}, "_history": {"true"}},
			"fuzzy":     {"family": {"Smith"}, "given": {"Jo Anne"}, "address-postalcode": {"L 1AA"}, "_fuzzy-match": {"true"}},
		}},
		"wildcards": {pds.Query{Family: "Smi*", Given: []string{"Jan*", "A"}, Born: born}, map[string]url.Values{
			"as given":  {"family": {"Smi*"}, "given": {"Jan*", "A"}},
			"history":   {"family": {"Smi*"}, "given": {"Jan*", "A"}, "_history": {"true"}},
			"wildcards": {"family": {"Smi*"}, "given": {"Jan*"}, "_history": {"true"}},
		}},
		"fuzzy": {pds.Query{Family: "Smith", Given: []string{"Jane"}, Born: born, Fuzzy: true}, map[string]url.Values{
			"as given": {"family": {"Smith"}, "given": {"Jane"}, "_fuzzy-match": {"true"}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, play(fhir(http.StatusOK, noMatch)), quick())
			f, err := b.client.Cascade(t.Context(), test.query.Alternates()...)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]url.Values{}
			for i, req := range b.requests() {
				values := req.URL.Query()
				values.Del("birthdate")
				got[f.Tried[i]] = values
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("searches (-want +got):\n%s", diff)
			}
		})
	}
}
