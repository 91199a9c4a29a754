package conformance_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/caas/caastest"
	"github.com/personalised-prevention/nhs/nhstest"
)

// bad is a request that a service refuses.
type bad struct {
	method, target string
	edit           map[string]string // headers; "-" takes one away
	body           string

	status int
	code   string

	// unsaid says why the document has nothing against the request, or "".
	unsaid string
}

// refusals sends bad requests to a service: the document forbids each, the fake
// refuses it with the status and code of the real service, and the refusal is as
// described. Requests have the given headers, with a bearer token or, for MESH, a
// token for each.
func refusals(t *testing.T, c *contract, authorization func(name string) string, header map[string]string, table map[string]bad) {
	t.Helper()
	for name, tt := range table {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), tt.method, c.doc.Servers[0].URL+tt.target, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			all := map[string]string{"User-Agent": "nhs-go/test", "Authorization": authorization(name)}
			maps.Copy(all, header)
			maps.Copy(all, tt.edit)
			for key, value := range all {
				if value != "-" {
					req.Header.Set(key, value)
				}
			}
			x, err := send(http.DefaultTransport, req)
			if err != nil {
				t.Fatal(err)
			}
			switch err := c.checkRequest(t.Context(), x); {
			case err == nil && tt.unsaid == "":
				t.Error("the document has nothing against the request")
			case err != nil && tt.unsaid != "":
				t.Errorf("the document forbids the request: %v", err)
			}
			if got := codeOf(x.responseBody); x.response.StatusCode != tt.status || got != tt.code {
				t.Errorf("got %d %q, want %d %q: %s", x.response.StatusCode, got, tt.status, tt.code, x.responseBody)
			}
			if x.input.Route == nil { // no operation, so no answer is described
				return
			}
			if err := c.checkResponse(t.Context(), x); err != nil {
				t.Errorf("refusal %s: %v", x.responseBody, err)
			}
		})
	}
}

// codeOf finds the first code in a refusal of any service.
func codeOf(body []byte) string {
	var r struct {
		Issue []struct {
			Code    string `json:"code"`
			Details struct {
				Coding []struct {
					Code string `json:"code"`
				} `json:"coding"`
			} `json:"details"`
		} `json:"issue"`
		Errors []struct {
			Code       string `json:"code"`
			Extensions struct {
				Code string `json:"code"`
			} `json:"extensions"`
		} `json:"errors"`
		Detail []struct {
			Code string `json:"code"`
			Type string `json:"type"`
		} `json:"detail"`
	}
	_ = json.Unmarshal(body, &r) // a body of another form has no code
	switch {
	case len(r.Issue) > 0 && len(r.Issue[0].Details.Coding) > 0:
		return r.Issue[0].Details.Coding[0].Code
	case len(r.Issue) > 0:
		return r.Issue[0].Code
	case len(r.Errors) > 0:
		return r.Errors[0].Code + r.Errors[0].Extensions.Code
	case len(r.Detail) > 0:
		return r.Detail[0].Code + r.Detail[0].Type
	default:
		return ""
	}
}

// bearer returns the value of Authorization with a live token of the services.
func bearer(t *testing.T, services *nhstest.NHS) func(string) string {
	t.Helper()
	app, err := services.App("conformance", nhs.WithClock(started))
	if err != nil {
		t.Fatal(err)
	}
	text, err := app.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return func(string) string { return "Bearer " + text }
}

const aUUID = "60e0b220-8136-4ca5-ae46-1d97ef59d068"

const gatewayOnly = "only the service can tell"

