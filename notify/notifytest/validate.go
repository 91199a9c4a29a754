package notifytest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs"
)

// request is what is left of a valid request body.
type request struct {
	plan      string
	reference string // of the message, or of the batch
	items     []item
}

// item is one message of a request.
type item struct {
	reference       string
	to              nhs.Number // zero when there is none
	originator      string
	contacts        any // contact details as they came, nil when there are none
	personalisation map[string]any
}

const (
	maxItems = 45_000
	maxBytes = 5_200_000
)

var uuid = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// read parses and validates a body in the gateway's order: the envelope, the
// plan, the references, then item by item. It leaves fields alone that the
// gateway knows nothing of. kind is "Message" or "MessageBatch".
func read(body io.Reader, kind string) (request, []complaint) {
	text, err := io.ReadAll(io.LimitReader(body, maxBytes+1))
	if err != nil || len(text) > maxBytes {
		return request{}, []complaint{{code: "CM_TOO_LARGE", status: http.StatusRequestEntityTooLarge, pointer: "/"}}
	}
	var document any
	if json.Unmarshal(text, &document) != nil {
		return request{}, []complaint{{code: "CM_INVALID_VALUE", status: http.StatusBadRequest, pointer: "/"}}
	}
	if document == nil { // the gateway's oversight
		return request{}, one("CM_INTERNAL_SERVER_ERROR", http.StatusInternalServerError)
	}
	v := &validator{}
	root, ok := document.(map[string]any)
	if !ok {
		v.bad("CM_INVALID_VALUE", "/")
		return request{}, v.complaints
	}
	var req request
	if data := v.object(root, "data", ""); data != nil {
		if name, ok := v.text(data, "type", "/data"); ok && name != kind {
			v.bad("CM_INVALID_VALUE", "/data/type")
		}
		if attributes := v.object(data, "attributes", "/data"); attributes != nil {
			req = v.attributes(attributes, kind)
		}
	}
	return req, v.complaints
}

// validator collects complaints.
type validator struct{ complaints []complaint }

func (v *validator) bad(code, pointer string) {
	if !v.full() {
		v.complaints = append(v.complaints, complaint{code: code, status: http.StatusBadRequest, pointer: pointer})
	}
}

func (v *validator) full() bool { return len(v.complaints) >= maxComplaints }

func (v *validator) attributes(attributes map[string]any, kind string) request {
	const at = "/data/attributes"
	var req request
	if plan, ok := v.text(attributes, "routingPlanId", at); ok {
		if !uuid.MatchString(plan) {
			v.bad("CM_INVALID_VALUE", at+"/routingPlanId")
		}
		req.plan = strings.ToLower(plan)
	}
	if kind == "Message" {
		single := v.item(attributes, at)
		req.reference, req.items = single.reference, []item{single}
		return req
	}
	req.reference = v.reference(attributes, "messageBatchReference", at)
	list, ok := v.present(attributes, "messages", at)
	messages, isList := list.([]any)
	switch {
	case !ok:
	case !isList:
		v.bad("CM_INVALID_VALUE", at+"/messages")
	case len(messages) < 1:
		v.bad("CM_TOO_FEW_ITEMS", at+"/messages")
	case len(messages) > maxItems:
		v.complaints = append(v.complaints, complaint{
			code: "CM_TOO_MANY_ITEMS", status: http.StatusRequestEntityTooLarge, pointer: at + "/messages",
		})
	default:
		req.items = v.items(messages, at+"/messages/")
	}
	return req
}

func (v *validator) items(messages []any, at string) []item {
	seen := map[string]bool{}
	items := make([]item, 0, len(messages))
	for i, m := range messages {
		if v.full() {
			break
		}
		pointer := at + strconv.Itoa(i)
		fields, ok := m.(map[string]any)
		switch {
		case m == nil:
			v.bad("CM_NULL_VALUE", pointer)
			continue
		case !ok:
			v.bad("CM_INVALID_VALUE", pointer)
			continue
		}
		it := v.item(fields, pointer)
		if it.reference != "" && seen[it.reference] {
			v.bad("CM_DUPLICATE_VALUE", pointer+"/messageReference")
		}
		seen[it.reference] = true
		items = append(items, it)
	}
	return items
}

func (v *validator) item(fields map[string]any, at string) item {
	it := item{reference: v.reference(fields, "messageReference", at)}
	if recipient := v.object(fields, "recipient", at); recipient != nil {
		it.contacts = recipient["contactDetails"]
		if _, given := recipient["nhsNumber"]; given {
			it.to = v.number(recipient, at+"/recipient")
		}
	}
	if _, given := fields["originator"]; given {
		if originator := v.object(fields, "originator", at); originator != nil {
			if code, given := originator["odsCode"]; given {
				if it.originator, _ = code.(string); it.originator == "" {
					v.bad("CM_INVALID_VALUE", at+"/originator/odsCode")
				}
			}
		}
	}
	if _, given := fields["personalisation"]; given {
		it.personalisation = v.object(fields, "personalisation", at)
	}
	return it
}

func (v *validator) number(recipient map[string]any, at string) nhs.Number {
	value, ok := v.present(recipient, "nhsNumber", at)
	if !ok {
		return nhs.Number{}
	}
	text, _ := value.(string)
	number, err := nhs.ParseNumber(text)
	if err == nil && len(text) != 10 {
		err = errors.New("separators")
	}
	if err != nil {
		v.bad("CM_INVALID_NHS_NUMBER", at+"/nhsNumber")
	}
	return number
}

func (v *validator) reference(fields map[string]any, key, at string) string {
	text, ok := v.text(fields, key, at)
	if ok && strings.TrimSpace(text) == "" {
		v.bad("CM_INVALID_VALUE", at+"/"+key)
	}
	return text
}

func (v *validator) object(fields map[string]any, key, at string) map[string]any {
	value, ok := v.present(fields, key, at)
	if !ok {
		return nil
	}
	o, ok := value.(map[string]any)
	if !ok {
		v.bad("CM_INVALID_VALUE", at+"/"+key)
	}
	return o
}

func (v *validator) text(fields map[string]any, key, at string) (string, bool) {
	value, ok := v.present(fields, key, at)
	if !ok {
		return "", false
	}
	text, ok := value.(string)
	if !ok {
		v.bad("CM_INVALID_VALUE", at+"/"+key)
	}
	return text, ok
}

func (v *validator) present(fields map[string]any, key, at string) (any, bool) {
	value, ok := fields[key]
	switch {
	case !ok:
		v.bad("CM_MISSING_VALUE", at+"/"+key)
	case value == nil:
		v.bad("CM_NULL_VALUE", at+"/"+key)
	default:
		return value, true
	}
	return nil, false
}
