package pds_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

// Every field rule of PDS, broken: the error names the field and not the value,
// and allowing the field lets the edit pass.
func TestEdit_Patches_rules(t *testing.T) {
	t.Parallel()
	period := func(start, end string) pds.Period {
		return pds.Period{Start: pds.DateTime(start), End: pds.DateTime(end)}
	}
	home := func(a pds.Address) func(*pds.Edit) { return func(e *pds.Edit) { e.Address(pds.Home).Set(a) } }
	temp := func(a pds.Address) func(*pds.Edit) { return func(e *pds.Edit) { e.Address(pds.Temporary).Set(a) } }
	there := []string{"2", "", "", "Leeds"}
	preference := func(c pds.ContactPreference) func(*pds.Edit) { return func(e *pds.Edit) { e.SetContactPreference(c) } }
	contact := func(c pds.Contact) func(*pds.Edit) { return func(e *pds.Edit) { e.AddContact(c) } }
	points := func(c ...pds.ContactPoint) func(*pds.Edit) { return contact(pds.Contact{Telecom: c}) }
	for name, test := range map[string]struct {
		edit func(*pds.Edit)
		want string
	}{
		"gender":                 {func(e *pds.Edit) { e.SetGender(pds.Other) }, "Gender must be male, female or unknown"},
		"no gender":              {func(e *pds.Edit) { e.SetGender("") }, "Gender must be male, female or unknown"},
		"partial birth date":     {func(e *pds.Edit) { e.SetBirthDate(day("1953-05")) }, "BirthDate must be a whole date"},
		"no birth date":          {func(e *pds.Edit) { e.SetBirthDate(nhs.Date{}) }, "BirthDate must be a whole date"},
		"birth after death":      {func(e *pds.Edit) { e.SetBirthDate(day("2020-01-02")); e.SetDeath("2020-01-01") }, "BirthDate must not be after the death"},
		"death before birth":     {func(e *pds.Edit) { e.SetDeath("1950") }, "BirthDate must not be after the death"},
		"death in BST":           {func(e *pds.Edit) { e.SetDeath("2025-07-01T12:00:00+01:00") }, "DeathTime must be a date, or a time in UTC that ends in +00:00"},
		"death of no zone":       {func(e *pds.Edit) { e.SetDeath("2025-07-01T12:00:00") }, "DeathTime must be a date, or a time in UTC that ends in +00:00"},
		"death at no time":       {func(e *pds.Edit) { e.SetDeath("2025-07-01Tgarbage+00:00") }, "DeathTime must be a date, or a time in UTC that ends in +00:00"},
		"impossible time":        {func(e *pds.Edit) { e.SetDeath("2025-07-01T25:61:00+00:00") }, "DeathTime must be a date, or a time in UTC that ends in +00:00"},
		"impossible day":         {func(e *pds.Edit) { e.SetDeath("2025-06-31T12:00:00+00:00") }, "DeathTime must be a date, or a time in UTC that ends in +00:00"},
		"no time of death":       {func(e *pds.Edit) { e.SetDeath("") }, "DeathTime must be a date, or a time in UTC that ends in +00:00"},
		"tenth of ten":           {func(e *pds.Edit) { e.SetMultipleBirth(10) }, "MultipleBirth must be 1 to 9"},
		"period without a start": {func(e *pds.Edit) { e.Name(pds.Nickname).SetPeriod(period("", "2026-01-01")) }, "Name.Period must have a start"},
		"partial period":         {func(e *pds.Edit) { e.Name(pds.Nickname).SetPeriod(period("2026", "")) }, "Name.Period must have whole dates, yyyy-mm-dd"},
		"period of times": {func(e *pds.Edit) {
			e.Telecom(pds.Email, pds.Home).SetPeriod(period("2026-01-01", "2026-01-02T00:00:00"))
		}, "Telecom.Period must have whole dates, yyyy-mm-dd"},
		"period backwards":    {func(e *pds.Edit) { e.Contact("c1").SetPeriod(period("2026-01-02", "2026-01-01")) }, "Contact.Period must not end before it starts"},
		"usual name ends":     {func(e *pds.Edit) { e.Name(pds.Usual).SetPeriod(period("2020-01-01", "2026-01-01")) }, "Name.Period must not end: it is of the usual name"},
		"usual name removed":  {func(e *pds.Edit) { e.Name(pds.Usual).Remove() }, "Name must not be removed: it is the usual name"},
		"second usual name":   {func(e *pds.Edit) { e.AddName(pds.HumanName{Use: pds.Usual, Family: "Lee"}) }, "Name.Use must be there once"},
		"second nickname":     {func(e *pds.Edit) { e.AddName(pds.HumanName{Use: pds.Nickname, Family: "Lee"}) }, "Name.Use must be there once"},
		"name of no use":      {func(e *pds.Edit) { e.AddName(pds.HumanName{Family: "Lee"}) }, "Name.Use must be usual, temp, nickname, old or maiden"},
		"long family":         {func(e *pds.Edit) { e.Name(pds.Usual).SetFamily(strings.Repeat("é", 36)) }, "Name.Family must have at most 35 characters"},
		"no family":           {func(e *pds.Edit) { e.Name(pds.Usual).SetFamily("") }, "Name.Family must not be missing"},
		"blank family":        {func(e *pds.Edit) { e.Name(pds.Usual).SetFamily(" ") }, "Name.Family must not be blank"},
		"backtick":            {func(e *pds.Edit) { e.Name(pds.Usual).SetFamily("O`Brien") }, "Name.Family has a character that PDS does not take in names"},
		"curly apostrophe":    {func(e *pds.Edit) { e.Name(pds.Usual).SetFamily("O’Brien") }, "Name.Family has a character that PDS does not take in names"},
		"multiplication sign": {func(e *pds.Edit) { e.Name(pds.Usual).SetGiven("A×B") }, "Name.Given has a character that PDS does not take in names"},
		"blank given":         {func(e *pds.Edit) { e.Name(pds.Usual).SetGiven("A", "") }, "Name.Given must not be blank"},
		"six given":           {func(e *pds.Edit) { e.Name(pds.Usual).SetGiven("A", "B", "C", "D", "E", "F") }, "Name.Given must be at most five"},
		"prefix":              {func(e *pds.Edit) { e.Name(pds.Usual).SetPrefix("M_") }, "Name.Prefix has a character that PDS does not take in names"},
		"suffix":              {func(e *pds.Edit) { e.Name(pds.Usual).SetSuffix("obe") }, "Name.Suffix must start with a capital letter A to Z"},
		"lines":               {home(pds.Address{Lines: []string{"2", "Low Road", "Leeds"}}), "Address.Lines must have a town, and premises or a street"},
		"lines without house": {func(e *pds.Edit) { e.Address(pds.Home).SetLines(pds.AddressLines{Locality: "Beeston", Town: "Leeds"}) }, "Address.Lines must have a town, and premises or a street"},
		"six lines":           {home(pds.Address{Lines: []string{"1", "2", "3", "4", "5", "6"}}), "Address.Lines must be at most five"},
		"an empty address":    {home(pds.Address{}), "Address.Lines must have a town, and premises or a street"},
		"bad PAF key":         {func(e *pds.Edit) { e.Address(pds.Home).SetKeys(pds.AddressKey{Type: "PAF", Value: "1234567"}) }, "Address.Keys must be a PAF key of 8 digits or a UPRN of up to 12"},
		"bad UPRN":            {func(e *pds.Edit) { e.Address(pds.Home).SetKeys(pds.AddressKey{Type: "UPRN", Value: "1234567890123"}) }, "Address.Keys must be a PAF key of 8 digits or a UPRN of up to 12"},
		"other key":           {func(e *pds.Edit) { e.Address(pds.Home).SetKeys(pds.AddressKey{Type: "X", Value: "1"}) }, "Address.Keys must be a PAF key of 8 digits or a UPRN of up to 12"},
		"work address":        {func(e *pds.Edit) { e.Address(pds.Work).SetPostcode("LS1 6AE") }, "Address.Use must be home, temp or billing; work can only be removed"},
		"temp without period": {temp(pds.Address{Text: "Second Home", Lines: there}), "Address.Period must have a start and an end"},
		"temp without an end": {temp(pds.Address{Text: "Second Home", Lines: there, Period: period("2026-01-01", "")}), "Address.Period must have a start and an end"},
		"temp of 91 days":     {temp(pds.Address{Text: "Second Home", Lines: there, Period: period("2026-01-01", "2026-04-02")}), "Address.Period must be at most 90 days"},
		"temp of other kind":  {temp(pds.Address{Text: "Tent", Lines: there, Period: period("2026-01-01", "2026-04-01")}), "Address.Text must be one of Second Home, Student Accommodation, Respite Care Address, Temporary Residence Address, Convalescence Home, Mobile Home, Holiday Home"},
		"long billing": {func(e *pds.Edit) {
			e.Address(pds.Billing).SetLines(lines()).SetPeriod(period("2025-01-01", "2026-01-03"))
		}, "Address.Period must be at most 366 days"},
		"no value":               {func(e *pds.Edit) { e.Telecom(pds.Phone, pds.Mobile).SetValue("") }, "Telecom.Value must not be blank"},
		"email":                  {func(e *pds.Edit) { e.Telecom(pds.Email, pds.Home).SetValue("anna at home") }, "Telecom.Value must be an email address of 6 to 90 characters"},
		"short email":            {func(e *pds.Edit) { e.Telecom(pds.Email, pds.Home).SetValue("a@b.c") }, "Telecom.Value must be an email address of 6 to 90 characters"},
		"long email":             {func(e *pds.Edit) { e.Telecom(pds.Email, pds.Home).SetValue(strings.Repeat("a", 80) + "@example.com") }, "Telecom.Value must be an email address of 6 to 90 characters"},
		"email with a name":      {func(e *pds.Edit) { e.Telecom(pds.Email, pds.Home).SetValue("Anna <anna@example.com>") }, "Telecom.Value must be an email address of 6 to 90 characters"},
		"pager":                  {func(e *pds.Edit) { e.Telecom("pager", pds.Home).SetValue("1") }, "Telecom.System must be phone, fax, email or other"},
		"telecom use":            {func(e *pds.Edit) { e.Telecom(pds.Phone, pds.Billing).SetValue("1") }, "Telecom.Use must be home, work, temp or mobile"},
		"relationship":           {contact(pds.Contact{Telecom: []pds.ContactPoint{{System: pds.Phone, Value: "1"}}, Relationship: []pds.CodeableConcept{{Coding: []pds.Coding{{Code: "N"}}}}}), "Contact.Relationship must be C, emergency contact"},
		"unreachable contact":    {points(), "Contact.Telecom must not be empty"},
		"contact's use":          {points(pds.ContactPoint{System: pds.Phone, Value: "1", Use: pds.Home}), "Contact.Telecom must not have a use or a period of its own"},
		"contact point's period": {points(pds.ContactPoint{System: pds.Phone, Value: "1", Period: period("2020-01-01", "")}), "Contact.Telecom must not have a use or a period of its own"},
		"contact's fax":          {points(pds.ContactPoint{System: pds.Fax, Value: "1"}), "Contact.Telecom must be phone, email or other"},
		"contact's email":        {points(pds.ContactPoint{System: pds.Email, Value: "1"}), "Contact.Telecom must be an email address of 6 to 90 characters"},
		"practice":               {func(e *pds.Edit) { e.SetGeneralPractice("a20047") }, "GeneralPractice must be an ODS code: digits and capital letters"},
		"no practice":            {func(e *pds.Edit) { e.SetGeneralPractice("") }, "GeneralPractice must be an ODS code: digits and capital letters"},
		"English":                {func(e *pds.Edit) { e.SetCommunication(pds.Communication{Language: pds.Coding{Code: "en"}}) }, "Communication.Language must not be English"},
		"no language":            {func(e *pds.Edit) { e.SetCommunication(pds.Communication{}) }, "Communication.Language must have a code"},
		"times alone":            {preference(pds.ContactPreference{Times: "noon"}), "ContactPreference.Times must come with a method"},
		"long times":             {preference(pds.ContactPreference{Method: pds.Coding{Code: "1"}, Times: strings.Repeat("x", 41)}), "ContactPreference.Times must have at most 40 characters"},
		"no preference":          {preference(pds.ContactPreference{}), "ContactPreference must not be empty: remove it"},
		"pharmacy":               {func(e *pds.Edit) { e.SetNominatedPharmacy("FA") }, "NominatedPharmacy must be an ODS code: 3 to 10 letters and digits"},
		"dispenser":              {func(e *pds.Edit) { e.SetPreferredDispenser("FA-12") }, "PreferredDispenser must be an ODS code: 3 to 10 letters and digits"},
		"supplier":               {func(e *pds.Edit) { e.SetMedicalApplianceSupplier("12345678901") }, "MedicalApplianceSupplier must be an ODS code: 3 to 10 letters and digits"},
		"nowhere":                {func(e *pds.Edit) { e.SetBirthPlace(pds.Place{}) }, "BirthPlace must have a city, a district or a country"},
		"country":                {func(e *pds.Edit) { e.SetBirthPlace(pds.Place{Country: "England"}) }, "BirthPlace.Country must be three capital letters, or PDS's digits for a part of the British Isles"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			edit := parse(t, full).Edit()
			test.edit(edit)
			_, err := edit.Patches()
			if err == nil || err.Error() != test.want || !errors.Is(err, nhs.ErrInvalid) {
				t.Fatalf("got %v, want %s", err, test.want)
			}
			field, _, _ := strings.Cut(test.want, " ")
			edit.Allow(field)
			patches, err := edit.Patches()
			if err != nil {
				t.Errorf("allowed, and still %v", err)
			}
			if len(patches) == 0 {
				t.Error("allowed, and no patches")
			}
		})
	}
}