func TestPDS_strict(t *testing.T) {
	t.Parallel()
	services := start(t, nhstest.Options{})
	if err := services.PDS.Put(population(t)...); err != nil {
		t.Fatal(err)
	}
	const anna, search = "/Patient/9990000018", "/Patient?family=Capon&birthdate=eq1953-05-29"
	get := func(target string, status int, code, unsaid string, edit ...string) bad {
		b := bad{method: http.MethodGet, target: target, status: status, code: code, unsaid: unsaid, edit: map[string]string{}}
		if len(edit) == 2 {
			b.edit[edit[0]] = edit[1]
		}
		return b
	}
	refusals(t, newContract(t, nhs.PDS, services.Environment()), bearer(t, services), map[string]string{
		"X-Request-ID": aUUID, "Accept": "application/fhir+json",
	}, map[string]bad{
		"no request id":                   get(anna, 400, "MISSING_VALUE", "", "X-Request-ID", "-"),
		"no request id, search":           get(search, 400, "MISSING_VALUE", "", "X-Request-ID", "-"),
		"request id is no UUID":           get(anna, 400, "INVALID_VALUE", "", "X-Request-ID", "1234"),
		"no authorization":                get(anna, 401, "ACCESS_DENIED", "", "Authorization", "-"),
		"other authorization":             get(anna, 401, "ACCESS_DENIED", "", "Authorization", "Basic abc"),
		"bearer without a token":          get(anna, 401, "ACCESS_DENIED", "", "Authorization", "Bearer "),
		"made-up token":                   get(anna, 401, "ACCESS_DENIED", gatewayOnly, "Authorization", "Bearer made-up"),
		"made-up token, search":           get(search, 401, "ACCESS_DENIED", gatewayOnly, "Authorization", "Bearer made-up"),
		"unknown parameter":               get(search+"&year=1953", 400, "ADDITIONAL_PROPERTIES", ""),
		"malformed date":                  get("/Patient?family=Capon&birthdate=19530529", 400, "INVALID_VALUE", ""),
		"malformed date of death":         get(search+"&death-date=gt2020-01-01", 400, "INVALID_VALUE", ""),
		"long family name":                get("/Patient?birthdate=eq1953-05-29&family="+strings.Repeat("x", 36), 400, "INVALID_VALUE", ""),
		"long given name":                 get(search+"&given="+strings.Repeat("x", 36), 400, "INVALID_VALUE", ""),
		"history is no boolean":           get(search+"&_history=maybe", 400, "INVALID_VALUE", ""),
		"fuzzy is no boolean":             get(search+"&_fuzzy-match=maybe", 400, "INVALID_VALUE", ""),
		"exact is no boolean":             get(search+"&_exact-match=maybe", 400, "INVALID_VALUE", ""),
		"too many results":                get(search+"&_max-results=51", 403, "INVALID_VALUE", ""),
		"more results than one":           get(search+"&_max-results=2", 403, "INVALID_VALUE", "healthcare workers may"),
		"no parameters":                   get("/Patient", 400, "UNSUPPORTED_SERVICE", "every parameter is optional by itself"),
		"no date of birth":                get("/Patient?family=Capon", 400, "MISSING_VALUE", "every parameter is optional by itself"),
		"no family name":                  get("/Patient?birthdate=1953-05-29", 400, "INVALID_SEARCH_DATA", "every parameter is optional by itself"),
		"too little for fuzzy":            get("/Patient?family=Capon&birthdate=1953-05-29&_fuzzy-match=true", 400, "INVALID_SEARCH_DATA", "every parameter is optional by itself"),
		"number of another length":        get("/Patient/999", 400, "INVALID_RESOURCE_ID", gatewayOnly),
		"number with a wrong check digit": get("/Patient/9990000019", 400, "INVALID_RESOURCE_ID", gatewayOnly),
		"unknown path":                    get("/HelloWorld", 400, "UNSUPPORTED_REQUEST", ""),
		"replace":                         {method: http.MethodPut, target: anna, status: 400, code: "UNSUPPORTED_SERVICE"},
		"delete":                          {method: http.MethodDelete, target: anna, status: 400, code: "UNSUPPORTED_SERVICE"},
	})
}

