package library_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/library"
)

// TestClusters: every list says what it is, and is asked about by some cohort.
func TestClusters(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, entry := range library.Catalogue() {
		for _, list := range plan(t, entry).Uses().CodeLists {
			used[list.ID()] = true
		}
	}
	var ids []string
	for _, cluster := range library.Clusters() {
		if slices.Contains(ids, cluster.ID) || used[cluster.List.ID()] != true {
			t.Errorf("%s stands twice, or no cohort asks about %s", cluster.ID, cluster.List.ID())
		}
		ids = append(ids, cluster.ID)
		source := cluster.List.Source()
		switch {
		case strings.HasPrefix(cluster.List.ID(), "published/"):
			if !strings.HasPrefix(source, "All codes for ") {
				t.Errorf("%s: %s", cluster.ID, source)
			}
		case !strings.Contains(source, "illustrative") || !strings.Contains(source, " as "+cluster.ID+". ") || !strings.HasPrefix(cluster.List.ID(), "illustrative/"):
			t.Errorf("%s does not say that it is illustrative and how to give the real list: %s", cluster.ID, source)
		}
		if !strings.Contains(source, "assured") && !strings.Contains(source, "stand-in") || cluster.Title == "" || cluster.Origin == "" {
			t.Errorf("%s: %q, %q, %s", cluster.ID, cluster.Title, cluster.Origin, source)
		}
	}
}

// TestListsAreReplaced gives lists for all clusters: nothing illustrative is left.
func TestListsAreReplaced(t *testing.T) {
	t.Parallel()
	first, second := library.Lists{}, library.Lists{}
	for _, cluster := range library.Clusters() {
		for _, lists := range []library.Lists{first, second} {
			version := map[bool]string{true: "1", false: "2"}[len(lists) == len(first) && lists[cluster.ID] == nil && len(first) == len(second)]
			lists[cluster.ID] = codelist.Must(codelist.New(codelist.Info{
				ID: "real/" + cluster.ID, Version: version, System: cluster.List.System(), Source: "A test.",
			}, slices.Collect(cluster.List.Codes())...))
		}
	}
	second["NOT_ASKED_COD"] = second["HYP_COD"]
	for _, entry := range library.Catalogue() {
		with, err := entry.Plan(on("2025-10-01"), first, second)
		if err != nil {
			t.Fatal(err)
		}
		if left := library.Illustrative(with); len(left) > 0 {
			t.Errorf("%s: %v is left", entry.ID, left)
		}
		for _, list := range with.Uses().CodeLists {
			if !strings.HasPrefix(list.ID(), "real/") || list.Version() != "2" {
				t.Errorf("%s uses %v", entry.ID, list)
			}
		}
		if plan := plan(t, entry); plan.Hash() != with.Hash() {
			t.Errorf("%s: the same codes under another name give another meaning", entry.ID)
		}
	}
}

func TestListsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lists library.Lists
		want  string
	}{
		"nil": {library.Lists{"HYP_COD": nil}, "code list is nil"},
		"of another system": {library.Lists{"HYP_COD": codelist.Must(codelist.New(codelist.Info{
			ID: "hypertension", Version: "1", System: codelist.ICD10, Source: "A test.",
		}, "I10X"))}, "code list hypertension 1"},
	} {
		_, err := library.HealthCheck(library.HealthCheckChoices{}, test.lists)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), `"hypertension"`) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// plan binds a cohort with its defaults to a day on which all of them can have members.
func plan(tb testing.TB, entry library.Entry) *cohort.Plan {
	tb.Helper()
	plan, err := entry.Plan(on("2025-10-01"))
	if err != nil {
		tb.Fatal(err)
	}
	return plan
}