// What the rules must not refuse.
func TestEdit_Patches_rulesKept(t *testing.T) {
	t.Parallel()
	for name, wish := range map[string]func(*pds.Edit){
		"no fixed abode":  func(e *pds.Edit) { e.Address(pds.Home).Set(pds.Address{Postcode: "ZZ99 3VZ"}) },
		"street and town": func(e *pds.Edit) { e.Address(pds.Home).SetLines(pds.AddressLines{Street: "Low Road", Town: "Leeds"}) },
		"key for lines": func(e *pds.Edit) {
			e.Address(pds.Home).Set(pds.Address{Postcode: "LS1 6AE"}).SetKeys(pds.AddressKey{Type: "PAF", Value: "12345678"})
		},
		"temp of 90 days": func(e *pds.Edit) {
			e.Address(pds.Temporary).SetPeriod(pds.Period{Start: "2026-01-01", End: "2026-04-01"})
		},
		"new temp for a new":    func(e *pds.Edit) { e.Address(pds.Home).Remove(); e.Address(pds.Home).SetLines(lines()) },
		"letters of many lands": func(e *pds.Edit) { e.Name(pds.Usual).SetFamily("Ðõž-d'Àſ. 1") },
		"interpreter only":      func(e *pds.Edit) { e.SetCommunication(pds.Communication{InterpreterRequired: true}) },
		"parts of the Isles":    func(e *pds.Edit) { e.SetBirthPlace(pds.Place{Country: "10"}) },
		"date of death":         func(e *pds.Edit) { e.SetDeath("2026-01") },
		"time of death":         func(e *pds.Edit) { e.SetDeath("2026-01-02T23:59:59+00:00") },
		"third old name":        func(e *pds.Edit) { e.AddName(pds.HumanName{Use: pds.Old, Family: "Lee"}) },
		"old email, new period": func(e *pds.Edit) { e.TelecomByID("t3").SetPeriod(pds.Period{Start: "2026-01-01"}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			edit := parse(t, full).Edit()
			wish(edit)
			patches, err := edit.Patches()
			if err != nil || len(patches) == 0 {
				t.Fatalf("got %v, %v", patches, err)
			}
			apply(t, []byte(full), patches)
		})
	}
}

