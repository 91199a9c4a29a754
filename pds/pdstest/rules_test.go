package pdstest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// add is a patch that adds an item to a list.
func add(list, item string) string {
	return `{"op":"add","path":"/` + list + `/-","value":` + item + `}`
}

// put is a patch that sets a member of a patient.
func put(name, value string) string {
	return `{"op":"add","path":"/` + name + `","value":` + value + `}`
}

// in are patches that set a member of a named item.
func in(list, index, id, name, value string) string {
	key := "id"
	if list == "extension" {
		key = "url"
	}
	at := "/" + list + "/" + index + "/"
	return `{"op":"test","path":"` + at + key + `","value":"` + id + `"},{"op":"add","path":"` + at + name + `","value":` + value + `}`
}

// without are patches that remove a named item.
func without(list, index, id string) string {
	key := "id"
	if list == "extension" {
		key = "url"
	}
	at := "/" + list + "/" + index
	return `{"op":"test","path":"` + at + "/" + key + `","value":"` + id + `"},{"op":"remove","path":"` + at + `"}`
}

func ext(name, content string) string { return `{"url":"` + ukCore + name + `",` + content + `}` }

// death is a death notification.
func death(status string) string {
	return ext("DeathNotificationStatus", `"extension":[{"url":"deathNotificationStatus","valueCodeableConcept":{"coding":[{"code":"`+status+`"}]}}]`)
}

// part is an extension within an extension.
func part(url, content string) string { return `{"url":"` + url + `",` + content + `}` }

func code(value string) string { return `"valueCodeableConcept":{"coding":[{"code":"` + value + `"}]}` }

