package notifytest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// get asks the fake, and returns status, header and body.
func get(service http.Handler, method, target string) (int, http.Header, string) {
	req := httptest.NewRequest(method, target, nil)
	req.Header.Set("Authorization", "Bearer t")
	recorder := httptest.NewRecorder()
	service.ServeHTTP(recorder, req)
	return recorder.Code, recorder.Header(), recorder.Body.String()
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	service := newServer(func(o *notifytest.Options) {
		o.AccountsPerPage = 2
		o.Accounts = map[string][]notify.AppAccount{"A12345": nil, "y0a1b": {
			{Person: nhs.MustNumber("9990000018"), Notifications: true},
			{Person: nhs.MustNumber("9990000026")},
			{Person: nhs.MustNumber("9990000034")},
		}}
	})
	const all = `{"data":{"attributes":{"accounts":[%s]},"id":"%s","type":"NhsAppAccounts"},"links":{%s}}`
	link := func(rel, code string, page int) string {
		return fmt.Sprintf(`"%s":"https://api.service.nhs.uk/comms/channels/nhsapp/accounts?ods-organisation-code=%s&page=%d"`, rel, code, page)
	}
	first := fmt.Sprintf(all, `{"nhsNumber":"9990000018","notificationsEnabled":true},{"nhsNumber":"9990000026","notificationsEnabled":false}`,
		"Y0A1B", link("last", "Y0A1B", 2)+","+link("next", "Y0A1B", 2)+","+link("self", "Y0A1B", 1))
	second := fmt.Sprintf(all, `{"nhsNumber":"9990000034","notificationsEnabled":false}`,
		"Y0A1B", link("last", "Y0A1B", 2)+","+link("self", "Y0A1B", 2))
	empty := fmt.Sprintf(all, "", "A12345", link("last", "A12345", 1)+","+link("self", "A12345", 1))
	cases := []struct {
		query  string
		status int
		want   string // body of a success, or code and detail
	}{
		{"ods-organisation-code=Y0A1B", 200, first},
		{"ods-organisation-code=y0a1b&page=1", 200, first},
		{"ods-organisation-code=Y0A1B&page=2", 200, second},
		{"ods-organisation-code=A12345", 200, empty},
		{"ods-organisation-code=Y0A1B&page=3", 404, "CM_NOT_FOUND Report not found"},
		{"ods-organisation-code=Y0A1B&page=1.5", 404, "CM_NOT_FOUND Report not found"},
		{"ods-organisation-code=B12345", 404, "CM_NOT_FOUND Report not found"},
		{"ods-organisation-code=X26", 404, "CM_NOT_FOUND Report not found"},
		{"", 400, "CM_INVALID_REQUEST Missing ODS Code"},
		{"ods-organisation-code=B1234", 400, "CM_INVALID_REQUEST Invalid ODS Code"},
		{"ods-organisation-code=A12345&page=0", 400, "CM_INVALID_REQUEST page must be a positive non-zero integer"},
		{"ods-organisation-code=A12345&page=-1", 400, "CM_INVALID_REQUEST page must be a positive non-zero integer"},
		{"ods-organisation-code=A12345&page=two", 400, "CM_INVALID_REQUEST page must be a positive non-zero integer"},
		{"ods-organisation-code=A12345&page=NaN", 400, "CM_INVALID_REQUEST page must be a positive non-zero integer"},
	}
	for _, tc := range cases {
		status, _, body := get(service, http.MethodGet, "/comms/channels/nhsapp/accounts?"+tc.query)
		if status != http.StatusOK {
			body = firstError(t, body)
		}
		body = strings.ReplaceAll(body, `\u0026`, "&")
		if diff := cmp.Diff(tc.want, body); diff != "" || status != tc.status {
			t.Errorf("%s: status %d, body (-want +got):\n%s", tc.query, status, diff)
		}
	}
	if status, _, _ := get(service, http.MethodHead, "/comms/channels/nhsapp/accounts?ods-organisation-code=Y0A1B"); status != http.StatusMethodNotAllowed {
		t.Errorf("HEAD: status %d", status)
	}
}