func TestNotify_strict(t *testing.T) {
	t.Parallel()
	services := start(t, nhstest.Options{Notify: notifyOptions()})
	const (
		vnd     = "application/vnd.api+json"
		single  = `{"data":{"type":"Message","attributes":{"routingPlanId":"` + planID + `","messageReference":"r","recipient":{"nhsNumber":"9990000018"}}}}`
		several = `{"data":{"type":"MessageBatch","attributes":{"routingPlanId":"` + planID +
			`","messageBatchReference":"b","messages":[{"messageReference":"r","recipient":{"nhsNumber":"9990000018"}}]}}}`
	)
	post := func(target, body, from, to string, status int, code, unsaid string) bad {
		if spoilt := strings.Replace(body, from, to, 1); spoilt != body {
			body = spoilt
		} else if from != "" {
			t.Errorf("%s does not occur", from)
		}
		return bad{method: http.MethodPost, target: target, body: body, status: status, code: code, unsaid: unsaid}
	}
	header := func(name, value string, status int, code, unsaid string) bad {
		b := post("/v1/messages", single, "", "", status, code, unsaid)
		b.edit = map[string]string{name: value}
		return b
	}
	message := func(from, to, code, unsaid string) bad {
		return post("/v1/messages", single, from, to, 400, code, unsaid)
	}
	batch := func(from, to, code, unsaid string) bad {
		return post("/v1/message-batches", several, from, to, 400, code, unsaid)
	}
	contact := func(details, code, unsaid string) bad {
		return message(`"nhsNumber"`, `"contactDetails":`+details+`,"nhsNumber"`, code, unsaid)
	}
	accounts := func(query string, status int, code, unsaid string) bad {
		return bad{
			method: http.MethodGet, target: "/channels/nhsapp/accounts" + query, edit: map[string]string{"Content-Type": "-"},
			status: status, code: code, unsaid: unsaid,
		}
	}
	item := `{"messageReference":"r","recipient":{"nhsNumber":"9990000018"}}`
	refusals(t, newContract(t, nhs.Notify, services.Environment()), bearer(t, services), map[string]string{
		"X-Correlation-ID": aUUID, "Accept": vnd, "Content-Type": vnd,
	}, map[string]bad{
		"no authorization":      header("Authorization", "-", 401, "CM_DENIED", ""),
		"other authorization":   header("Authorization", "Basic abc", 401, "CM_DENIED", ""),
		"made-up token":         header("Authorization", "Bearer made-up", 401, "CM_DENIED", gatewayOnly),
		"content type":          header("Content-Type", "text/plain", 415, "CM_UNSUPPORTED_MEDIA", ""),
		"no content type":       header("Content-Type", "-", 415, "CM_UNSUPPORTED_MEDIA", ""),
		"content type, charset": header("Content-Type", vnd+"; charset=utf-8", 415, "CM_UNSUPPORTED_MEDIA", "OpenAPI ignores parameters of media types"),
		"accept":                header("Accept", "text/html", 406, "CM_NOT_ACCEPTABLE", ""),
		"accept, a list":        header("Accept", vnd+", text/html", 406, "CM_NOT_ACCEPTABLE", ""),
		"unknown path":          post("/v1/letters", single, "", "", 404, "CM_NOT_FOUND", ""),
		"method":                {method: http.MethodDelete, target: "/v1/messages", status: 405, code: "CM_NOT_ALLOWED"},
		"not JSON":              message("{", "", "CM_INVALID_VALUE", ""),
		"a list":                post("/v1/messages", "[]", "", "", 400, "CM_INVALID_VALUE", ""),
		"no data":               post("/v1/messages", "{}", "", "", 400, "CM_MISSING_VALUE", ""),
		"data is null":          post("/v1/messages", `{"data":null}`, "", "", 400, "CM_NULL_VALUE", ""),
		"no type":               message(`"type":"Message",`, "", "CM_MISSING_VALUE", ""),
		"other type":            message(`"Message"`, `"Letter"`, "CM_INVALID_VALUE", "the document leaves every enumeration open"),
		"no plan":               message(`"routingPlanId":"`+planID+`",`, "", "CM_MISSING_VALUE", ""),
		"plan is no UUID":       message(planID, "plan-1", "CM_INVALID_VALUE", "the document describes identifiers in words"),
		"no reference":          message(`"messageReference":"r",`, "", "CM_MISSING_VALUE", ""),
		"blank reference":       message(`"messageReference":"r"`, `"messageReference":" "`, "CM_INVALID_VALUE", gatewayOnly),
		"no recipient":          message(`,"recipient":{"nhsNumber":"9990000018"}`, "", "CM_MISSING_VALUE", ""),
		"number is a number":    message(`"9990000018"`, "9990000018", "CM_INVALID_NHS_NUMBER", ""),
		"number is null":        message(`"9990000018"`, "null", "CM_NULL_VALUE", ""),
		"wrong check digit":     message("9990000018", "9990000019", "CM_INVALID_NHS_NUMBER", gatewayOnly),
		"spaced number":         message("9990000018", "999 000 0018", "CM_INVALID_NHS_NUMBER", gatewayOnly),
		"code is a number":      message(`"recipient"`, `"originator":{"odsCode":1},"recipient"`, "CM_INVALID_VALUE", ""),
		"personalisation":       message(`"recipient"`, `"personalisation":[],"recipient"`, "CM_INVALID_VALUE", ""),
		"null personalisation":  message(`"recipient"`, `"personalisation":null,"recipient"`, "CM_NULL_VALUE", ""),
		"no batch reference":    batch(`"messageBatchReference":"b",`, "", "CM_MISSING_VALUE", ""),
		"empty batch":           batch(item, "", "CM_TOO_FEW_ITEMS", ""),
		"batch is an object":    batch("["+item+"]", item, "CM_INVALID_VALUE", ""),
		"null in a batch":       batch(item, "null", "CM_NULL_VALUE", ""),
		"reference twice":       batch(item, item+","+item, "CM_DUPLICATE_VALUE", gatewayOnly),
		"unknown plan":          post("/v1/messages", single, planID, otherPlanID, 404, "CM_NO_SUCH_ROUTING_PLAN", gatewayOnly),
		"phone is a number":     contact(`{"sms":7}`, "CM_INVALID_VALUE", ""),
		"short email":           contact(`{"email":"a@b.c"}`, "CM_INVALID_VALUE", ""),
		"email of another form": contact(`{"email":"anna at home"}`, "CM_INVALID_VALUE", gatewayOnly),
		"one address line":      contact(`{"address":{"lines":["1"],"postcode":"LS1 6AE"}}`, "CM_TOO_FEW_ITEMS", ""),
		"six address lines":     contact(`{"address":{"lines":["1","2","3","4","5","6"],"postcode":"LS1 6AE"}}`, "CM_INVALID_VALUE", ""),
		"no postcode":           contact(`{"address":{"lines":["1","2"]}}`, "CM_MISSING_VALUE", ""),
		"no last name":          contact(`{"name":{"firstName":"Anna"}}`, "CM_MISSING_VALUE", ""),
		"no practice":           accounts("", 400, "CM_INVALID_REQUEST", ""),
		"no practice's code":    accounts("?ods-organisation-code=12", 400, "CM_INVALID_REQUEST", "the document describes identifiers in words"),
		"unknown practice":      accounts("?ods-organisation-code=B12345", 404, "CM_NOT_FOUND", gatewayOnly),
		"page 0":                accounts("?ods-organisation-code=A12345&page=0", 400, "CM_INVALID_REQUEST", ""),
		"page two":              accounts("?ods-organisation-code=A12345&page=two", 400, "CM_INVALID_REQUEST", ""),
		"page 1.5":              accounts("?ods-organisation-code=A12345&page=1.5", 404, "CM_NOT_FOUND", ""),
		"page past the end":     accounts("?ods-organisation-code=A12345&page=3", 404, "CM_NOT_FOUND", gatewayOnly),
		"unknown message":       {method: http.MethodGet, target: "/v1/messages/none", edit: map[string]string{"Content-Type": "-"}, status: 404, code: "CM_NOT_FOUND", unsaid: gatewayOnly},
	})
}

