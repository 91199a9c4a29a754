package notifytest_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/notify/notifytest"
)

// FuzzRequest sends any body to both endpoints. The fake answers as documented, and
// accepts nothing that it complains about.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(single("r", "9990000018")))
	f.Add([]byte(batch(`{"messageReference":"1","recipient":{"nhsNumber":"9990000018","contactDetails":{"address":{"lines":[]}}}}`)))
	f.Add([]byte(batch(`null,[],{"recipient":null,"originator":{"odsCode":null},"personalisation":null}`)))
	f.Add([]byte(`null`))
	f.Add([]byte(`{"data":{"type":"Message","attributes":[]}}`))
	known := []int{
		http.StatusCreated, http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusInternalServerError,
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, path := range []string{"/comms/v1/messages", "/comms/v1/message-batches"} {
			service := newServer(func(o *notifytest.Options) { o.ContactDetails = true })
			status, codes, _ := post(service, path, string(body))
			if !slices.Contains(known, status) || len(codes) > 100 || (status == http.StatusCreated) != (len(codes) == 0) {
				t.Fatalf("%s: status %d, errors %q", path, status, codes)
			}
			if (service.Messages() > 0) != (status == http.StatusCreated) {
				t.Errorf("%s: status %d, %d messages", path, status, service.Messages())
			}
		}
	})
}

var tenDigits = regexp.MustCompile(`\d{10}`)

// FuzzReceiveFile sends any file: it is accepted whole or not at all, and the error
// repeats nothing of it.
func FuzzReceiveFile(f *testing.F) {
	f.Add("messageReference,nhsNumber,personalisation_body\nr,9990000018,x\n")
	f.Add("nhsNumber,messageReference\n9990000018,\"r\n")
	f.Add("\ufeffmessageReference,nhsNumber\n")
	f.Fuzz(func(t *testing.T, content string) {
		service := newServer()
		_, err := service.ReceiveFile(notifytest.File{Subject: planID, LocalID: "l", Content: strings.NewReader(content)})
		if (service.Messages() > 0) != (err == nil) {
			t.Errorf("%d messages, %v", service.Messages(), err)
		}
		if err != nil && tenDigits.MatchString(err.Error()) {
			t.Errorf("error is %v", err)
		}
	})
}