// A restricted record hides where the person is, so that a change would be blind.
func TestEdit_Patches_restricted(t *testing.T) {
	t.Parallel()
	const restricted = `{"resourceType":"Patient","id":"9990000018","meta":{"versionId":"2","security":[{"code":"R"}]},"gender":"male"}`
	for field, wish := range map[string]func(*pds.Edit){
		"Address": func(e *pds.Edit) { e.Address(pds.Home).SetLines(lines()) },
		"Telecom": func(e *pds.Edit) { e.Telecom(pds.Phone, pds.Home).SetValue("1") },
		"Contact": func(e *pds.Edit) {
			e.AddContact(pds.Contact{Telecom: []pds.ContactPoint{{System: pds.Phone, Value: "1"}}})
		},
		"GeneralPractice":          func(e *pds.Edit) { e.SetGeneralPractice("A20047") },
		"NominatedPharmacy":        func(e *pds.Edit) { e.SetNominatedPharmacy("FA123") },
		"PreferredDispenser":       func(e *pds.Edit) { e.SetPreferredDispenser("FA123") },
		"MedicalApplianceSupplier": func(e *pds.Edit) { e.SetMedicalApplianceSupplier("FA123") },
		"BirthPlace":               func(e *pds.Edit) { e.SetBirthPlace(pds.Place{City: "Leeds"}) },
	} {
		edit := parse(t, restricted).Edit()
		wish(edit)
		if _, err := edit.Patches(); err == nil || err.Error() != field+" is withheld, because the record is restricted" {
			t.Errorf("%s: got %v", field, err)
		}
		edit.Allow(field)
		if _, err := edit.Patches(); err != nil {
			t.Errorf("%s allowed: got %v", field, err)
		}
	}
	edit := parse(t, restricted).Edit()
	edit.SetGender(pds.Female)
	if patches, err := edit.Patches(); err != nil || len(patches) != 1 {
		t.Errorf("got %v, %v", patches, err)
	}
}

