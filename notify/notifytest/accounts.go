package notifytest

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs/notify"
)

// The codes that the service takes for a practice's.
var practice = regexp.MustCompile(`^([A-Z]\d{5}|[A-Z]\d[A-Z]\d[A-Z]|X26)$`)

// listAccounts answers for a practice without a report as for a page past the end.
func (s *Server) listAccounts(r *http.Request) (answer, []complaint) {
	query := r.URL.Query()
	code := strings.ToUpper(query.Get("ods-organisation-code"))
	page, wrong := pageNumber(query.Get("page"))
	switch {
	case code == "":
		return answer{}, invalidRequest("Missing ODS Code")
	case !practice.MatchString(code):
		return answer{}, invalidRequest("Invalid ODS Code")
	case wrong:
		return answer{}, invalidRequest("page must be a positive non-zero integer")
	}
	accounts, known := s.accounts(code)
	last := max(1, (len(accounts)+s.options.AccountsPerPage-1)/s.options.AccountsPerPage)
	if !known || page < 1 || page > last {
		return answer{}, []complaint{{code: "CM_NOT_FOUND", status: http.StatusNotFound, detail: "Report not found"}}
	}
	from := (page - 1) * s.options.AccountsPerPage
	list := []object{}
	for _, a := range accounts[from:min(from+s.options.AccountsPerPage, len(accounts))] {
		list = append(list, object{"nhsNumber": a.Person.Reveal(), "notificationsEnabled": a.Notifications})
	}
	links := object{"self": pageLink(code, page), "last": pageLink(code, last)}
	if page < last {
		links["next"] = pageLink(code, page+1)
	}
	return answer{status: http.StatusOK, body: object{
		"data":  object{"type": "NhsAppAccounts", "id": code, "attributes": object{"accounts": list}},
		"links": links,
	}}, nil
}

func (s *Server) accounts(code string) ([]notify.AppAccount, bool) {
	for own, accounts := range s.options.Accounts {
		if strings.EqualFold(own, code) {
			return accounts, true
		}
	}
	return nil, false
}

// pageNumber reads a page's number. What is no page's number but a positive one,
// such as 1.5, is 0: there is no such page.
func pageNumber(text string) (page int, wrong bool) {
	if text == "" {
		return 1, false
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0) {
		return 0, true
	}
	page, err = strconv.Atoi(text)
	if err != nil {
		return 0, false
	}
	return page, false
}

func pageLink(code string, page int) string {
	query := url.Values{"ods-organisation-code": {code}, "page": {strconv.Itoa(page)}}
	return "https://api.service.nhs.uk/comms/channels/nhsapp/accounts?" + query.Encode()
}

func invalidRequest(detail string) []complaint {
	return []complaint{{code: "CM_INVALID_REQUEST", status: http.StatusBadRequest, detail: detail}}
}