// What a field may hold. Each row is about the patient full on 5 January 2026.
func TestServer_update_fields(t *testing.T) {
	t.Parallel()
	value := func(diagnostics string) [2]string {
		return [2]string{"INVALID_VALUE", "Invalid value - " + diagnostics}
	}
	missing := func(field string) [2]string { return [2]string{"MISSING_VALUE", "Missing value - '" + field + "'"} }
	rule := func(why string) [2]string { return [2]string{"INVALID_UPDATE", "Invalid update with error - " + why} }
	forbidden := func(why string) [2]string {
		return [2]string{"FORBIDDEN_UPDATE", "Forbidden update with error - " + why}
	}
	unsupported := func(why string) [2]string { return [2]string{"UNSUPPORTED_VALUE", "Unsupported value - " + why} }
	tooMany := func(why string) [2]string {
		return [2]string{"TOO_MANY_VALUES_SUBMITTED", "Too many values submitted - " + why}
	}
	more := func(name string) [2]string {
		return [2]string{"ADDITIONAL_PROPERTIES", "Invalid request with error - Additional properties are not allowed ('" + name + "' was unexpected)"}
	}
	ok := [2]string{}
	const lines = `"line":["1 High Street","Leeds"]`
	const spring = `"period":{"start":"2026-01-01","end":"2026-03-01"}`
	const point = `"relationship":[{"coding":[{"code":"C"}]}],"telecom":[{"system":"phone","value":"1"}]`
	for name, tt := range map[string]struct {
		patches string
		want    [2]string // code and diagnostics; none for a success
	}{
		"gender: other":                 {put("gender", `"other"`), value("'other' in field 'gender'")},
		"gender: a list":                {put("gender", `["male"]`), value("'['male']' in field 'gender'")},
		"gender: removed":               {`{"op":"remove","path":"/gender"}`, forbidden("source not permitted to remove 'gender'")},
		"birth: a month":                {put("birthDate", `"1953-05"`), value("'1953-05' in field 'birthDate'")},
		"birth: in the future":          {put("birthDate", `"2026-01-06"`), rule("birthDate cannot be in the future")},
		"birth: removed":                {`{"op":"remove","path":"/birthDate"}`, forbidden("source not permitted to remove 'birthDate'")},
		"birth: another":                {put("birthDate", `"1953-05-28"`), ok},
		"birth order: 10":               {put("multipleBirthInteger", `10`), value("'10' in field 'multipleBirthInteger'")},
		"birth order: a half":           {put("multipleBirthInteger", `1.5`), value("'1.5' in field 'multipleBirthInteger'")},
		"birth order: a text":           {put("multipleBirthInteger", `"1"`), value("'1' in field 'multipleBirthInteger'")},
		"death: summer time":            {add("extension", death("1")) + "," + put("deceasedDateTime", `"2025-07-01T00:00:00+01:00"`), value("'2025-07-01T00:00:00+01:00' in field 'deceasedDateTime'")},
		"death: a day":                  {add("extension", death("1")) + "," + put("deceasedDateTime", `"2025-07-01"`), ok},
		"death: without a zone":         {add("extension", death("1")) + "," + put("deceasedDateTime", `"2025-07-01T00:00:00"`), ok},
		"death: in the future":          {add("extension", death("1")) + "," + put("deceasedDateTime", `"2026-01-06T00:00:00+00:00"`), rule("deceasedDateTime cannot be in the future")},
		"death: before birth":           {add("extension", death("1")) + "," + put("deceasedDateTime", `"1953-05-28"`), rule("birthDate cannot be after deceasedDateTime")},
		"death: no notice":              {put("deceasedDateTime", `"2025-07-01"`), rule("a death notification status must be supplied with deceasedDateTime")},
		"death: no date":                {add("extension", death("1")), rule("deceasedDateTime must be supplied with a death notification status")},
		"death: formal":                 {add("extension", death("2")) + "," + put("deceasedDateTime", `"2025-07-01"`), forbidden("source not permitted to add a formal death notification")},
		"death: withdrawn":              {add("extension", death("U")) + "," + put("deceasedDateTime", `"2025-07-01"`), unsupported("'U' in field 'extension/2/extension/0/valueCodeableConcept/coding/0/code'")},
		"death: unknown":                {add("extension", death("3")) + "," + put("deceasedDateTime", `"2025-07-01"`), value("'3' in field 'extension/2/extension/0/valueCodeableConcept/coding/0/code'")},
		"death: empty":                  {add("extension", ext("DeathNotificationStatus", `"extension":[]`)), missing("extension/2/extension")},
		"name: no family":               {add("name", `{"use":"old"}`), missing("name/3/family")},
		"name: no use":                  {add("name", `{"family":"Nan"}`), missing("name/3/use")},
		"name: unknown use":             {add("name", `{"use":"alias","family":"Nan"}`), value("'alias' in field 'name/3/use'")},
		"name: more":                    {add("name", `{"use":"old","family":"Nan","pet":"Rex"}`), more("pet")},
		"name: a text":                  {add("name", `"Nan"`), value("'Nan' in field 'name/3'")},
		"name: a backtick":              {in("name", "0", "n1", "family", "\"O`Brien\""), value("'O`Brien' in field 'name/0/family'")},
		"name: a curly apostrophe":      {in("name", "0", "n1", "family", `"O’Brien"`), value("'O’Brien' in field 'name/0/family'")},
		"name: a multiplication sign":   {in("name", "0", "n1", "family", `"O×Brien"`), value("'O×Brien' in field 'name/0/family'")},
		"name: all that is allowed":     {in("name", "0", "n1", "family", `"O'Brien-Àöøſ St. 2"`), ok},
		"name: too long":                {in("name", "0", "n1", "family", `"`+strings.Repeat("a", 36)+`"`), value("'" + strings.Repeat("a", 36) + "' in field 'name/0/family'")},
		"name: six given":               {in("name", "0", "n1", "given", `["One","Two","Three","Four","Five","six"]`), tooMany("['One', 'Two', 'Three', 'Four', 'Five', 'six'] in field 'name/0/given'")},
		"name: given no list":           {in("name", "0", "n1", "given", `"not an array"`), value("'not an array' in field 'name/0/given'")},
		"name: small suffix":            {in("name", "0", "n1", "suffix", `["phD"]`), value("'phD' in field 'name/0/suffix/0'")},
		"name: an emoji":                {in("name", "0", "n1", "family", `"Capon🙂"`), [2]string{"UNSUPPORTED_CHARACTERS_IN_FIELD", "Unsupported characters in field 'name/0/family'"}},
		"name: another use":             {in("name", "1", "n2", "use", `"maiden"`), rule("use of a name cannot be changed")},
		"name: usual with an end":       {in("name", "0", "n1", "period", `{"start":"2020-01-01","end":"2024-01-01"}`), rule("An end date can not be provided on usual name")},
		"name: second usual":            {add("name", `{"use":"usual","family":"Nan"}`), forbidden("multiple usual names cannot be added")},
		"name: two nicknames":           {add("name", `{"use":"nickname","family":"Nan"}`) + "," + add("name", `{"use":"nickname","family":"Ann"}`), forbidden("multiple nickname names cannot be added")},
		"name: a second old":            {add("name", `{"use":"old","family":"Nan"}`), ok},
		"name: usual removed":           {without("name", "0", "n1"), forbidden("not permitted to remove usual name")},
		"name: usual removed and added": {without("name", "0", "n1") + "," + add("name", `{"use":"usual","family":"Nan"}`), ok},
		"period: no start":              {in("name", "1", "n2", "period", `{"end":"2024-01-01"}`), missing("name/1/period/start")},
		"period: begins tomorrow":       {in("name", "1", "n2", "period", `{"start":"2026-01-06"}`), rule("period start cannot be in the future")},
		"period: ends before":           {in("name", "1", "n2", "period", `{"start":"2025-01-02","end":"2025-01-01"}`), rule("period end cannot be before period start")},
		"period: no date":               {in("name", "1", "n2", "period", `{"start":"2025"}`), value("'2025' in field 'name/1/period/start'")},
		"address: second home":          {add("address", `{"use":"home",`+lines+`}`), rule("multiple home addresses cannot be added")},
		"address: work":                 {add("address", `{"use":"work",`+lines+`}`), unsupported("'work' in field 'address/2/use'")},
		"address: work changed":         {in("address", "1", "a2", "postalCode", `"LS1 2BB"`), unsupported("'work' in field 'address/1/use'")},
		"address: work removed":         {without("address", "1", "a2"), ok},
		"address: no use":               {add("address", `{`+lines+`}`), missing("address/2/use")},
		"address: six lines":            {add("address", `{"use":"billing","line":["1","2","3","4","5","6"],`+spring+`}`), tooMany("['1', '2', '3', '4', '5', '6'] in field 'address/2/line'")},
		"address: a null line":          {add("address", `{"use":"billing","line":["1",null],`+spring+`}`), value("'None' in field 'address/2/line/1'")},
		"address: _line":                {add("address", `{"use":"billing",`+lines+`,"_line":[{}],`+spring+`}`), more("_line")},
		"address: one line":             {in("address", "0", "a1", "line", `["Leeds"]`), rule("address lines 1 and 4 or 2 and 4 must be completed as a minimum")},
		"address: no fixed abode":       {in("address", "0", "a1", "line", `[]`) + "," + in("address", "0", "a1", "postalCode", `"ZZ99 3VZ"`), ok},
		"address: for PDS to look up":   {in("address", "0", "a1", "line", `[]`) + "," + in("address", "0", "a1", "extension", `[`+ext("AddressKey", `"extension":[{"url":"type","valueCoding":{"code":"PAF"}},{"url":"value","valueString":"12345678"}]`)+`]`), ok},
		"address: a key without parts":  {in("address", "0", "a1", "extension", `[{"url":"`+ukCore+`AddressKey"}]`), missing("address/0/extension/0/extension")},
		"address: half a key":           {in("address", "0", "a1", "extension", `[`+ext("AddressKey", `"extension":[{"url":"type"}]`)+`]`), [2]string{"TOO_FEW_VALUES_SUBMITTED", "Too few values submitted - [{'url': 'type'}] in field 'address/0/extension/0/extension'"}},
		"address: temporary, no period": {add("address", `{"use":"temp","text":"Second Home",`+lines+`}`), missing("address/2/period")},
		"address: temporary, no end":    {add("address", `{"use":"temp","text":"Second Home",`+lines+`,"period":{"start":"2026-01-01"}}`), missing("address/2/period/end")},
		"address: temporary, no text":   {add("address", `{"use":"temp",`+lines+`,`+spring+`}`), missing("address/2/text")},
		"address: temporary, my boat":   {add("address", `{"use":"temp","text":"My Boat",`+lines+`,`+spring+`}`), value("'My Boat' in field 'address/2/text'")},
		"address: temporary, 91 days":   {add("address", `{"use":"temp","text":"Second Home",`+lines+`,"period":{"start":"2026-01-01","end":"2026-04-02"}}`), rule("period of a temp address cannot exceed 90 days")},
		"address: temporary":            {add("address", `{"use":"temp","text":"Second Home",`+lines+`,"period":{"start":"2026-01-01","end":"2026-04-01"}}`), ok},
		"address: billing, 367 days":    {add("address", `{"use":"billing",`+lines+`,"period":{"start":"2025-12-31","end":"2027-01-02"}}`), rule("period of a billing address cannot exceed 366 days")},
		"telecom: second home phone":    {add("telecom", `{"system":"phone","use":"home","value":"1"}`), rule("multiple home phone telecoms cannot be added")},
		"telecom: another use":          {in("telecom", "0", "t1", "use", `"work"`), rule("system and use of a telecom cannot be changed")},
		"telecom: another system":       {in("telecom", "0", "t1", "system", `"fax"`), rule("system and use of a telecom cannot be changed")},
		"telecom: no email":             {in("telecom", "2", "t3", "value", `"testemail"`), rule("email format is invalid")},
		"telecom: short email":          {in("telecom", "2", "t3", "value", `"a@b.c"`), rule("email format is invalid")},
		"telecom: long email":           {in("telecom", "2", "t3", "value", `"`+strings.Repeat("a", 80)+`@example.com"`), rule("email format is invalid")},
		"telecom: no value":             {add("telecom", `{"system":"phone","use":"work"}`), missing("telecom/3/value")},
		"telecom: work phone":           {add("telecom", `{"system":"phone","use":"work","value":"1"}`), ok},
		"contact: no relationship":      {add("contact", `{"telecom":[{"system":"phone","value":"1"}]}`), missing("contact/1/relationship")},
		"contact: next of kin":          {in("contact", "0", "c1", "relationship", `[{"coding":[{"code":"N"}]}]`), value("'N' in field 'contact/0/relationship/0/coding/0/code'")},
		"contact: with a use":           {in("contact", "0", "c1", "telecom", `[{"system":"phone","value":"1","use":"home"}]`), more("use")},
		"contact: a period within":      {in("contact", "0", "c1", "telecom", `[{"system":"phone","value":"1","period":{"start":"2025-01-01"}}]`), more("period")},
		"contact: a fax":                {in("contact", "0", "c1", "telecom", `[{"system":"fax","value":"1"}]`), value("'fax' in field 'contact/0/telecom/0/system'")},
		"contact: a bad email":          {in("contact", "0", "c1", "telecom", `[{"system":"email","value":"a"}]`), rule("email format is invalid")},
		"contact: another":              {add("contact", `{`+point+`}`), ok},
		"practice: with an end":         {in("generalPractitioner", "0", "g1", "identifier/period", `{"start":"2025-01-01","end":"2025-02-01"}`), rule("a period end cannot be provided on a general practice")},
		"practice: no ODS code":         {in("generalPractitioner", "0", "g1", "identifier/value", `"a practice"`), value("'a practice' in field 'generalPractitioner/0/identifier/value'")},
		"practice: second":              {add("generalPractitioner", `{"type":"Organization","identifier":{"value":"A20048"}}`), rule("multiple general practices cannot be added")},
		"practice: another":             {in("generalPractitioner", "0", "g1", "identifier/value", `"A20048"`), ok},
		"practice: removed":             {without("generalPractitioner", "0", "g1"), forbidden("source not permitted to remove 'generalPractitioner'")},
		"organisation: no code":         {put("managingOrganization", `{"type":"Organization"}`), missing("managingOrganization/identifier")},
		"organisation":                  {put("managingOrganization", `{"type":"Organization","identifier":{"value":"A20048"}}`), ok},
		"pharmacy: no code":             {in("extension", "0", ukCore+"NominatedPharmacy", "valueReference/identifier/value", `"?"`), value("'?' in field 'extension/0/valueReference/identifier/value'")},
		"pharmacy: second":              {add("extension", ext("NominatedPharmacy", `"valueReference":{"identifier":{"value":"FWC88"}}`)), rule("multiple Extension-UKCore-NominatedPharmacy extensions cannot be added")},
		"pharmacy: of another kind":     {add("extension", ext("MedicalApplianceSupplier", `"valueReference":{"identifier":{"value":"FWC88"}}`)), ok},
		"communication: English":        {in("extension", "1", ukCore+"NHSCommunication", "extension/0", part("language", code("en"))), value("'en' in field 'extension/1/extension/0/valueCodeableConcept/coding/0/code'")},
		"communication: a local code":   {`{"op":"replace","path":"/extension/1/extension/0","value":` + part("language", code("qa")) + `}`, value("'qa' in field 'extension/1/extension/0/valueCodeableConcept/coding/0/code'")},
		"communication: Makaton":        {`{"op":"replace","path":"/extension/1/extension/0","value":` + part("language", code("q5")) + `}`, ok},
		"communication: interpreter":    {`{"op":"replace","path":"/extension/1/extension/1","value":{"url":" ","valueBoolean":false}}`, rule("interpreterRequired cannot be removed")},
		"preference: empty":             {add("extension", ext("ContactPreference", `"extension":[]`)), missing("extension/2/extension")},
		"preference: time only":         {add("extension", ext("ContactPreference", `"extension":[`+part("PreferredContactTimes", `"valueString":"am"`)+`]`)), rule("a preferred contact time needs a preferred contact method")},
		"preference: a long time":       {add("extension", ext("ContactPreference", `"extension":[`+part("PreferredContactMethod", code("1"))+`,`+part("PreferredContactTimes", `"valueString":"`+strings.Repeat("a", 41)+`"`)+`]`)), value("'" + strings.Repeat("a", 41) + "' in field 'extension/2/extension/valueString'")},
		"preference: unknown":           {add("extension", ext("ContactPreference", `"extension":[`+part("pigeon", code("1"))+`]`)), value("'pigeon' in field 'extension/2/extension/0/url'")},
		"preference":                    {add("extension", ext("ContactPreference", `"extension":[`+part("PreferredContactMethod", code("1"))+`,`+part("PreferredContactTimes", `"valueString":"am"`)+`]`)), ok},
		"birth place: nowhere":          {add("extension", `{"url":"`+birthURL+`","valueAddress":{}}`), rule("at least one of city, district and country must be supplied")},
		"birth place: a street":         {add("extension", `{"url":"`+birthURL+`","valueAddress":{"street":"x"}}`), more("street")},
		"birth place":                   {add("extension", `{"url":"`+birthURL+`","valueAddress":{"city":"Leeds"}}`), ok},
		"removal from registration":     {add("extension", `{"url":"x/Extension-PDS-RemovalFromRegistration"}`), rule("Update unsupported for resource - 'Extension-PDS-RemovalFromRegistration'")},
		"extension: unknown":            {add("extension", `{"url":"x/y"}`), value("'x/y' in field 'extension/2/url'")},
		"extension: no URL":             {add("extension", `{}`), missing("extension/2/url")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveJSON(t, pdstest.Options{Token: worker()}, full)
			rec := patch(s, tt.patches)
			if tt.want == ok {
				if rec.Code != http.StatusOK {
					t.Errorf("got %d %s", rec.Code, rec.Body)
				}
				return
			}
			status := http.StatusBadRequest
			if tt.want[0] == "FORBIDDEN_UPDATE" {
				status = http.StatusForbidden
			}
			refused(t, rec, status, tt.want[0], tt.want[1])
		})
	}
}

