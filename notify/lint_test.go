package notify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs/notify"
)

func templates() notify.Templates {
	return notify.Templates{
		{Channel: notify.NHSApp, Text: "Dear ((fullName)), see ((practice))."},
		{Channel: notify.SMS, Text: "Call ((phone)) about ((practice))."},
		{Channel: notify.Letter, Text: "See {d.practice} on {d.days}."},
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	full := notify.Personalisation{"practice": "High Street", "phone": "01130001111", "days": []string{"1 May", "8 May"}}
	with := func(key string, value any) notify.Personalisation {
		p := notify.Personalisation{key: value}
		for k, v := range full {
			if _, ok := p[k]; !ok {
				p[k] = v
			}
		}
		return p
	}
	for _, tc := range []struct {
		name      string
		values    notify.Personalisation
		templates notify.Templates
		want      []string
	}{
		{"good", full, templates(), nil},
		{"nothing known", with("anything", 1), nil, nil},
		{"missing", notify.Personalisation{"practice": "x"}, templates(), []string{"missing days", "missing phone"}},
		{"unused", with("other", "x"), templates(), []string{"unused other"}},
		{"a text not known", with("other", "x"), notify.Templates{{Channel: notify.Letter}}, nil},
		{"reserved", with("First_Name", "x"), nil, []string{"reserved First_Name"}},
		{"alphabet", with("practice", "Ŵ"), templates(), []string{"alphabet sms needs 1 fragments"}},
		{"long text message", with("practice", strings.Repeat("[", 448)), templates(), []string{"too_long sms 920 characters, 918 are allowed"}},
		{"long text message with another alphabet", with("practice", strings.Repeat("ŵ", 900)), templates(), []string{
			"too_long sms 924 characters, 918 are allowed", "alphabet sms needs 14 fragments",
		}},
		{"long for all", with("practice", strings.Repeat("x", 15_000)), templates(), []string{
			"too_long nhsapp 15012 characters, 5000 are allowed", "too_long sms 15024 characters, 918 are allowed",
			"too_long letter 15020 characters, 15000 are allowed",
		}},
		{"long email", notify.Personalisation{"a": strings.Repeat("x", 100_001)}, notify.Templates{{Channel: notify.Email, Text: "((a))"}}, []string{
			"too_long email 100001 characters, 100000 are allowed",
		}},
	} {
		m := message(0)
		m.Personalisation = tc.values
		var got []string
		for _, finding := range notify.Lint(m, tc.templates) {
			got = append(got, finding.String())
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestReservedNames(t *testing.T) {
	t.Parallel()
	lint := func(key string) []notify.Finding {
		m := message(0)
		m.Personalisation = notify.Personalisation{key: "x"}
		return notify.Lint(m, nil)
	}
	for _, key := range []string{
		"fullName", "firstName", "lastName", "nhsNumber", "date", "emailAddress", "phoneNumber", "addressLine1", "addressLine7",
		"middleNames", "namePrefix", "nameSuffix", "clientRef", "recipientContactValue", "template",
		"NHS number", "nhs-number", "address_line_1", "DATE",
	} {
		if got := lint(key); len(got) != 1 || got[0].Problem != notify.ProblemReserved || got[0].Field != key {
			t.Errorf("%s: %v", key, got)
		}
	}
	for _, key := range []string{"", "dates", "appointment_date", "addressLine8", "addressLine", "addressLine12", "practice"} {
		if got := lint(key); len(got) != 0 {
			t.Errorf("%s: %v", key, got)
		}
	}
	if got := fmt.Sprint(notify.Lint(notify.Message{Personalisation: notify.Personalisation{
		"nhs number": 1, number(0).Reveal(): 1,
	}, Plan: notify.FreeTextSMS}, nil)); strings.Contains(got, number(0).Reveal()) {
		t.Error("an NHS number was printed")
	}
}

func TestFreeTextPlans(t *testing.T) {
	t.Parallel()
	for plan, want := range map[string][]string{
		notify.FreeTextApp:              {"body"},
		notify.FreeTextEmail:            {"email_body", "email_subject"},
		notify.FreeTextSMS:              {"sms_body"},
		notify.FreeTextAppThenEmail:     {"email_body", "email_subject", "nhsapp_body"},
		notify.FreeTextAppThenEmailSoon: {"email_body", "email_subject", "nhsapp_body"},
		notify.FreeTextAppThenSMS:       {"nhsapp_body", "sms_body"},
		notify.FreeTextAppThenSMSSoon:   {"nhsapp_body", "sms_body"},
		planID:                          nil,
	} {
		if diff := cmp.Diff(want, notify.FreeText(plan).Fields()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", plan, diff)
		}
		missing := notify.Lint(notify.Message{Plan: plan}, nil)
		if len(missing) != len(want) {
			t.Errorf("%s: %v", plan, missing)
		}
		if got := notify.FreeText(plan).AppFirst(); got != slices.Contains(want, "nhsapp_body") {
			t.Errorf("%s: app first %v", plan, got)
		}
	}
}

func TestEstimate(t *testing.T) {
	t.Parallel()
	sms := func(text string) notify.Templates { return notify.Templates{{Channel: notify.SMS, Text: text}} }
	for _, tc := range []struct {
		name      string
		templates notify.Templates
		want      notify.Estimate
	}{
		{"app and email", notify.Templates{{Channel: notify.NHSApp, Text: "a"}, {Channel: notify.Email, Text: "a"}}, notify.Estimate{Messages: 1}},
		{"app, SMS, letter", templates(), notify.Estimate{Messages: 1, Fragments: 1, Letters: 1, Most: 784}},
		{"letter", notify.Templates{{Channel: notify.Letter}}, notify.Estimate{Messages: 1, Letters: 1, Least: 760, Most: 760}},
		{"name", sms("Dear ((firstName))"), notify.Estimate{Messages: 1, Fragments: 1, Least: 24, Most: 24, Partial: true}},
		{"no templates", nil, notify.Estimate{Messages: 1, Partial: true}},
		{"empty templates", notify.Templates{}, notify.Estimate{Messages: 1, Partial: true}},
		{"text not known", sms(""), notify.Estimate{Messages: 1, Fragments: 1, Least: 24, Most: 24, Partial: true}},
		{"value missing", sms("See ((gone))"), notify.Estimate{Messages: 1, Fragments: 1, Least: 24, Most: 24, Partial: true}},
		{"value empty", sms("((none))"), notify.Estimate{Messages: 1}},
		{"unknown channel", notify.Templates{{Channel: "pigeon", Text: "a"}}, notify.Estimate{Messages: 1, Partial: true}},
	} {
		m := message(0)
		m.Personalisation = notify.Personalisation{"practice": "High Street", "phone": 1130001111, "days": []any{"1 May", 2}, "none": ""}
		if diff := cmp.Diff(tc.want, tc.templates.Estimate(m, notify.PublishedPrices())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
	free := notify.Message{Plan: notify.FreeTextSMS, Personalisation: notify.Personalisation{"sms_body": "a"}}
	if got := notify.Templates(nil).Estimate(free, notify.PublishedPrices()); got != (notify.Estimate{Messages: 1, Fragments: 1, Least: 24, Most: 24}) {
		t.Errorf("free text: %+v", got)
	}
	sum := notify.Estimate{Messages: 1, Fragments: 2, Letters: 3, Least: 4, Most: 5}.Plus(notify.Estimate{Messages: 10, Fragments: 20, Letters: 30, Least: 40, Most: 50, Partial: true})
	if diff := cmp.Diff(notify.Estimate{Messages: 11, Fragments: 22, Letters: 33, Least: 44, Most: 55, Partial: true}, sum); diff != "" {
		t.Errorf("sum (-want +got):\n%s", diff)
	}
}

// TestFragments holds the service's published table.
func TestFragments(t *testing.T) {
	t.Parallel()
	fragments := func(text string) int {
		m := notify.Message{Personalisation: notify.Personalisation{"sms_body": text}}
		return notify.FreeText(notify.FreeTextSMS).Estimate(m, notify.Prices{}).Fragments
	}
	for i, size := range []int{160, 306, 459, 612, 765, 918} {
		for text, want := range map[string]int{
			strings.Repeat("a", size):             i + 1,
			strings.Repeat("a", size+1):           i + 2,
			strings.Repeat("€", size/2):           i + 1,
			strings.Repeat("€", size/2+1):         i + 2,
			strings.Repeat("@£$¥èéùìòÇ", 16):      1,
			strings.Repeat("[]{}^\\|~", 10):       1,
			strings.Repeat("[]{}^\\|~", 10) + "a": 2,
		} {
			if got := fragments(text); got != want {
				t.Errorf("%d characters like %q: %d fragments, want %d", len([]rune(text)), []rune(text)[0], got, want)
			}
		}
	}
	for i, size := range []int{70, 134, 201, 268} {
		for text, want := range map[string]int{
			strings.Repeat("ŵ", size):     i + 1,
			strings.Repeat("ŵ", size+1):   i + 2,
			strings.Repeat("😀", size/2):   i + 1,
			strings.Repeat("😀", size/2+1): i + 2,
		} {
			if got := fragments(text); got != want {
				t.Errorf("%d characters like %q: %d fragments, want %d", len([]rune(text)), []rune(text)[0], got, want)
			}
		}
	}
	if got := fragments(""); got != 0 {
		t.Errorf("no text: %d fragments", got)
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	for amount, want := range map[notify.Money]string{
		0: "£0.00", 24: "£0.024", 760: "£0.76", 1200: "£1.20", 1_234_567: "£1234.567", -24: "-£0.024",
	} {
		if got := amount.String(); got != want {
			t.Errorf("%d is %s, want %s", int64(amount), got, want)
		}
	}
}

func ExampleLint() {
	plan := notify.Templates{
		{Channel: notify.NHSApp, Text: "Dear ((fullName)), please book a check at ((practice))."},
		{Channel: notify.SMS, Text: "Please book a check at ((practice))."},
	}
	m := notify.Message{Personalisation: notify.Personalisation{"practice": "Tŷ Elli", "NHS Number": "secret"}}
	for _, finding := range notify.Lint(m, plan) {
		fmt.Println(finding)
	}
	// Output:
	// reserved NHS Number
	// alphabet sms needs 1 fragments
}

func ExampleTemplates_Estimate() {
	plan := notify.Templates{
		{Channel: notify.NHSApp, Text: "Please book a check at ((practice))."},
		{Channel: notify.SMS, Text: "Please book a check at ((practice))."},
		{Channel: notify.Letter},
	}
	var total notify.Estimate
	for _, practice := range []string{"High Street", "Station Road"} {
		m := notify.Message{Personalisation: notify.Personalisation{"practice": practice}}
		total = total.Plus(plan.Estimate(m, notify.PublishedPrices()))
	}
	fmt.Printf("%d messages for %v to %v and VAT\n", total.Messages, total.Least, total.Most)
	// Output: 2 messages for £0.00 to £1.568 and VAT
}
