package pds_test

import (
	"iter"
	"net/http"
	"path"
	"strconv"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

// numbers reads each text as a file of numbers is read.
func numbers(texts ...string) iter.Seq2[nhs.Number, error] {
	return func(yield func(nhs.Number, error) bool) {
		for _, text := range texts {
			if !yield(nhs.ParseNumber(text)) {
				return
			}
		}
	}
}

// crowd returns as many NHS numbers as asked, of test people.
func crowd(people int) []string {
	var texts []string
	for value := 9_990_000_000; len(texts) < people; value++ {
		text := strconv.Itoa(value)
		if _, err := nhs.ParseNumber(text); err == nil {
			texts = append(texts, text)
		}
	}
	return texts
}

// found answers with an unrestricted patient of the number asked.
func found(req *http.Request) (*http.Response, error) {
	return record(path.Base(req.URL.Path), "U", "")(req)
}

func record(number, security, more string) httpmock.Responder {
	return fhir(http.StatusOK, `{"resourceType":"Patient","id":"`+number+`","meta":{"security":[{"code":"`+security+`"}]}`+more+`}`)
}

// after answers when some time has passed, or the request is given up.
func after(d time.Duration, next httpmock.Responder) httpmock.Responder {
	return func(req *http.Request) (*http.Response, error) {
		select {
		case <-time.After(d):
			return next(req)
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
}

// collect runs a trace to its end.
func collect(results iter.Seq2[pds.Traced, error]) (all []pds.Traced, err error) {
	for r, e := range results {
		if e != nil {
			return all, e
		}
		all = append(all, r)
	}
	return all, nil
}