// meshToken returns a token of the sender's mailbox, made with the given password
// and a nonce for the named test.
func meshToken(password, test string) string {
	nonce := fmt.Sprintf("%x", sha256.Sum256([]byte(test)))
	timestamp := started().Format("200601021504")
	mac := hmac.New(sha256.New, []byte("TestKey"))
	mac.Write([]byte("X26SENDER:" + nonce + ":0:" + password + ":" + timestamp))
	return "NHSMESH X26SENDER:" + nonce + ":0:" + timestamp + ":" + hex.EncodeToString(mac.Sum(nil))
}

func TestMESH_strict(t *testing.T) {
	t.Parallel()
	services := start(t, nhstest.Options{MESH: meshOptions()})
	const box = "/messageexchange/X26SENDER"
	handshake := func(status int, code, unsaid string, edit ...string) bad {
		b := bad{method: http.MethodPost, target: box, status: status, code: code, unsaid: unsaid, edit: map[string]string{
			"Mex-Clientversion": "1", "Mex-Osname": "linux", "Mex-Osversion": "1",
		}}
		b.edit[edit[0]] = edit[1]
		return b
	}
	list := func(query, unsaid string) bad {
		return bad{method: http.MethodGet, target: box + "/inbox?" + query, status: 400, unsaid: unsaid}
	}
	outbox := func(status int, code, unsaid string, edit ...string) bad {
		b := bad{method: http.MethodPost, target: box + "/outbox", body: "content", status: status, code: code, unsaid: unsaid, edit: map[string]string{
			"Mex-To": "X26READER", "Mex-Workflowid": "TEST", "Content-Type": "application/octet-stream",
		}}
		b.edit[edit[0]] = edit[1]
		return b
	}
	authorization := func(name string) string { return meshToken("password", name) }
	empty := outbox(417, "02", "", "Mex-Localid", "l")
	empty.body = ""
	refusals(t, newContract(t, nhs.MESH, services.Environment()), authorization, map[string]string{
		"Accept": "application/vnd.mesh.v2+json",
	}, map[string]bad{
		"no authorization":            handshake(403, "", "", "Authorization", "-"),
		"bearer token":                handshake(403, "", "", "Authorization", "Bearer abc"),
		"wrong password":              handshake(403, "", gatewayOnly, "Authorization", meshToken("guessed", "wrong password")),
		"another mailbox":             {method: http.MethodGet, target: "/messageexchange/X26READER/inbox", status: 403, unsaid: gatewayOnly},
		"version 1":                   handshake(400, "", "", "Accept", "application/json"),
		"no client version":           handshake(400, "missing", "", "Mex-Clientversion", "-"),
		"no system name":              handshake(400, "missing", "", "Mex-Osname", "-"),
		"no system version":           handshake(400, "missing", "", "Mex-Osversion", "-"),
		"few results":                 list("max_results=9", ""),
		"many results":                list("max_results=5001", ""),
		"results are no number":       list("max_results=all", ""),
		"short continuation":          list("continue_from=abc", ""),
		"made-up continuation":        list("continue_from="+strings.Repeat("%3F", 24), gatewayOnly),
		"no recipient":                outbox(400, "08", "", "Mex-To", "-"),
		"no workflow":                 outbox(400, "06", "", "Mex-Workflowid", "-"),
		"long recipient":              outbox(400, "06", "", "Mex-To", strings.Repeat("x", 101)),
		"long workflow":               outbox(400, "06", "", "Mex-Workflowid", strings.Repeat("x", 301)),
		"long subject":                outbox(400, "06", "", "Mex-Subject", strings.Repeat("x", 501)),
		"long local id":               outbox(400, "06", "", "Mex-Localid", strings.Repeat("x", 301)),
		"long file name":              outbox(400, "06", "", "Mex-Filename", strings.Repeat("x", 301)),
		"no content":                  empty,
		"other encoding":              outbox(422, "UnsupportedContentEncoding", "the document describes the encoding in words", "Content-Encoding", "br"),
		"unregistered recipient":      outbox(417, "12", gatewayOnly, "Mex-To", "X26NOBODY"),
		"unregistered workflow":       outbox(417, "17", gatewayOnly, "Mex-Workflowid", "OTHER"),
		"no such message":             {method: http.MethodGet, target: box + "/inbox/NONE", status: 404, code: "20", unsaid: gatewayOnly},
		"no such chunk":               {method: http.MethodGet, target: box + "/inbox/NONE/1", status: 404, code: "20", unsaid: gatewayOnly},
		"acknowledge no such message": {method: http.MethodPut, target: box + "/inbox/NONE/status/acknowledged", status: 404, code: "20", unsaid: gatewayOnly},
	})
}