// A death that the registrar has notified stays, as does any notification.
func TestServer_update_death(t *testing.T) {
	t.Parallel()
	dead := func(status string) string {
		return `{"resourceType":"Patient","id":"9990000018","meta":{"versionId":"1","security":[{"code":"U"}]},
			"birthDate":"1953-05-29","deceasedDateTime":"2025-01-01T00:00:00+00:00","extension":[` + death(status) + `]}`
	}
	const formal = "Forbidden update with error - source not permitted to update a formal death notification"
	url := ukCore + "DeathNotificationStatus"
	for name, tt := range map[string]struct{ status, patches, want string }{
		"the date of an informal death": {"1", put("deceasedDateTime", `"2025-01-02T03:04:05"`), ""},
		"the date of a formal death":    {"2", put("deceasedDateTime", `"2025-01-02"`), formal},
		"the status of a formal death":  {"2", in("extension", "0", url, "extension", `[`+part("deathNotificationStatus", code("1"))+`]`), formal},
		"no date":                       {"1", `{"op":"remove","path":"/deceasedDateTime"}`, "Forbidden update with error - source not permitted to remove 'deceasedDateTime'"},
		"no status":                     {"1", without("extension", "0", url), "Forbidden update with error - source not permitted to remove 'deathNotificationStatus'"},
		"a later birth":                 {"1", put("birthDate", `"2025-01-02"`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := patch(serveJSON(t, pdstest.Options{Token: worker()}, dead(tt.status)), tt.patches)
			switch {
			case tt.want != "":
				refused(t, rec, 403, "FORBIDDEN_UPDATE", tt.want)
			case strings.Contains(tt.patches, "birthDate"):
				refused(t, rec, 400, "INVALID_UPDATE", "Invalid update with error - birthDate cannot be after deceasedDateTime")
			case rec.Code != 200 || !strings.Contains(rec.Body.String(), `"deceasedDateTime":"2025-01-02T03:04:05+00:00"`):
				t.Errorf("got %d %s", rec.Code, rec.Body)
			}
		})
	}
}

