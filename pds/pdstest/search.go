package pdstest

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/personalised-prevention/nhs"
)

// criteria are the parameters of a search.
type criteria struct {
	family, gender, postcode, gp, email, phone string
	given, born, died                          []string
	fuzzy, exact                               bool
}

// match is a record that meets the criteria.
type match struct {
	record *record
	score  float64
}

// search is the operation search-patient.
func (s *Server) search(query url.Values, t Token) *reply {
	if len(query) == 0 {
		return refuse("UNSUPPORTED_SERVICE", "")
	}
	most, refused := maxResults(query, t)
	if refused != nil {
		return refused
	}
	c, refused := parseCriteria(query)
	if refused != nil {
		return refused
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var matches []match
	for number, r := range s.records {
		if _, superseded := s.replaced[number]; superseded || r.invalid {
			continue
		}
		points := c.score(&r.person)
		if points == 0 || (c.exact && points < 1) {
			continue
		}
		if len(matches) == most {
			return refuse("TOO_MANY_MATCHES", "")
		}
		matches = append(matches, match{r, points})
	}
	slices.SortFunc(matches, func(a, b match) int {
		return cmp.Or(cmp.Compare(b.score, a.score), a.record.person.Number.Compare(b.record.person.Number))
	})
	var entries list
	for _, m := range matches {
		entries = append(entries, object{
			"fullUrl":  patientURL(m.record.person.Number),
			"search":   object{"score": m.score},
			"resource": m.record.searched(),
		})
	}
	return resource(http.StatusOK, s.bundle(entries))
}

// maxResults reads how many matches may be shown.
func maxResults(query url.Values, t Token) (int, *reply) {
	given := query.Get("_max-results")
	if t.Access == nhs.ApplicationAccess {
		if query.Has("_max-results") && given != "1" {
			return 0, tooManyResults()
		}
		return 1, nil
	}
	if !query.Has("_max-results") {
		return 50, nil
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 || n > 50 {
		return 0, invalidValue(given, "field", "_max-results")
	}
	return n, nil
}

// bundle is the set of what was found. Without entries it has none, not an empty
// list.
func (s *Server) bundle(entries list) object {
	b := object{
		"resourceType": "Bundle", "type": "searchset", "total": len(entries),
		"timestamp": s.options.Now().UTC().Format("2006-01-02T15:04:05+00:00"),
	}
	if len(entries) > 0 {
		b["entry"] = entries
	}
	return b
}

func patientURL(number nhs.Number) string {
	return "https://api.service.nhs.uk" + root + "/Patient/" + number.Reveal()
}

// parseCriteria reads a query as strictly as PDS does.
func parseCriteria(query url.Values) (criteria, *reply) {
	var c criteria
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(query)) {
		values := query[name]
		valid := true
		switch name {
		case "_max-results":
		case "_history":
			valid = values[0] == "true" || values[0] == "false"
		case "_fuzzy-match":
			c.fuzzy, valid = values[0] == "true", values[0] == "true" || values[0] == "false"
		case "_exact-match":
			c.exact, valid = values[0] == "true", values[0] == "true" || values[0] == "false"
		case "family":
			c.family, valid = values[0], utf8.RuneCountInString(values[0]) <= 35
		case "given":
			c.given = values
			valid = !slices.ContainsFunc(values, func(v string) bool { return utf8.RuneCountInString(v) > 35 })
		case "gender":
			c.gender, valid = values[0], slices.Contains([]string{"male", "female", "other", "unknown"}, values[0])
		case "birthdate":
			c.born, valid = values, validDates(values)
		case "death-date":
			c.died, valid = values, validDates(values)
		case "address-postalcode", "address-postcode":
			if c.postcode != "" {
				return c, invalidSearchData(belowMinimum)
			}
			c.postcode = values[0]
		case "general-practitioner":
			c.gp = values[0]
		case "email":
			c.email = values[0]
		case "phone":
			c.phone = values[0]
		default:
			unknown = append(unknown, name)
		}
		if !valid {
			return c, invalidValue(values[0], "field", name)
		}
	}
	if len(unknown) > 0 {
		return c, additionalProperties(unknown...)
	}
	return c, c.sufficient()
}

const (
	belowMinimum      = "No searches were performed as the search criteria did not meet the minimum requirements"
	belowFuzzyMinimum = "A fuzzy search was requested however the data given did not meet the fuzzy search criteria"
)

// sufficient refuses criteria below the minimum, and misplaced wildcards.
func (c *criteria) sufficient() *reply {
	early, wild := false, false
	for _, text := range append([]string{c.family, c.postcode}, c.given...) {
		at := strings.IndexByte(text, '*')
		wild = wild || at >= 0
		early = early || (at >= 0 && utf8.RuneCountInString(text[:at]) < 2)
	}
	family, given, born := c.family != "", len(c.given) > 0, len(c.born) > 0
	place := c.gender != "" && c.postcode != ""
	enough := (family && given) || ((family || given) && place)
	switch {
	case c.fuzzy && (wild || !born || !enough):
		return invalidSearchData(belowFuzzyMinimum)
	case c.fuzzy:
		return nil
	case !born:
		return missingValue("birth_date/birth_date_range_start/birth_date_range_end")
	case !family || early:
		return invalidSearchData(belowMinimum)
	default:
		return nil
	}
}

var datePattern = regexp.MustCompile(`^(eq|ge|le)?\d{4}-\d{2}-\d{2}$`)

func validDates(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool {
		if !datePattern.MatchString(v) {
			return true
		}
		_, err := nhs.ParseDate(v[len(v)-len("yyyy-mm-dd"):])
		return err != nil
	})
}