// A death that the registrar has notified stays; another can be withdrawn.
func TestEdit_Patches_death(t *testing.T) {
	t.Parallel()
	record := func(status string) string {
		return `{"resourceType":"Patient","id":"9990000018","meta":{"versionId":"2","security":[{"code":"U"}]},"deceasedDateTime":"2025-01-02","extension":[
			{"url":"x/Extension-UKCore-DeathNotificationStatus","extension":[
				{"url":"deathNotificationStatus","valueCodeableConcept":{"coding":[{"code":"` + status + `"}]}},
				{"url":"systemEffectiveDate","valueDateTime":"2025-01-03T00:00:00+00:00"}]}]}`
	}
	formal := parse(t, record("2")).Edit()
	formal.SetDeath("2025-01-01")
	if _, err := formal.Patches(); err == nil || err.Error() != "DeathTime must stay: the death is formal\nDeathStatus must stay: the death is formal" {
		t.Errorf("got %v", err)
	}
	corrected := parse(t, record("1")).Edit()
	corrected.SetDeath("2025-01-01")
	patches, err := corrected.Patches()
	if err != nil || len(patches) != 2 {
		t.Errorf("time and status are set together: got %v, %v", patches, err)
	}
	again := parse(t, string(apply(t, []byte(record("1")), patches))).Edit()
	again.SetDeath("2024-12-31") // the status is as this package writes it
	if patches, err = again.Patches(); err != nil || len(patches) != 2 {
		t.Errorf("time and status are set together: got %v, %v", patches, err)
	}
	withdrawn := parse(t, record("U")).Edit()
	withdrawn.SetDeath("2025-01-02") // which the record holds still
	patches, err = withdrawn.Patches()
	if err != nil || len(patches) != 2 || patches[0].Op != "replace" || patches[0].Path != "/deceasedDateTime" {
		t.Errorf("time and status are set together: got %v, %v", patches, err)
	}
	same := parse(t, record("1")).Edit()
	same.SetDeath("2025-01-02")
	if patches, err = same.Patches(); err != nil || len(patches) != 0 {
		t.Errorf("the same again: got %v, %v", patches, err)
	}
}