func firstError(t *testing.T, body string) string {
	t.Helper()
	var answer struct {
		Errors []struct {
			Code   string `json:"code"`
			Detail string `json:"detail"`
		} `json:"errors"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Errors) == 0 {
		t.Fatalf("no errors in %s", body)
	}
	return answer.Errors[0].Code + " " + answer.Errors[0].Detail
}

func TestHead(t *testing.T) {
	t.Parallel()
	service := newServer()
	_, _, header := post(service, "/comms/v1/messages", single("r", "9990000018"))
	path := "/comms" + header.Get("Location")
	if status, header, body := get(service, http.MethodHead, path); status != 200 || body != "" || header.Get("Content-Type") != "application/vnd.api+json" {
		t.Errorf("status %d, header %v, body %q", status, header, body)
	}
	if status, _, body := get(service, http.MethodHead, path+"x"); status != 404 || body != "" {
		t.Errorf("unknown: status %d, body %q", status, body)
	}
}

func TestContactDetails(t *testing.T) {
	t.Parallel()
	const place = "/data/attributes/recipient/contactDetails"
	const good = `"sms":"07700900000","email":"a@b.nhs.uk","address":{"lines":["1 High Street","Leeds"],"postcode":"LS1 6AE"},` +
		`"name":{"prefix":"Dr","firstName":"A","middleNames":"B","lastName":"C","suffix":"D"}`
	cases := []struct {
		name, details string
		want          []string
	}{
		{"all", "{" + good + "}", nil},
		{"none", "{}", nil},
		{"no object", `"x"`, []string{"CM_INVALID_VALUE " + place}},
		{"numbers", `{"sms":7,"email":7,"address":7,"name":7}`, []string{
			"CM_INVALID_VALUE " + place + "/sms", "CM_INVALID_VALUE " + place + "/email",
			"CM_INVALID_VALUE " + place + "/address", "CM_INVALID_VALUE " + place + "/name",
		}},
		{"short", `{"email":"a@b.c"}`, []string{"CM_INVALID_VALUE " + place + "/email"}},
		{"long", `{"email":"` + strings.Repeat("a", 90) + `@b.nhs.uk"}`, []string{"CM_INVALID_VALUE " + place + "/email"}},
		{"form", `{"email":"a at b.nhs.uk"}`, []string{"CM_INVALID_VALUE " + place + "/email"}},
		{"bare address", `{"address":{}}`, []string{"CM_MISSING_VALUE " + place + "/address", "CM_MISSING_VALUE " + place + "/address"}},
		{"one line", `{"address":{"lines":["1"],"postcode":"LS1"}}`, []string{"CM_TOO_FEW_ITEMS " + place + "/address"}},
		{"six lines", `{"address":{"lines":["1","2","3","4","5","6"],"postcode":"LS1"}}`, []string{"CM_INVALID_VALUE " + place + "/address"}},
		{"odd lines", `{"address":{"lines":["1",2],"postcode":3}}`, []string{"CM_INVALID_VALUE " + place + "/address", "CM_INVALID_VALUE " + place + "/address/postcode"}},
		{"name", `{"name":{"firstName":1}}`, []string{"CM_MISSING_VALUE " + place + "/name", "CM_INVALID_VALUE " + place + "/name/firstName"}},
	}
	for _, tc := range cases {
		body := strings.Replace(single("r", "9990000018"), `"nhsNumber"`, `"contactDetails":`+tc.details+`,"nhsNumber"`, 1)
		may := newServer(func(o *notifytest.Options) { o.ContactDetails = true })
		if _, codes, _ := post(may, "/comms/v1/messages", body); !cmp.Equal(tc.want, codes) {
			t.Errorf("%s: errors %q, want %q", tc.name, codes, tc.want)
		}
		if _, codes, _ := post(newServer(), "/comms/v1/messages", body); !cmp.Equal([]string{"CM_CANNOT_SET_CONTACT_DETAILS " + place}, codes) {
			t.Errorf("%s: errors %q of an account that may not", tc.name, codes)
		}
	}
	nobody := strings.Replace(single("r", ""), `"nhsNumber":""`, `"contactDetails":{`+good+`}`, 1)
	may := newServer(func(o *notifytest.Options) { o.ContactDetails = true })
	if status, codes, _ := post(may, "/comms/v1/messages", nobody); status != 201 {
		t.Errorf("without NHS number: status %d, errors %q", status, codes)
	}
	many := strings.TrimSuffix(strings.Repeat(`{"messageReference":"%d","recipient":{"contactDetails":7}},`, 150), ",")
	numbers := make([]any, 150)
	for i := range numbers {
		numbers[i] = i
	}
	if _, codes, _ := post(may, "/comms/v1/message-batches", batch(fmt.Sprintf(many, numbers...))); len(codes) != 100 {
		t.Errorf("%d errors, want 100", len(codes))
	}
}

func TestOriginator(t *testing.T) {
	t.Parallel()
	with := strings.Replace(single("r", "9990000018"), `"recipient"`, `"originator":{"odsCode":"X26"},"recipient"`, 1)
	without := single("r", "9990000018")
	cases := []struct {
		rule notifytest.Originator
		body string
		want []string
	}{
		{notifytest.OriginatorOptional, with, nil},
		{notifytest.OriginatorOptional, without, nil},
		{notifytest.OriginatorFixed, with, []string{"CM_CANNOT_SET_ODS_CODE /data/attributes/messages"}},
		{notifytest.OriginatorFixed, without, nil},
		{notifytest.OriginatorRequired, with, nil},
		{notifytest.OriginatorRequired, without, []string{"CM_ODS_CODE_REQUIRED /data/attributes/messages"}},
	}
	for _, tc := range cases {
		service := newServer(func(o *notifytest.Options) { o.Originator = tc.rule })
		if _, codes, _ := post(service, "/comms/v1/messages", tc.body); !cmp.Equal(tc.want, codes) {
			t.Errorf("rule %d: errors %q, want %q", tc.rule, codes, tc.want)
		}
	}
}

func TestFaultyPlansAndBan(t *testing.T) {
	t.Parallel()
	const at = " /data/attributes/routingPlanId"
	missing := newServer(func(o *notifytest.Options) { o.Plans[0].MissingTemplates = true })
	if status, codes, _ := post(missing, "/comms/v1/messages", single("r", "9990000018")); status != 500 || codes[0] != "CM_MISSING_ROUTING_PLAN_TEMPLATE"+at {
		t.Errorf("status %d, errors %q", status, codes)
	}
	twice := newServer(func(o *notifytest.Options) { o.Plans[0].DuplicateTemplates = []string{"reminder"} })
	if status, codes, _ := post(twice, "/comms/v1/messages", single("r", "9990000018")); status != 500 || codes[0] != "CM_ROUTING_PLAN_DUPLICATE_TEMPLATES"+at {
		t.Errorf("status %d, errors %q", status, codes)
	}
	service := newServer()
	service.Ban(true)
	if status, codes, _ := post(service, "/comms/v1/messages", single("r", "9990000018")); status != 403 || codes[0] != "CM_SERVICE_BAN Authorization" {
		t.Errorf("status %d, errors %q", status, codes)
	}
	service.Ban(false)
	if status, _, _ := post(service, "/comms/v1/messages", single("r", "9990000018")); status != 201 {
		t.Errorf("after the ban: status %d", status)
	}
}

// TestSlow wants the work done by the time a client loses patience.
func TestSlow(t *testing.T) {
	t.Parallel()
	service := newServer(func(o *notifytest.Options) {
		o.Fault = func(*http.Request) notifytest.Fault { return notifytest.Fault{Delay: time.Hour} }
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	status, _, _ := post(service, "/comms/v1/messages", single("r", "9990000018"), func(r *http.Request) { *r = *r.WithContext(ctx) })
	if status != 201 || service.Messages() != 1 {
		t.Errorf("status %d, %d messages", status, service.Messages())
	}
}