// score says how well p matches, from 0, not at all, to 1.
func (c *criteria) score(p *Person) float64 {
	if p.restricted() && (c.postcode != "" || c.gp != "") {
		return 0
	}
	if !within(c.born, p.Born) || !within(c.died, p.Died) ||
		(c.gender != "" && c.gender != string(p.Gender)) ||
		(c.email != "" && !strings.EqualFold(c.email, p.Email)) ||
		(c.phone != "" && c.phone != p.Phone) {
		return 0
	}
	place, practice := like(compact(c.postcode), compact(p.Postcode)), c.gp == "" || c.gp == p.GP
	named := c.named(p)
	switch {
	case named && place && practice:
		return 1
	case !c.fuzzy || !c.namedAlike(p):
		return 0
	default:
		points := 1.0
		for _, same := range []bool{named, place, practice} {
			if !same {
				points -= 0.1
			}
		}
		return points
	}
}

// named reports whether the names asked for are the person's.
func (c *criteria) named(p *Person) bool {
	if !like(c.family, p.Family) || len(c.given) > len(p.Given) {
		return false
	}
	for i, given := range c.given {
		if !like(given, p.Given[i]) {
			return false
		}
	}
	return true
}

// namedAlike reports whether family name and first given name sound like the
// person's, in this order or transposed.
func (c *criteria) namedAlike(p *Person) bool {
	first := func(names []string) string {
		if len(names) == 0 {
			return ""
		}
		return names[0]
	}
	family, given := c.family, first(c.given)
	alike := func(asked, known string) bool { return asked == "" || soundex(asked) == soundex(known) }
	return (alike(family, p.Family) && alike(given, first(p.Given))) ||
		(alike(family, first(p.Given)) && alike(given, p.Family))
}

// within reports whether d meets every bound. A date that is not known to the day
// meets none.
func within(bounds []string, d nhs.Date) bool {
	for _, b := range bounds {
		bound, known := b[len(b)-len("yyyy-mm-dd"):], d.String()
		if !d.Whole() {
			return false
		}
		switch {
		case strings.HasPrefix(b, "ge"):
			if known < bound {
				return false
			}
		case strings.HasPrefix(b, "le"):
			if known > bound {
				return false
			}
		case known != bound:
			return false
		}
	}
	return true
}

// like compares without regard to case. In pattern, * stands for any characters;
// an empty pattern is like everything.
func like(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	parts := strings.Split(strings.ToLower(pattern), "*")
	text = strings.ToLower(text)
	if len(parts) == 1 {
		return parts[0] == text
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, part)
		if !ok || at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return ok && strings.HasSuffix(rest, last)
}

// compact writes a postcode without spaces.
func compact(postcode string) string { return strings.ReplaceAll(postcode, " ", "") }

// soundex is the code of how an English name sounds: its first letter and three
// digits.
func soundex(name string) string {
	const digits = "01230120022455012623010202" // of a to z; 0 for vowels, h, w and y
	code := make([]byte, 0, 4)
	last := byte('0')
	for _, r := range strings.ToLower(name) {
		if r < 'a' || r > 'z' {
			continue
		}
		digit := digits[r-'a']
		switch {
		case len(code) == 0:
			code = append(code, byte(r))
		case digit != '0' && digit != last:
			code = append(code, digit)
		}
		if r != 'h' && r != 'w' { // letters of one digit around h or w count once
			last = digit
		}
		if len(code) == 4 {
			break
		}
	}
	return string(code)
}
