package campaign_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/synthetic"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// page returns the report as written.
func (w *world) page(c *campaign.Campaign) string {
	report, err := c.Report(cohort.HES())
	w.must(err)
	var page bytes.Buffer
	w.must(report.WriteHTML(&page))
	return page.String()
}

// attrition runs the definition over invented records.
func (w *world) attrition() *cohort.Attrition {
	population, err := synthetic.New(synthetic.Config{Seed: 1, People: 500})
	w.must(err)
	attrition, err := w.plan.Run(w.ctx, population.Records(w.ctx), func(*cohort.Record, cohort.Result) error { return nil })
	w.must(err)
	return attrition
}

func TestReport(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{proposal: func(p *governance.Proposal) { p.Purpose.Text = `Telling <b>people</b> & "others"` }})
	w.makeUnfit(w.members[0], campaign.Deceased)
	w.journey(w.members[1], notifytest.Journey{NHSApp: notifytest.NoContact, SMS: notifytest.Bounced})
	w.journey(w.members[2], notifytest.Journey{NHSApp: notifytest.NoContact})
	w.journey(w.members[3], notifytest.Journey{Refused: "CM_INVALID_NHS_NUMBER"})
	c, m := w.released(func(c *campaign.Config) { c.Attrition = w.attrition() })
	w.must(c.Send(t.Context(), governance.Pilot))
	w.settle(c, governance.Pilot)
	w.stage(c, m, governance.Ramp)
	w.stage(c, m, governance.National)
	w.halt()()
	page := w.page(c)
	for _, want := range []string{
		`<html lang="en-GB">`, "<title>Campaign report: test-campaign</title>",
		"<h1>Telling &lt;b&gt;people&lt;/b&gt; &amp; &#34;others&#34;</h1>", "registered &lt;script&gt;alert(1)&lt;/script&gt;",
		"<b>24</b>approved", "<b>22</b>sent", "<b>1</b>excluded", "<b>21</b>delivered", "<b>2</b>failed", "<b>0</b>unaccounted",
		"PDS knows of their death", "NHS App (read)", ">SMS<", "MFR_SUPE_0007", "CM_INVALID_NHS_NUMBER",
		"<td>halt</td>", "<td>resume</td>", "purchase-order: DOC purchase-order", "<td>pilot</td>", "the-cso, the-dpo",
		"under the HES disclosure policy", w.proposal.Root().String(), "sha256:" + w.plan.Hash(),
		`aria-label="Shares of everyone approved: excluded 4.2% delivered 87.5% failed 8.3%"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	last := 0
	for _, section := range []string{"account", "definition", "approvals", "attrition", "exclusions", "delivery", "failures"} {
		at := strings.Index(page, `<section id="`+section+`">`)
		if at < last {
			t.Errorf("section %s is missing or out of order", section)
		}
		last = at
	}
	checkPage(t, page)
}

// checkPage looks for what every page must and must not have.
func checkPage(t *testing.T, page string) {
	t.Helper()
	for _, outside := range []string{"http:", "https:", "src=", "href=", "@import", "url(", "<script", "ZgotmplZ"} {
		if strings.Contains(page, outside) {
			t.Errorf("the page has %s", outside)
		}
	}
	for _, th := range regexp.MustCompile(`<th[ >][^>]*`).FindAllString(page, -1) {
		if !strings.Contains(th, `scope="col"`) && !strings.Contains(th, `scope="row"`) {
			t.Errorf("a header without scope: %s", th)
		}
	}
	if regexp.MustCompile(`<th[^>]*></th>`).MatchString(page) {
		t.Error("a header is empty")
	}
	if n := strings.Count(page, "<h1>"); n != 1 {
		t.Errorf("%d main headings", n)
	}
	for _, tag := range []string{"section", "table", "thead", "tbody", "tr", "td", "th", "div", "main", "header", "ul", "li", "h2", "p", "pre"} {
		opened := len(regexp.MustCompile(`<`+tag+`[ >]`).FindAllString(page, -1))
		if closed := strings.Count(page, "</"+tag+">"); opened != closed {
			t.Errorf("%d of %s were opened and %d closed", opened, tag, closed)
		}
	}
}

// TestReportWords: a page from a report that was kept, with everything it may hold.
func TestReportWords(t *testing.T) {
	t.Parallel()
	report := &campaign.Report{Outcome: campaign.Outcome{
		Approved: 1_234_567,
		Excluded: map[campaign.Reason]int{"other": 900},
		Sent:     1_200_000,
		Delivered: map[notify.Channel]int{
			notify.NHSApp: 600, notify.Email: 500, notify.SMS: 400, notify.Letter: 300, "": 200, "pigeon": 100,
		},
		Failed: map[string]int{"": 2, "<i>": 1},
	}}
	for i, reason := range append(kinds(), campaign.Unchecked) {
		report.Outcome.Excluded[reason] = 1000 + i
	}
	var page bytes.Buffer
	if err := report.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	rest := page.String()
	for _, want := range []string{ // in this order: the commonest first
		"1,234,567", "Could not be checked against PDS", "1,005", "No PDS record", "No longer registered", "NHS number superseded",
		"Restricted record", "PDS knows of their death", ">other<", "NHS App (read)", ">Email<", ">SMS<", "Letter (dispatched)",
		">Not told<", ">pigeon<", ">Not told<", "&lt;i&gt;",
	} {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Errorf("the page lacks %q, or has it too early", want)
			continue
		}
		rest = after
	}
	checkPage(t, page.String())
}

// TestReportOfNothing: a campaign that has not begun has a page, too.
func TestReportOfNothing(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	page := w.page(w.campaign())
	for _, want := range []string{"Nobody was excluded.", "Nothing has been delivered.", "Nothing has failed.", "<b>0</b>approved"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, `id="attrition"`) {
		t.Error("there is a section for attrition that nobody gave")
	}
	checkPage(t, page)
	c := w.campaign(func(c *campaign.Config) { c.Proposal.ID = "never-signed" })
	if page := w.page(c); !strings.Contains(page, "Nobody has signed anything.") {
		t.Error("the page does not say that nobody has signed")
	}
}

func TestReportPolicy(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	c := w.campaign(func(c *campaign.Config) { c.Attrition = w.attrition() })
	weaker, coarser, broken := cohort.HES(), cohort.HES(), cohort.HES()
	weaker.HideTo--
	coarser.HideTo, coarser.RoundTo = 10, 10
	broken.Mark = ""
	for name, tt := range map[string]struct {
		policy cohort.Disclosure
		want   string
	}{
		"as approved": {cohort.HES(), ""},
		"stricter":    {coarser, ""},
		"weaker":      {weaker, "must hide counts up to 7 and round to 5"},
		"broken":      {broken, "no Mark"},
		"none":        {cohort.Disclosure{}, "must hide counts"},
	} {
		report, err := c.Report(tt.policy)
		switch {
		case tt.want == "" && (err != nil || report.Attrition == nil):
			t.Errorf("%s: %v", name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
	_, err := c.Report(weaker)
	if _, ok := errors.AsType[*nhs.ArgumentError](err); !ok {
		t.Errorf("error %T", err)
	}
	// Without attrition there is nothing for the policy to apply to.
	if _, err := w.campaign().Report(cohort.Disclosure{}); err != nil {
		t.Error(err)
	}
}

// TestReportWriteError: an error of the writer is the caller's to see.
func TestReportWriteError(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	report, err := w.campaign().Report(cohort.HES())
	w.must(err)
	full := errors.New("full")
	if err := report.WriteHTML(writer(func([]byte) (int, error) { return 0, full })); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// TestContrast: text has a contrast of 4.5 to its background, and what is drawn 3.
//
// Source: WCAG 2.1, 1.4.3 and 1.4.11.
func TestContrast(t *testing.T) {
	t.Parallel()
	w := setUp(t, options{})
	colours := map[string]string{}
	for _, match := range regexp.MustCompile(`--(\w+): (#[0-9a-f]{6})`).FindAllStringSubmatch(w.page(w.campaign()), -1) {
		colours[match[1]] = match[2]
	}
	for _, tt := range []struct {
		front, back string
		least       float64
	}{
		{"ink", "paper", 4.5},
		{"ink", "back", 4.5},
		{"muted", "paper", 4.5},
		{"paper", "blue", 4.5},
		{"delivered", "paper", 3},
		{"failed", "paper", 3},
		{"excluded", "paper", 3},
		{"unaccounted", "paper", 3},
		{"delivered", "back", 3},
		{"failed", "back", 3},
		{"excluded", "back", 3},
		{"unaccounted", "back", 3},
	} {
		x, y := luminance(t, colours[tt.front]), luminance(t, colours[tt.back])
		if got := (max(x, y) + 0.05) / (min(x, y) + 0.05); got < tt.least {
			t.Errorf("%s on %s has a contrast of %.1f, want %.1f", tt.front, tt.back, got, tt.least)
		}
	}
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	value, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		t.Fatal(fmt.Errorf("colour %q: %w", colour, err))
	}
	channel := func(shift uint) float64 {
		c := float64(value>>shift&255) / 255
		if c <= 0.03928 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}