func TestCaaS_strict(t *testing.T) {
	t.Parallel()
	services := start(t, nhstest.Options{CaaS: caastest.Options{
		Cohorts: []caas.Cohort{cohort()},
		Authorize: func(r *http.Request) error {
			if r.Header.Get("Authorization") != "Bearer good" {
				return http.ErrNoCookie
			}
			return nil
		},
	}})
	authorization := func(string) string { return "Bearer good" }
	const slug = `{"operationName":"A","query":"query A($urlSlug: String!) { PublishedCohortLibraryGetBySlugName(urlSlug: $urlSlug) { __typename } }",` +
		`"variables":{"urlSlug":"flu"}}`
	post := func(body string, status int, code, unsaid string, edit ...string) bad {
		b := bad{method: http.MethodPost, target: "/api", body: body, status: status, code: code, unsaid: unsaid, edit: map[string]string{}}
		if len(edit) == 2 {
			b.edit[edit[0]] = edit[1]
		}
		return b
	}
	refusals(t, newContract(t, nhs.CaaS, services.Environment()), authorization, map[string]string{
		"X-Request-ID": aUUID, "Accept": "application/json", "Content-Type": "application/json",
	}, map[string]bad{
		"no authorization":    post(slug, 401, "login", "", "Authorization", "-"),
		"made-up token":       post(slug, 401, "login", gatewayOnly, "Authorization", "Bearer made-up"),
		"unknown path":        {method: http.MethodPost, target: "/", body: slug, status: 404, code: "not-found"},
		"method":              {method: http.MethodGet, target: "/api", status: 400, code: "BAD_REQUEST"},
		"content type":        post(slug, 400, "BAD_REQUEST", "", "Content-Type", "text/plain"),
		"not JSON":            post("{", 400, "BAD_REQUEST", ""),
		"no query":            post(`{"operationName":"A"}`, 400, "BAD_REQUEST", ""),
		"asks for nothing":    post(`{"operationName":"A","query":"query A { id }"}`, 400, "GRAPHQL_VALIDATION_FAILED", gatewayOnly),
		"unknown field":       post(strings.Replace(slug, "__typename", "colour", 1), 400, "GRAPHQL_VALIDATION_FAILED", gatewayOnly),
		"variable of no text": post(strings.Replace(slug, `"flu"`, "5", 1), 200, "BAD_USER_INPUT", ""),
		"no variables":        post(strings.Replace(slug, `,"variables":{"urlSlug":"flu"}`, "", 1), 200, "BAD_USER_INPUT", "the other query has none"),
	})
}