// Patients may change less than healthcare workers, and most of it as a whole.
func TestServer_update_patient(t *testing.T) {
	t.Parallel()
	token := pdstest.Always(pdstest.Token{Access: nhs.PatientAccess, Patient: nhs.MustNumber("9990000018")})
	for name, tt := range map[string]struct {
		patches string
		allowed bool
	}{
		"gender":                    {put("gender", `"male"`), false},
		"name":                      {add("name", `{"use":"nickname","family":"Nan"}`), false},
		"practice":                  {in("generalPractitioner", "0", "g1", "identifier/value", `"A20048"`), false},
		"a line of the address":     {in("address", "0", "a1", "line/0", `"2 High Street"`), true},
		"emergency contact":         {in("contact", "0", "c1", "telecom/0/value", `"2"`), true},
		"home phone":                {without("telecom", "0", "t1"), false},
		"mobile phone":              {`{"op":"replace","path":"/telecom/1","value":{"id":"t2","system":"phone","use":"mobile","value":"2"}}`, true},
		"mobile phone, in part":     {in("telecom", "1", "t2", "value", `"2"`), false},
		"mobile phone removed":      {without("telecom", "1", "t2"), true},
		"work email":                {add("telecom", `{"system":"email","use":"work","value":"anna@example.org"}`), true},
		"pharmacy":                  {`{"op":"replace","path":"/extension/0","value":` + ext("NominatedPharmacy", `"valueReference":{"identifier":{"value":"FWC88"}}`) + `}`, true},
		"pharmacy, in part":         {in("extension", "0", ukCore+"NominatedPharmacy", "valueReference/identifier/value", `"FWC88"`), false},
		"pharmacy removed":          {without("extension", "0", ukCore+"NominatedPharmacy"), true},
		"communication removed":     {without("extension", "1", ukCore+"NHSCommunication"), true},
		"birth place":               {add("extension", `{"url":"`+birthURL+`","valueAddress":{"city":"Leeds"}}`), true},
		"contact preference":        {add("extension", ext("ContactPreference", `"extension":[`+part("PreferredContactMethod", code("1"))+`]`)), false},
		"an extension out of range": {without("extension", "7", "x"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := patch(serveJSON(t, pdstest.Options{Token: token}, full), tt.patches)
			switch {
			case tt.allowed && rec.Code != 200:
				t.Errorf("got %d %s", rec.Code, rec.Body)
			case name == "an extension out of range":
				refused(t, rec, 400, "INVALID_UPDATE", "Invalid update with error - Invalid patch - index '7' is out of bounds")
			case !tt.allowed:
				refused(t, rec, 400, "INVALID_UPDATE", "Invalid update with error - This user does not have permission to update the fields in the patches provided.")
			}
		})
	}
}
